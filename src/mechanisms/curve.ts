// CURVE (RFC 26): both ends have long-term keys, and make others for each
// connection, so that what was hidden stays so when long-term keys are lost.
//
//   client  HELLO C' ──>                    ──> INITIATE cookie, C, vouch, properties
//   server             WELCOME S', cookie <──           (decided) READY properties <──
//
// A server that has said WELCOME keeps nothing of the client but the cookie's
// nonce: all else comes back in the cookie, which only it can open.

import { concat, sameBytes } from "../base/bytes.ts";
import { readUint32 } from "../base/frame.ts";
import { encodeText } from "../base/utf8.ts";
import {
  secretbox,
  secretboxOpen,
  sharedKey,
  streamKey,
} from "../crypto/secretbox.ts";
import { BaseMechanism } from "./base.ts";
import { Cipher } from "./cipher.ts";
import {
  type CookieKey,
  type CurveKeys,
  type CurveTools,
  KEY,
  publicOf,
} from "./curve_keys.ts";

const HELLO_BYTES = 200;
const WELCOME_BYTES = 168;
const LEAST_INITIATE = 257;
const LEAST_READY = 30;
const COOKIE = 96;
const VOUCH = 96;
const LONG_NONCE = 16;

export class CurveClient extends BaseMechanism {
  readonly name = "CURVE";
  readonly #tools: CurveTools;
  readonly #keys: CurveKeys;
  readonly #serverKey: Uint8Array;
  readonly #properties: Uint8Array;
  readonly #secret: Uint8Array;
  readonly #public: Uint8Array;
  /** With the server's long-term key; null if that is of no use. */
  readonly #helloKey: Int32Array | null;
  /** With the server's key of this connection; null before WELCOME. */
  #key: Int32Array | null = null;

