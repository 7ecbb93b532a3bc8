// NULL (RFC 37): no security. Each side says READY with its properties; neither
// waits for the other to begin, and traffic flows once both have been heard. Where
// somebody decides about addresses, READY waits for that.

import { commandBody } from "../base/command.ts";
import { BaseMechanism } from "./base.ts";
import { SHAKING, WAITING } from "./mechanism.ts";

export class NullMechanism extends BaseMechanism {
  readonly name = "NULL";
  readonly #ready: Uint8Array;
  #said = false;
  #heard = false;

  /** `properties` are our own, encoded; `asks` is whether somebody decides about the peer. */
  constructor(properties: Uint8Array, asks = false) {
    super();
    this.#ready = commandBody("READY", properties);
    const nobody = { username: null, password: null, publicKey: null };
    this.ask({ mechanism: "NULL", ...nobody }, asks);
  }

  override next(): Uint8Array | null {
    const word = super.next();
    if (word === this.#ready) {
      this.#said = true;
      this.#settle();
    }
    return word;
  }

  override receive(body: Uint8Array): void {
    // The peer needn't wait for our decision.
    const { state } = this;
    if (state === WAITING) this.state = SHAKING;
    super.receive(body);
    if (state === WAITING && this.state === SHAKING) this.state = WAITING;
  }

  protected override take(name: string, body: Uint8Array, data: number): void {
    if (name !== "READY" || this.#heard) {
      this.unexpected("the handshake of NULL is one READY");
      return;
    }
    this.#heard = true;
    this.properties = body.slice(data);
    this.#settle();
  }

  protected override admitted(): void {
    this.word = this.#ready;
  }

  #settle(): void {
    if (this.#heard && this.#said && this.state === SHAKING) this.ready();
  }
}
