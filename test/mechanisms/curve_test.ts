// CURVE by itself. With all chance fixed, both ends say what WIRE 14.2 has, to the
// byte; a peer by hand then does each thing wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyWords } from "../../src/crypto/salsa20.ts";
import {
  secretbox,
  secretboxOpen,
  sharedKey,
} from "../../src/crypto/secretbox.ts";
import { x25519 } from "../../src/crypto/x25519.ts";
import type { Cipher } from "../../src/mechanisms/cipher.ts";
import { bareFlags, headLength } from "../../src/base/frame.ts";
import { FrameRow } from "../../src/mechanisms/frame_row.ts";
import { CurveClient, CurveServer } from "../../src/mechanisms/curve.ts";
import { CookieKey, type CurveKeys } from "../../src/mechanisms/curve_keys.ts";
import {
  FAILED,
  type Mechanism,
  READY,
  refusal,
  SHAKING,
  WAITING,
} from "../../src/mechanisms/mechanism.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { frame } from "../support/zmtp.ts";

const SERVER: CurveKeys = {
  publicKey: bytes(
    "54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652",
  ),
  secretKey: bytes(
    "8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7",
  ),
};
const CLIENT: CurveKeys = {
  publicKey: bytes(
    "bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518",
  ),
  secretKey: bytes(
    "7bb864b489afa3671fbe69101f94b38972f24816dfb01b51656b3fec8dfd0888",
  ),
};
const DEALER = bytes(
  '0b "Socket-Type" 00000006 "DEALER" 08 "Identity" 00000000',
);
const ROUTER = bytes(
  '0b "Socket-Type" 00000006 "ROUTER" 08 "Identity" 00000000',
);

/** Bytes that follow one another. */
const row = (from: number, length: number) =>
  Uint8Array.from({ length }, (_, i) => from + i);

/** Chance that gives what was written down, in this order. */
function chance(...given: Uint8Array[]): (into: Uint8Array) => void {
  return (into) => {
    const next = given.shift();
    assert.equal(next?.length, into.length, "so much chance is asked for");
    into.set(next!);
  };
}

/** Chance that never gives the same bytes twice. */
function ever(): (into: Uint8Array) => void {
  let at = 0;
  return (into) => {
    for (let i = 0; i < into.length; i++) into[i] = at++ * 7 + (at >> 8);
  };
}

const tools = (entropy: (into: Uint8Array) => void) => ({ x25519, entropy });
const COOKIE_KEY = () => new CookieKey(chance(row(0x81, 32)));

const fixedClient = () =>
  new CurveClient(
    DEALER,
    CLIENT,
    SERVER.publicKey,
    tools(chance(row(1, 32), row(0xc1, 16))),
  );

const fixedServer = () =>
  new CurveServer(
    ROUTER,
    SERVER,
    COOKIE_KEY(),
    true,
    tools(chance(row(0x41, 32), row(0xa1, 16), row(0xb1, 16))),
  );

const HELLO = bytes(
  `05 "HELLO" 0100 00x72
  07a37cbc142093c8b755dc1b10e86cb426374ad16aa853ed0bdfc0b2b86d1c7c
  0000000000000001
  6e3f26f72fe2f05db20de7881ee6a08fc432afe73b138226f5930879c93bdd4d
  8586425a3a8d6bc5d83598a3017e0f1792ff0381360d168b6fe1c5e0bb752b0d
  365e13ea8e8a29ce1c5052c8c63eced7`,
);
const WELCOME = bytes(
  `07 "WELCOME" b1b2b3b4b5b6b7b8b9babbbcbdbebfc0
  a11fdc2507c4dee6046ed4deb19bf755b0a244a320365bc6d9ac7ad6141e1482
  aa2eb2fb6821a76ffb6b78a1b8aad167a2d7632409df66de782d44954f2d029f
  9f365e03657816b4c654265ec176d1c380abef693f8a55591bb73287d9e5bc75
  3569aed13e6c80814924bcef55b19e69dabcd3a2a754e65b1bae9c334444e3e0
  54d7121de218526b405afdebd6f319e9`,
);
const INITIATE = bytes(
  `08 "INITIATE"
  a1a2a3a4a5a6a7a8a9aaabacadaeafb0
  c403d23c075b0848846c63a6298c4e3a5223c537c799192a039a57f041507a28
  b2b6b16bc0d09984da460bd5cdccee681c4e7ce6f505b381e073af784e64dc5d
  3bc97b9512e05dbd407c54e43483ef57
  0000000000000002
  150c15fea3fc2302830928a6d319b88233fba2025be4adf4e9d3393af047e1cc
  09764999fadd9a7947d6072afd70aadec2af091c257bff5a5e1e7eed4dce72ea
  1dcaa29f4aa1a36e4e94653ac262538fbc4053e2a281159f37c01b9efd566a1a
  6f9de5f53aaa6ce136bbcf906c44eef5dfb92cc12483672c87fec1b39f222e59
  f504076973a7847857d4086c7be0af135e69c65453441533fb751b677078fd47
  88aa1f94755af5705b685d87b0394c6a742ba2`,
);
const READY_BODY = bytes(
  `05 "READY" 0000000000000001
  2450a78446dbad394223be160b1975ec3640a43d786df14c220c19eaecebb04d
  fd06b2102d46b6f1ad34737281c2a21bbec4e8`,
);

