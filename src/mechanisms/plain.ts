// PLAIN (RFC 24, RFC 37): a name and a password in clear.
//
//   client  HELLO name password ──>          ──> INITIATE properties
//   server          (decided) WELCOME <──                   READY properties <──

import { commandBody } from "../base/command.ts";
import { EMPTY } from "../base/message.ts";
import { encodeText, latin1 } from "../base/utf8.ts";
import { BaseMechanism } from "./base.ts";
import { errorFault } from "./mechanism.ts";

/** The length that libzmq writes in front of the rest of "ERROR", by a slip. */
const SLIP = 0x5e;
const SLIPPED = "RROR";

export class PlainClient extends BaseMechanism {
  readonly name = "PLAIN";
  readonly #initiate: Uint8Array;
  #welcome = false;

  constructor(properties: Uint8Array, username: string, password: string) {
    super();
    this.#initiate = commandBody("INITIATE", properties);
    const name = encodeText(username);
    const secret = encodeText(password);
    const data = new Uint8Array(2 + name.length + secret.length);
    data[0] = name.length;
    data.set(name, 1);
    data[1 + name.length] = secret.length;
    data.set(secret, 2 + name.length);
    this.word = commandBody("HELLO", data);
  }

  override receive(body: Uint8Array): void {
    // A server of libzmq says ERROR so.
    if (
      body[0] === SLIP && latin1(body, 1, Math.min(5, body.length)) === SLIPPED
    ) {
      this.endWith(errorFault(body, 1 + SLIPPED.length));
    } else super.receive(body);
  }

  protected override take(name: string, body: Uint8Array, data: number): void {
    if (name === "WELCOME" && !this.#welcome) {
      if (data !== body.length) {
        this.fail(
          "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
          "a WELCOME of PLAIN is empty",
        );
        return;
      }
      this.#welcome = true;
      this.word = this.#initiate;
    } else if (name === "READY" && this.#welcome) {
      this.properties = body.slice(data);
      this.ready();
    } else {
      this.unexpected("a server of PLAIN says WELCOME, then READY");
    }
  }
}

export class PlainServer extends BaseMechanism {
  readonly name = "PLAIN";
  protected override readonly serves = true;
  readonly #ready: Uint8Array;
  readonly #asks: boolean;
  #hello = false;

  constructor(properties: Uint8Array, asks: boolean) {
    super();
    this.#ready = commandBody("READY", properties);
    this.#asks = asks;
  }

  protected override take(name: string, body: Uint8Array, data: number): void {
    if (name === "HELLO" && !this.#hello) {
      this.#hello = true;
      this.#takeHello(body, data);
    } else if (name === "INITIATE" && this.#hello) {
      this.properties = body.slice(data);
      this.word = this.#ready;
      this.ready();
    } else {
      this.unexpected("a client of PLAIN says HELLO, then INITIATE");
    }
  }

  protected override admitted(): void {
    this.word = commandBody("WELCOME", EMPTY);
  }

  /** Clients of libzmq understand only the slip. */
  protected override errorOf(status: string): Uint8Array {
    const word = super.errorOf(status).subarray(1);
    word[0] = SLIP;
    return word;
  }

  #takeHello(body: Uint8Array, data: number): void {
    const nameEnd = data < body.length ? data + 1 + body[data] : Infinity;
    const end = nameEnd < body.length ? nameEnd + 1 + body[nameEnd] : Infinity;
    if (end !== body.length) {
      this.fail(
        "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
        "a HELLO of PLAIN is a name and a password, and ends with it",
      );
      return;
    }
    this.ask({
      mechanism: "PLAIN",
      username: latin1(body, data + 1, nameEnd),
      password: latin1(body, nameEnd + 1, end),
      publicKey: null,
    }, this.#asks);
  }
}
