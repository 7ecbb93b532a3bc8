// NULL (RFC 37): no security. Each side says READY with its properties; neither
// waits for the other to begin, and traffic flows once both have been heard.

import { commandBody, parseCommand } from "../base/command.ts";
import { Fault } from "../base/fault.ts";
import { EMPTY } from "../base/message.ts";
import { latin1 } from "../base/utf8.ts";
import {
  FAILED,
  type Mechanism,
  type MechanismState,
  READY,
  SHAKING,
} from "./mechanism.ts";

export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  state: MechanismState = SHAKING;
  fault: Fault | null = null;
  properties: Uint8Array = EMPTY;
  #ready: Uint8Array | null;
  #heard = false;

  /** `properties` are our own, encoded. */
  constructor(properties: Uint8Array) {
    this.#ready = commandBody("READY", properties);
  }

  next(): Uint8Array | null {
    const body = this.#ready;
    this.#ready = null;
    this.#settle();
    return body;
  }

  receive(body: Uint8Array): void {
    const command = parseCommand(body, 0, body.length);
    if (command === null) {
      this.#fail(
        "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
        "a command begins with its name",
      );
    } else if (command.name === "READY" && !this.#heard) {
      this.#heard = true;
      this.properties = body.slice(command.data);
      this.#settle();
    } else if (command.name === "ERROR") {
      this.#refused(body, command.data);
    } else {
      this.#fail(
        "ERR_ZMTP_UNEXPECTED_COMMAND",
        "the handshake of NULL is one READY",
      );
    }
  }

  #settle(): void {
    if (this.#heard && this.#ready === null && this.state === SHAKING) {
      this.state = READY;
    }
  }

  #refused(body: Uint8Array, at: number): void {
    const end = at < body.length ? at + 1 + body[at] : Infinity;
    if (end > body.length) {
      this.#fail(
        "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
        "an ERROR says its reason",
      );
      return;
    }
    const reason = latin1(body, at + 1, end).replace(/[^ -~]/g, "?");
    this.state = FAILED;
    this.fault = new Fault(
      "mismatch",
      /^[345]00$/.test(reason) ? `ERR_ZAP_STATUS_${reason}` : "ECONNREFUSED",
      `the peer refused the connection: ${reason}`,
    );
  }

  #fail(code: string, rule: string): void {
    this.state = FAILED;
    this.fault = new Fault("peer", code, rule);
  }
}