test("CURVE: each command is that of the published handshake, to the byte", () => {
  const client = fixedClient();
  const server = fixedServer();
  const hello = client.next()!;
  assert.equal(hex(hello), hex(HELLO));
  server.receive(hello);
  const welcome = server.next()!;
  assert.equal(hex(welcome), hex(WELCOME));
  client.receive(welcome);
  const initiate = client.next()!;
  assert.equal(hex(initiate), hex(INITIATE));
  server.receive(initiate);
  assert.equal(server.state, WAITING);
  assert.equal(hex(server.credentials!.publicKey!), hex(CLIENT.publicKey));
  assert.equal(server.next(), null);
  server.decide(null);
  assert.equal(server.state, READY);
  assert.equal(hex(server.properties), hex(DEALER));
  const ready = server.next()!;
  assert.equal(hex(ready), hex(READY_BODY));
  client.receive(ready);
  assert.equal(client.state, READY);
  assert.equal(hex(client.properties), hex(ROUTER));

  const there = client.cipher!.hide(frame(0, "hello"));
  assert.equal(
    hex(there),
    hex(bytes(
      `0026 07 "MESSAGE" 0000000000000003
      776259ecf3511271348a7516c03371fc57d8099b127a`,
    )),
  );
  const back = server.cipher!.hide(frame(1, "wor"));
  assert.equal(
    hex(back),
    hex(bytes(
      `0024 07 "MESSAGE" 0000000000000002
      55f1619abca08a7e8058d48fd62916e289214cd0`,
    )),
  );
  const ping = client.cipher!.hide(frame(4, bytes('04 "PING" 0000')));
  assert.equal(
    hex(ping),
    hex(bytes(
      `0028 07 "MESSAGE" 0000000000000004
      24c2112d2f62f46e298e00d4ef1d32a3599f114ce3afc118`,
    )),
  );
  assert.equal(shown(server.cipher!, there.subarray(2)), `00 ${word("hello")}`);
  assert.equal(shown(client.cipher!, back.subarray(2)), `01 ${word("wor")}`);
  assert.equal(
    shown(server.cipher!, ping.subarray(2)),
    `02 ${hex(bytes('04 "PING" 0000'))}`,
  );
});

const word = (text: string) => hex(new TextEncoder().encode(text));

/** What a MESSAGE hides, flags and body, or the code of its fault. */
function shown(cipher: Cipher, message: Uint8Array): string {
  const row = new FrameRow(0);
  const fault = cipher.show(message, 0, message.length, row);
  if (fault !== null) return fault.code;
  const bare = bareFlags(row.bytes[0]);
  const body = row.written.subarray(headLength(row.bytes, 0));
  return `${hex(Uint8Array.of(bare))} ${hex(body)}`;
}

/** Bytes with one of them changed. */
function spoilt(body: Uint8Array, at: number): Uint8Array {
  const other = body.slice();
  other[at] ^= 1;
  return other;
}

const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";
const MALFORMED = "ERR_ZMTP_MALFORMED_COMMAND";

function endsWith(
  mechanism: Mechanism,
  before: readonly Uint8Array[],
  command: Uint8Array,
  code: string,
): void {
  for (const one of before) {
    mechanism.receive(one);
    mechanism.next();
  }
  assert.equal(mechanism.state, SHAKING);
  mechanism.receive(command);
  assert.equal(mechanism.state, FAILED);
  assert.equal(mechanism.fault?.code, code);
  assert.equal(mechanism.cipher, null);
}