  /** `properties` are our own, encoded. */
  constructor(
    properties: Uint8Array,
    keys: CurveKeys,
    serverKey: Uint8Array,
    tools: CurveTools,
  ) {
    super();
    this.#properties = properties;
    this.#keys = keys;
    this.#serverKey = serverKey;
    this.#tools = tools;
    this.#secret = random(tools, KEY);
    this.#public = publicOf(tools, this.#secret);
    const nonce = shortNonce("CurveZMQHELLO---", 1);
    const key = this.#helloKey = agree(tools, this.#secret, serverKey);
    const hello = new Uint8Array(HELLO_BYTES);
    hello.set(encodeText("\x05HELLO\x01\x00"));
    hello.set(this.#public, 80);
    hello.set(nonce.subarray(16), 112);
    if (key !== null) hello.set(secretbox(new Uint8Array(64), nonce, key), 120);
    this.word = hello;
  }

  protected override take(name: string, body: Uint8Array, data: number): void {
    if (name === "WELCOME" && this.#key === null) this.#welcome(body);
    else if (name === "READY" && this.#key !== null) {
      this.#takeReady(body, data);
    } else this.unexpected("a server of CURVE says WELCOME, then READY");
  }

  override wipe(): void {
    this.#secret.fill(0);
    this.#helloKey?.fill(0);
    this.#key?.fill(0);
    super.wipe();
  }

  #welcome(body: Uint8Array): void {
    if (body.length !== WELCOME_BYTES) {
      this.fail(
        "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
        `a WELCOME of CURVE has ${WELCOME_BYTES} bytes`,
      );
      return;
    }
    const key = this.#helloKey;
    const nonce = longNonce("WELCOME-", body.subarray(8, 24));
    const plain = key && secretboxOpen(body.subarray(24), nonce, key);
    const connection = plain &&
      agree(this.#tools, this.#secret, plain.subarray(0, KEY));
    if (!plain || !connection) {
      this.fail(
        "ERR_ZMTP_CRYPTOGRAPHIC",
        "the WELCOME is not of the server that was asked for",
      );
      return;
    }
    key?.fill(0);
    this.#key = connection;
    this.word = this.#initiate(plain, connection);
    if (this.word === null) {
      this.fail("ERR_ZMTP_KEY_EXCHANGE", "the server's key is of no use");
    }
  }

  #initiate(welcome: Uint8Array, key: Int32Array): Uint8Array | null {
    const { publicKey, secretKey } = this.#keys;
    const vouchKey = agree(this.#tools, secretKey, welcome.subarray(0, KEY));
    if (vouchKey === null) return null;
    const long = random(this.#tools, LONG_NONCE);
    const vouched = new Uint8Array(2 * KEY);
    vouched.set(this.#public);
    vouched.set(this.#serverKey, KEY);
    const plain = new Uint8Array(KEY + VOUCH + this.#properties.length);
    plain.set(publicKey);
    plain.set(long, KEY);
    plain.set(
      secretbox(vouched, longNonce("VOUCH---", long), vouchKey),
      KEY + LONG_NONCE,
    );
    vouchKey.fill(0);
    plain.set(this.#properties, KEY + VOUCH);
    const nonce = shortNonce("CurveZMQINITIATE", 2);
    const box = secretbox(plain, nonce, key);
    const body = new Uint8Array(113 + box.length);
    body.set(encodeText("\x08INITIATE"));
    body.set(welcome.subarray(KEY, KEY + COOKIE), 9);
    body.set(nonce.subarray(16), 105);
    body.set(box, 113);
    return body;
  }

  #takeReady(body: Uint8Array, data: number): void {
    if (body.length < LEAST_READY) {
      this.fail(
        "ERR_ZMTP_MALFORMED_COMMAND_READY",
        `a READY of CURVE has at least ${LEAST_READY} bytes`,
      );
      return;
    }
    const nonce = prefixed("CurveZMQREADY---", body.subarray(data, data + 8));
    const plain = secretboxOpen(body.subarray(data + 8), nonce, this.#key!);
    if (plain === null) {
      this.fail(
        "ERR_ZMTP_CRYPTOGRAPHIC",
        "the READY was not made with the key of this connection",
      );
      return;
    }
    this.properties = plain;
    this.cipher = cipherOf(this.#key!, "C", "S", 2, counterAt(body, data));
    this.#secret.fill(0);
    this.#key!.fill(0);
    this.ready();
  }
}

export class CurveServer extends BaseMechanism {
  readonly name = "CURVE";
  protected override readonly serves = true;
  readonly #tools: CurveTools;
  readonly #keys: CurveKeys;
  readonly #cookieKey: CookieKey;
  readonly #properties: Uint8Array;
  readonly #asks: boolean;
  /** Of the cookie that this connection was given. */
  #cookieNonce: Uint8Array | null = null;
  #key: Int32Array | null = null;
  #heard = 0;

  constructor(
    properties: Uint8Array,
    keys: CurveKeys,
    cookieKey: CookieKey,
    asks: boolean,
    tools: CurveTools,
  ) {
    super();
    this.#properties = properties;
    this.#keys = keys;
    this.#cookieKey = cookieKey;
    this.#asks = asks;
    this.#tools = tools;
  }

  override wipe(): void {
    this.#key?.fill(0);
    super.wipe();
  }

  protected override take(name: string, body: Uint8Array): void {
    if (name === "HELLO" && this.#cookieNonce === null) this.#hello(body);
    else if (name === "INITIATE" && this.#cookieNonce !== null) {
      this.#initiate(body, this.#cookieNonce);
    } else this.unexpected("a client of CURVE says HELLO, then INITIATE");
  }

  protected override admitted(): void {
    const nonce = shortNonce("CurveZMQREADY---", 1);
    const box = secretbox(this.#properties, nonce, this.#key!);
    const body = new Uint8Array(14 + box.length);
    body.set(encodeText("\x05READY"));
    body.set(nonce.subarray(16), 6);
    body.set(box, 14);
    this.word = body;
    this.cipher = cipherOf(this.#key!, "S", "C", 1, this.#heard);
    this.#key!.fill(0);
    this.ready();
  }

  #hello(body: Uint8Array): void {
    if (body.length !== HELLO_BYTES || body[6] !== 1 || body[7] !== 0) {
      this.fail(
        "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
        `a HELLO of CURVE 1.0 has ${HELLO_BYTES} bytes`,
      );
      return;
    }
    const client = body.subarray(80, 112);
    const key = agree(this.#tools, this.#keys.secretKey, client);
    const nonce = prefixed("CurveZMQHELLO---", body.subarray(112, 120));
    const plain = key && secretboxOpen(body.subarray(120), nonce, key);
    if (!plain || !key || plain.some((byte) => byte !== 0)) {
      key?.fill(0);
      this.#notOurs("the HELLO is for the key of another server");
      return;
    }
    const secret = random(this.#tools, KEY);
    const kept = new Uint8Array(2 * KEY);
    kept.set(client);
    kept.set(secret, KEY);
    const cookieNonce = random(this.#tools, LONG_NONCE);
    const cookie = secretbox(
      kept,
      longNonce("COOKIE--", cookieNonce),
      this.#cookieKey.words,
    );
    const given = new Uint8Array(KEY + COOKIE);
    given.set(publicOf(this.#tools, secret));
    given.set(cookieNonce, KEY);
    given.set(cookie, KEY + LONG_NONCE);
    secret.fill(0);
    kept.fill(0);
    const long = random(this.#tools, LONG_NONCE);
    const welcome = new Uint8Array(WELCOME_BYTES);
    welcome.set(encodeText("\x07WELCOME"));
    welcome.set(long, 8);
    welcome.set(secretbox(given, longNonce("WELCOME-", long), key), 24);
    key.fill(0);
    this.#cookieNonce = cookieNonce;
    this.word = welcome;
  }

  #initiate(body: Uint8Array, cookieNonce: Uint8Array): void {
    if (body.length < LEAST_INITIATE) {
      this.fail(
        "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
        `an INITIATE of CURVE has at least ${LEAST_INITIATE} bytes`,
      );
      return;
    }
    const nonce = body.subarray(9, 25);
    const kept = sameBytes(nonce, cookieNonce)
      ? secretboxOpen(
        body.subarray(25, 105),
        longNonce("COOKIE--", nonce),
        this.#cookieKey.words,
      )
      : null;
    if (kept === null) {
      this.#notOurs("the cookie is not the one that this connection was given");
      return;
    }
    const client = kept.slice(0, KEY);
    const secret = kept.subarray(KEY);
    const key = agree(this.#tools, secret, client);
    const plain = key && secretboxOpen(
      body.subarray(113),
      prefixed("CurveZMQINITIATE", body.subarray(105, 113)),
      key,
    );
    const longTerm = plain?.slice(0, KEY) ?? null;
    const vouchKey = longTerm && agree(this.#tools, secret, longTerm);
    const vouched = plain && vouchKey && secretboxOpen(
      plain.subarray(KEY + LONG_NONCE, KEY + VOUCH),
      longNonce("VOUCH---", plain.subarray(KEY, KEY + LONG_NONCE)),
      vouchKey,
    );
    kept.fill(0);
    vouchKey?.fill(0);
    this.#key = key;
    if (!plain || !key || !vouched || !longTerm) {
      this.#notOurs("a box of the INITIATE doesn't open");
      return;
    }
    const honest = sameBytes(vouched.subarray(0, KEY), client) &&
      sameBytes(vouched.subarray(KEY), this.#keys.publicKey);
    if (!honest) {
      this.fail(
        "ERR_ZMTP_KEY_EXCHANGE",
        "the vouch is for another connection or server",
      );
      return;
    }
    this.properties = plain.slice(KEY + VOUCH);
    this.#heard = counterAt(body, 105);
    this.ask({
      mechanism: "CURVE",
      username: null,
      password: null,
      publicKey: longTerm,
    }, this.#asks);
  }

  #notOurs(rule: string): void {
    this.fail("ERR_ZMTP_CRYPTOGRAPHIC", rule);
  }
}

/** The key that two ends share; `null` if a point is of no use. */
function agree(
  tools: CurveTools,
  secret: Uint8Array,
  point: Uint8Array,
): Int32Array | null {
  let shared: Uint8Array;
  try {
    shared = tools.x25519(secret, point);
  } catch {
    return null;
  }
  let any = 0;
  for (const byte of shared) any |= byte;
  if (any === 0) return null;
  const key = sharedKey(shared);
  shared.fill(0);
  return key;
}

function cipherOf(
  key: Int32Array,
  ours: "C" | "S",
  theirs: "C" | "S",
  sent: number,
  heard: number,
): Cipher {
  const prefix = (end: string) => encodeText(`CurveZMQMESSAGE${end}`);
  return new Cipher(
    streamKey(key, prefix(ours)),
    streamKey(key, prefix(theirs)),
    sent,
    heard,
  );
}

function random(tools: CurveTools, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  tools.entropy(bytes);
  return bytes;
}

function counterAt(body: Uint8Array, at: number): number {
  return readUint32(body, at) * 4294967296 + readUint32(body, at + 4);
}

function shortNonce(prefix: string, counter: number): Uint8Array {
  return prefixed(prefix, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, counter));
}

function longNonce(prefix: string, random: Uint8Array): Uint8Array {
  return prefixed(prefix, random);
}

function prefixed(prefix: string, rest: Uint8Array): Uint8Array {
  return concat(encodeText(prefix), rest);
}
