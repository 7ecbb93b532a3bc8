// The greeting of ZMTP 3.x (RFC 23 and 37): 64 bytes each way, sent in stages
// as libzmq does, so that an older peer can be told by its first bytes before
// we have said something it would misread.
//
//   stage  we send                        once we have
//   A      ff, eight bytes, 7f            (at once)
//   B      03 (our revision)              10 bytes: a signature
//   C      minor, mechanism, role, rest   byte 10: revision 2 or above
//   done                                  64 bytes, and the mechanism is ours

import { Fault } from "../base/fault.ts";
import { latin1 } from "../base/utf8.ts";

const LENGTH = 64;
const SIGNATURE = 10;
const REVISION_AT = 10;
const MINOR_AT = 11;
const MECHANISM_AT = 12;
const MECHANISM_LENGTH = 20;
const SERVER_AT = 32;

/** Our own version. */
const REVISION = 3;
const MINOR = 1;
/** Revisions 0 and 1 are ZMTP 1.0 and 2.0. */
const FIRST_STAGED_REVISION = 2;

export class Greeting {
  /** Why the peer can't be served; it stays. */
  fault: Fault | null = null;
  /** Whether the peer speaks 3.0, and not 3.1: set when done. */
  minor = MINOR;
  readonly #ours = new Uint8Array(LENGTH);
  readonly #theirs = new Uint8Array(LENGTH);
  #received = 0;
  /** How many bytes of ours may be sent, and how many were taken to be. */
  #allowed = SIGNATURE;
  #sent = 0;

  /** `server` says which role a mechanism with roles plays here. */
  constructor(mechanism: string, server: boolean) {
    const ours = this.#ours;
    ours[0] = 0xff;
    ours[8] = 1;
    ours[9] = 0x7f;
    ours[REVISION_AT] = REVISION;
    ours[MINOR_AT] = MINOR;
    for (let i = 0; i < mechanism.length; i++) {
      ours[MECHANISM_AT + i] = mechanism.charCodeAt(i);
    }
    ours[SERVER_AT] = server ? 1 : 0;
  }

  /** Whether the peer's greeting is complete and fits. */
  get done(): boolean {
    return this.#received === LENGTH && this.fault === null;
  }

  /** What may be sent now and wasn't yet, or `null`. */
  next(): Uint8Array | null {
    if (this.#sent === this.#allowed) return null;
    const bytes = this.#ours.subarray(this.#sent, this.#allowed);
    this.#sent = this.#allowed;
    return bytes;
  }

  /** Takes bytes of the peer from `at` on and returns how many. */
  receive(chunk: Uint8Array, at: number): number {
    const from = at;
    while (
      at < chunk.length && this.#received < LENGTH && this.fault === null
    ) {
      this.#theirs[this.#received++] = chunk[at++];
      this.#check();
    }
    return at - from;
  }

  #check(): void {
    const theirs = this.#theirs;
    switch (this.#received) {
      case 1:
        if (theirs[0] !== 0xff) {
          this.#refuse("a greeting begins with a byte ff");
        }
        break;
      case SIGNATURE:
        if ((theirs[9] & 1) === 0) {
          this.#refuse("the signature of a greeting ends with a byte 7f");
        } else {
          this.#allowed = SIGNATURE + 1;
        }
        break;
      case REVISION_AT + 1:
        if (theirs[REVISION_AT] < FIRST_STAGED_REVISION) {
          this.#refuse("ZMTP 1.0 and 2.0 are not spoken here");
        } else {
          this.#allowed = LENGTH;
        }
        break;
      case LENGTH:
        this.minor = theirs[REVISION_AT] === REVISION && theirs[MINOR_AT] === 0
          ? 0
          : MINOR;
        this.#checkMechanism();
        break;
    }
  }

  #checkMechanism(): void {
    const end = MECHANISM_AT + MECHANISM_LENGTH;
    for (let at = MECHANISM_AT; at < end; at++) {
      if (this.#theirs[at] === this.#ours[at]) continue;
      const wanted = name(this.#ours);
      const given = name(this.#theirs);
      this.fault = new Fault(
        "mismatch",
        "ERR_ZMTP_MECHANISM_MISMATCH",
        `both ends use the same mechanism: ${wanted} here, ${given} there`,
      );
      return;
    }
  }

  #refuse(rule: string): void {
    this.fault = new Fault("peer", "ERR_ZMTP_UNSPECIFIED", rule);
  }
}

/** A mechanism's name in a greeting, fit to print. */
function name(greeting: Uint8Array): string {
  const text = latin1(greeting, MECHANISM_AT, MECHANISM_AT + MECHANISM_LENGTH);
  return text.replace(/\0+$/, "").replace(/[^ -~]/g, "?");
}