const AT_A_SERVER: Record<string, [Uint8Array[], Uint8Array, string]> = {
  "INITIATE first": [[], INITIATE, UNEXPECTED],
  "HELLO twice": [[HELLO], HELLO, UNEXPECTED],
  "READY": [[HELLO], READY_BODY, UNEXPECTED],
  "WELCOME": [[], WELCOME, UNEXPECTED],
  "ERROR, which is a server's to say": [
    [],
    bytes('05 "ERROR" 03 "400"'),
    UNEXPECTED,
  ],
  "MESSAGE instead of INITIATE": [
    [HELLO],
    bytes('07 "MESSAGE" 00x40'),
    UNEXPECTED,
  ],
  "an empty command": [[], bytes(""), `${MALFORMED}_UNSPECIFIED`],
  "a name past the end": [[], bytes('09 "HELLO"'), `${MALFORMED}_UNSPECIFIED`],
  "HELLO that is a byte short": [
    [],
    HELLO.subarray(0, 199),
    `${MALFORMED}_HELLO`,
  ],
  "HELLO that is a byte long": [
    [],
    concat(HELLO, bytes("00")),
    `${MALFORMED}_HELLO`,
  ],
  "HELLO of version 2.0": [
    [],
    concat(HELLO.subarray(0, 6), bytes("02"), HELLO.subarray(7)),
    `${MALFORMED}_HELLO`,
  ],
  "HELLO of version 1.1": [[], spoilt(HELLO, 7), `${MALFORMED}_HELLO`],
  "HELLO whose box is altered": [[], spoilt(HELLO, 199), CRYPTOGRAPHIC],
  "HELLO whose nonce is altered": [[], spoilt(HELLO, 119), CRYPTOGRAPHIC],
  "HELLO whose key is altered": [[], spoilt(HELLO, 80), CRYPTOGRAPHIC],
  "HELLO whose key is no point": [
    [],
    concat(HELLO.subarray(0, 80), new Uint8Array(32), HELLO.subarray(112)),
    CRYPTOGRAPHIC,
  ],
  "INITIATE that is too short": [
    [HELLO],
    INITIATE.subarray(0, 256),
    `${MALFORMED}_INITIATE`,
  ],
  "INITIATE whose cookie is altered": [
    [HELLO],
    spoilt(INITIATE, 60),
    CRYPTOGRAPHIC,
  ],
  "INITIATE with the nonce of another cookie": [
    [HELLO],
    spoilt(INITIATE, 9),
    CRYPTOGRAPHIC,
  ],
  "INITIATE whose box is altered": [
    [HELLO],
    spoilt(INITIATE, INITIATE.length - 1),
    CRYPTOGRAPHIC,
  ],
  "INITIATE whose nonce is altered": [
    [HELLO],
    spoilt(INITIATE, 112),
    CRYPTOGRAPHIC,
  ],
};

for (const [what, [before, command, code]] of Object.entries(AT_A_SERVER)) {
  test(`CURVE: a server that hears ${what} ends with ${code}`, () =>
    endsWith(fixedServer(), before, command, code));
}

const AT_A_CLIENT: Record<string, [Uint8Array[], Uint8Array, string]> = {
  "READY before WELCOME": [[], READY_BODY, UNEXPECTED],
  "WELCOME twice": [[WELCOME], WELCOME, UNEXPECTED],
  "HELLO of another client": [[], HELLO, UNEXPECTED],
  "WELCOME that is a byte short": [
    [],
    WELCOME.subarray(0, 167),
    `${MALFORMED}_WELCOME`,
  ],
  "WELCOME that is a byte long": [
    [],
    concat(WELCOME, bytes("00")),
    `${MALFORMED}_WELCOME`,
  ],
  "WELCOME whose box is altered": [[], spoilt(WELCOME, 167), CRYPTOGRAPHIC],
  "WELCOME whose nonce is altered": [[], spoilt(WELCOME, 8), CRYPTOGRAPHIC],
  "READY that is too short": [
    [WELCOME],
    READY_BODY.subarray(0, 29),
    `${MALFORMED}_READY`,
  ],
  "READY whose box is altered": [
    [WELCOME],
    spoilt(READY_BODY, 40),
    CRYPTOGRAPHIC,
  ],
  "READY whose nonce is altered": [
    [WELCOME],
    spoilt(READY_BODY, 13),
    CRYPTOGRAPHIC,
  ],
  "ERROR 400": [[WELCOME], bytes('05 "ERROR" 03 "400"'), "ERR_ZAP_STATUS_400"],
  "ERROR with another reason": [
    [],
    bytes('05 "ERROR" 02 "no"'),
    "ECONNREFUSED",
  ],
  "ERROR without its reason": [
    [WELCOME],
    bytes('05 "ERROR" 05'),
    `${MALFORMED}_ERROR`,
  ],
};

