// What mechanisms have in common: the state, and how it ends in a fault.

import { parseCommand } from "../base/command.ts";
import { Fault } from "../base/fault.ts";
import { EMPTY } from "../base/message.ts";
import type { Cipher } from "./cipher.ts";
import {
  type Credentials,
  errorFault,
  FAILED,
  type Mechanism,
  type MechanismName,
  type MechanismState,
  READY,
  refusalStatus,
  SHAKING,
  WAITING,
} from "./mechanism.ts";
import { errorBody } from "./words.ts";

export abstract class BaseMechanism implements Mechanism {
  abstract readonly name: MechanismName;
  state: MechanismState = SHAKING;
  fault: Fault | null = null;
  properties: Uint8Array = EMPTY;
  credentials: Credentials | null = null;
  cipher: Cipher | null = null;
  /** Whether this is the server's end, which nobody can refuse. */
  protected readonly serves: boolean = false;
  /** What is said next. */
  protected word: Uint8Array | null = null;

  next(): Uint8Array | null {
    const { word } = this;
    this.word = null;
    return word;
  }

  receive(body: Uint8Array): void {
    if (this.state === WAITING) {
      this.fail("ERR_ZMTP_UNSPECIFIED", "nothing is due while it is decided");
      return;
    }
    const command = parseCommand(body, 0, body.length);
    if (command === null || body.length < 2) {
      this.fail(
        "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
        "a command begins with its name",
      );
    } else if (command.name === "ERROR" && !this.serves) {
      this.endWith(errorFault(body, command.data));
    } else {
      this.take(command.name, body, command.data);
    }
  }

  decide(fault: Fault | null): void {
    if (this.state !== WAITING) return;
    this.state = SHAKING;
    if (fault === null) this.admitted();
    else this.#refused(fault);
  }

  wipe(): void {
    this.cipher?.wipe();
  }

  /** Takes a command of the peer. */
  protected abstract take(name: string, body: Uint8Array, data: number): void;

  /** The peer may come in. */
  protected admitted(): void {}

  /** An ERROR that tells a status. */
  protected errorOf(status: string): Uint8Array {
    return errorBody(status);
  }

  /** The peer may not: tells it, unless it may try again later, and ends. */
  #refused(fault: Fault): void {
    const status = refusalStatus(fault);
    if (status !== null && status !== "300") this.word = this.errorOf(status);
    this.endWith(fault);
  }

  /** Waits for a decision about the peer, or goes on at once. */
  protected ask(credentials: Credentials, asks: boolean): void {
    if (!asks) {
      this.admitted();
      return;
    }
    this.credentials = credentials;
    this.state = WAITING;
  }

  protected ready(): void {
    this.state = READY;
  }

  protected fail(code: string, rule: string): void {
    this.endWith(new Fault("peer", code, rule));
  }

  protected endWith(fault: Fault): void {
    this.state = FAILED;
    this.fault = fault;
    this.wipe();
  }

  protected unexpected(what: string): void {
    this.fail("ERR_ZMTP_UNEXPECTED_COMMAND", what);
  }
}
