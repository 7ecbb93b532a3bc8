// The greeting of ZMTP (RFC 23 and 37; 15 and 13 for older peers): sent in
// stages as libzmq does, so that an older peer can be told by its first bytes
// before we have said something it would misread.
//
//   stage  we send                        once we have
//   A      ff, eight bytes, 7f            (at once)
//   B      03 (our revision)              10 bytes: a signature
//   C      minor, mechanism, role, rest   byte 10: revision 2 or above
//   C      our socket type                byte 10: revision 1 (2.0) or 0 (1.0)
//   done                                  64 bytes, or 12 of an older peer
//
// A peer of 1.0 before versions has no signature: what it sent is frames.

import { Fault } from "../base/fault.ts";
import type { LegacyPeers } from "../base/option_types.ts";
import { latin1 } from "../base/utf8.ts";

const LENGTH = 64;
const LEGACY_LENGTH = 12;
const SIGNATURE = 10;
const REVISION_AT = 10;
const MINOR_AT = 11;
const MECHANISM_AT = 12;
const MECHANISM_LENGTH = 20;
const SERVER_AT = 32;

/** Our own version. */
const REVISION = 3;
const MINOR = 1;
/** Revisions of ZMTP 1.0 and 2.0; libzmq takes 2 for 3.x. */
const REVISION_1_0 = 0;
const REVISION_2_0 = 1;

/** What a greeting says of this side. */
export interface GreetingSettings {
  readonly mechanism: string;
  /** Whether this side is the server of a mechanism with roles. */
  readonly server: boolean;
  /** libzmq's number of the socket type. */
  readonly socketType: number;
  /** Bytes of our routing id: a peer of 1.0 reads our signature as its length. */
  readonly routingIdLength: number;
  readonly legacyPeers: LegacyPeers;
}

export class Greeting {
  /** Why the peer can't be served; it stays. */
  fault: Fault | null = null;
  /** Whether the peer's greeting is complete and fits. */
  done = false;
  /** The version to speak, once done: 3.x, 2.0 or 1.0. */
  version: 1 | 2 | 3 = 3;
  /** Whether the peer speaks 3.1, and not 3.0: set when done. */
  minor = MINOR;
  /** Whether the peer's bytes have no signature: they are frames of ZMTP 1.0. */
  unversioned = false;
  readonly #settings: GreetingSettings;
  readonly #ours = new Uint8Array(LENGTH);
  readonly #theirs = new Uint8Array(LENGTH);
  #received = 0;
  /** How many bytes of ours may be sent, and how many were taken to be. */
  #allowed = SIGNATURE;
  #sent = 0;

  constructor(settings: GreetingSettings) {
    this.#settings = settings;
    const { mechanism, server, routingIdLength } = settings;
    const ours = this.#ours;
    ours[0] = 0xff;
    ours[7] = (routingIdLength + 1) >>> 8;
    ours[8] = routingIdLength + 1;
    ours[9] = 0x7f;
    ours[REVISION_AT] = REVISION;
    ours[MINOR_AT] = MINOR;
    for (let i = 0; i < mechanism.length; i++) {
      ours[MECHANISM_AT + i] = mechanism.charCodeAt(i);
    }
    ours[SERVER_AT] = server ? 1 : 0;
  }

  /** The peer's bytes that are frames and no greeting (`unversioned`). */
  get frames(): Uint8Array {
    return this.#theirs.subarray(0, this.unversioned ? this.#received : 0);
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
    while (at < chunk.length && !this.done && this.fault === null) {
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
          this.#unversioned("a greeting begins with a byte ff");
        }
        break;
      case SIGNATURE:
        if ((theirs[9] & 1) === 0) {
          this.#unversioned("the signature of a greeting ends with a byte 7f");
        } else {
          this.#allowed = SIGNATURE + 1;
        }
        break;
      case REVISION_AT + 1:
        if (theirs[REVISION_AT] <= REVISION_2_0) this.#older();
        else this.#allowed = LENGTH;
        break;
      case LEGACY_LENGTH:
        // A 2.0 peer's type is not checked: libzmq doesn't either.
        this.done = this.version < 3;
        break;
      case LENGTH:
        this.minor = theirs[REVISION_AT] === REVISION && theirs[MINOR_AT] === 0
          ? 0
          : MINOR;
        this.#checkMechanism();
        this.done = this.fault === null;
        break;
    }
  }

  /** A peer of 1.0 that says nothing of versions, if such are served. */
  #unversioned(rule: string): void {
    if (this.#settings.legacyPeers !== "1.0") {
      this.#refuse(rule);
      return;
    }
    this.version = 1;
    this.unversioned = true;
    this.done = true;
    this.#permit("1.0");
  }

  /** A peer of 1.0 or 2.0 that says so. */
  #older(): void {
    this.version = this.#theirs[REVISION_AT] === REVISION_1_0 ? 1 : 2;
    const { legacyPeers, socketType } = this.#settings;
    const spoken = this.version === 1 ? "1.0" : "2.0";
    const served = legacyPeers === "1.0" || legacyPeers === spoken;
    if (!served) {
      this.#refuse(`ZMTP ${spoken} is not spoken here (legacyPeers)`);
    }
    this.#ours[MINOR_AT] = socketType;
    this.#allowed = LEGACY_LENGTH;
    this.#permit(spoken);
  }

  /** Peers before 3.0 know no mechanisms. */
  #permit(version: string): void {
    const { mechanism } = this.#settings;
    if (mechanism === "NULL" || this.fault !== null) return;
    this.done = false;
    this.fault = new Fault(
      "mismatch",
      "ERR_ZMTP_MECHANISM_MISMATCH",
      `ZMTP ${version} has no ${mechanism}, which is used here`,
    );
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