for (const [what, [before, command, code]] of Object.entries(AT_A_CLIENT)) {
  test(`CURVE: a client that hears ${what} ends with ${code}`, () =>
    endsWith(fixedClient(), before, command, code));
}

test("CURVE: a server refuses with ERROR, and says nothing of 300", () => {
  for (const status of ["300", "400", "500"]) {
    const server = fixedServer();
    server.receive(HELLO);
    server.next();
    server.receive(INITIATE);
    server.decide(refusal(status));
    assert.equal(server.state, FAILED);
    assert.equal(server.cipher, null);
    const said = server.next();
    if (status === "300") assert.equal(said, null);
    else assert.equal(hex(said!), hex(bytes(`05 "ERROR" 03 "${status}"`)));
  }
});

test("CURVE: traffic before the decision is an offence, and the decision changes nothing", () => {
  const server = fixedServer();
  server.receive(HELLO);
  server.next();
  server.receive(INITIATE);
  server.receive(INITIATE);
  assert.equal(server.fault?.code, "ERR_ZMTP_UNSPECIFIED");
  server.decide(null);
  assert.equal(server.state, FAILED);
  assert.equal(server.next(), null);
});

test("CURVE: a handshake that was overheard can't be played again to the same listener", () => {
  const cookieKey = COOKIE_KEY();
  const listener = () =>
    new CurveServer(ROUTER, SERVER, cookieKey, true, tools(entropy));
  const entropy = ever();
  const client = new CurveClient(DEALER, CLIENT, SERVER.publicKey, {
    x25519,
    entropy: ever(),
  });
  const hello = client.next()!;
  const first = listener();
  first.receive(hello);
  client.receive(first.next()!);
  const initiate = client.next()!;
  first.receive(initiate);
  assert.equal(first.state, WAITING);
  const second = listener();
  second.receive(hello);
  assert.notEqual(second.next(), null);
  second.receive(initiate);
  assert.equal(second.fault?.code, CRYPTOGRAPHIC);
});

// A client by hand, which knows its keys and says what it likes.

const CONNECTION_SECRET = row(1, 32);
const CONNECTION_PUBLIC = x25519Of(CONNECTION_SECRET);
const SERVERS = bytes(
  "64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d48466",
);

function x25519Of(secret: Uint8Array): Uint8Array {
  return x25519(secret, concat(bytes("09"), new Uint8Array(31)));
}

const shared = (secret: Uint8Array, point: Uint8Array) =>
  sharedKey(x25519(secret, point));

const nonceOf = (prefix: string, rest: Uint8Array) =>
  concat(new TextEncoder().encode(prefix), rest);

/** An INITIATE whose vouch says this, made with the secret of this long-term key. */
function initiate(
  vouched: Uint8Array,
  keys: CurveKeys,
  said: Uint8Array = keys.publicKey,
): Uint8Array {
  const long = row(0xc1, 16);
  const vouch = secretbox(
    vouched,
    nonceOf("VOUCH---", long),
    shared(keys.secretKey, SERVERS),
  );
  const nonce = bytes("0000000000000002");
  const box = secretbox(
    concat(said, long, vouch, DEALER),
    nonceOf("CurveZMQINITIATE", nonce),
    shared(CONNECTION_SECRET, SERVERS),
  );
  return concat(INITIATE.subarray(0, 105), nonce, box);
}

test("CURVE: the client by hand that these tests have is a sound one", () => {
  const said = initiate(concat(CONNECTION_PUBLIC, SERVER.publicKey), CLIENT);
  assert.equal(hex(said), hex(INITIATE));
});

const OTHER: CurveKeys = {
  secretKey: row(7, 32),
  publicKey: x25519Of(row(7, 32)),
};

test("CURVE: a vouch for another connection, or another server, is an exchange of keys", () => {
  for (
    const vouched of [
      concat(OTHER.publicKey, SERVER.publicKey),
      concat(CONNECTION_PUBLIC, OTHER.publicKey),
    ]
  ) {
    endsWith(
      fixedServer(),
      [HELLO],
      initiate(vouched, CLIENT),
      "ERR_ZMTP_KEY_EXCHANGE",
    );
  }
});

test("CURVE: who says a long-term key whose secret it has not is not believed", () => {
  const vouched = concat(CONNECTION_PUBLIC, SERVER.publicKey);
  endsWith(
    fixedServer(),
    [HELLO],
    initiate(vouched, OTHER, CLIENT.publicKey),
    CRYPTOGRAPHIC,
  );
  endsWith(
    fixedServer(),
    [HELLO],
    initiate(vouched, CLIENT, new Uint8Array(32)),
    CRYPTOGRAPHIC,
  );
});

test("CURVE: a HELLO that hides no zeros is for nobody", () => {
  const nonce = bytes("0000000000000001");
  const box = secretbox(
    new Uint8Array(64).fill(1),
    nonceOf("CurveZMQHELLO---", nonce),
    shared(CONNECTION_SECRET, SERVER.publicKey),
  );
  endsWith(
    fixedServer(),
    [],
    concat(HELLO.subarray(0, 120), box),
    CRYPTOGRAPHIC,
  );
});

test("CURVE: a cookie holds nothing but the two keys, under the listener's key", () => {
  const welcome = secretboxOpen(
    WELCOME.subarray(24),
    nonceOf("WELCOME-", WELCOME.subarray(8, 24)),
    shared(CONNECTION_SECRET, SERVER.publicKey),
  )!;
  assert.equal(hex(welcome.subarray(0, 32)), hex(SERVERS));
  const cookie = welcome.subarray(32);
  const kept = secretboxOpen(
    cookie.subarray(16),
    nonceOf("COOKIE--", cookie.subarray(0, 16)),
    keyWords(row(0x81, 32)),
  )!;
  assert.equal(hex(kept), hex(concat(CONNECTION_PUBLIC, row(0x41, 32))));
});

// Traffic.

/** Both ends of a connection, shaken hands. */
function joined(): [client: Cipher, server: Cipher] {
  const client = fixedClient();
  const server = fixedServer();
  server.receive(client.next()!);
  client.receive(server.next()!);
  server.receive(client.next()!);
  server.decide(null);
  client.receive(server.next()!);
  return [client.cipher!, server.cipher!];
}

test("CURVE: gaps between nonces are fine, a nonce again or a lower one is not", () => {
  const [client, server] = joined();
  const said = ["a", "b", "c", "d"].map((text) =>
    client.hide(frame(0, text)).subarray(2)
  );
  assert.equal(shown(server, said[0]), `00 ${word("a")}`);
  assert.equal(shown(server, said[2]), `00 ${word("c")}`);
  for (const again of [said[2], said[1], said[0]]) {
    assert.equal(shown(server, again), "ERR_ZMTP_INVALID_SEQUENCE");
  }
  assert.equal(shown(server, said[3]), `00 ${word("d")}`);
});

test("CURVE: a message of the other direction is not taken for one's own", () => {
  const [client, server] = joined();
  server.hide(frame(0, "first"));
  const own = server.hide(frame(0, "second")).subarray(2);
  assert.equal(shown(server, own), CRYPTOGRAPHIC);
  assert.equal(shown(client, own), `00 ${word("second")}`);
});

test("CURVE: a MESSAGE with any bit altered is not shown", () => {
  const [client, server] = joined();
  const message = client.hide(frame(0, "secret")).subarray(2);
  for (let at = 8; at < message.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const other = message.slice();
      other[at] ^= 1 << bit;
      const [, fresh] = joined();
      assert.match(
        shown(fresh, other),
        /^ERR_ZMTP_(?:CRYPTOGRAPHIC|INVALID_SEQUENCE)$/,
        `byte ${at}, bit ${bit}`,
      );
      if (at > 16) break;
    }
  }
  assert.equal(shown(server, message), `00 ${word("secret")}`);
});

test("CURVE: traffic that is no MESSAGE, or a short one, has its own code", () => {
  for (
    const [body, code] of [
      ["", `${MALFORMED}_UNSPECIFIED`],
      ["09", `${MALFORMED}_UNSPECIFIED`],
      ['68 "ello"', `${MALFORMED}_UNSPECIFIED`],
      ['04 "PING" 0000', UNEXPECTED],
      ['07 "MESSAGE"', `${MALFORMED}_MESSAGE`],
      ['07 "MESSAGE" 00x24', `${MALFORMED}_MESSAGE`],
      ['07 "MESSAGE" 00x25', "ERR_ZMTP_INVALID_SEQUENCE"],
      ['07 "MESSAGE" ffx25', "ERR_ZMTP_INVALID_SEQUENCE"],
      ['07 "MESSAGE" 0000000000000009 00x17', CRYPTOGRAPHIC],
    ]
  ) {
    const [, server] = joined();
    assert.equal(shown(server, bytes(body)), code, body);
  }
});
