// A security mechanism (RFC 37): what goes back and forth in commands between
// the greeting and the traffic. "Waiting" is for an answer from this side, of
// somebody who decides whether the peer may come in.

import { latin1 } from "../base/utf8.ts";
import { Fault } from "../base/fault.ts";
import type { Cipher } from "./cipher.ts";

/** Commands go back and forth. */
export const SHAKING = 0;
/** An answer of this side is due. */
export const WAITING = 1;
/** Traffic may flow. */
export const READY = 2;
/** It came to nothing. */
export const FAILED = 3;

export type MechanismState = 0 | 1 | 2 | 3;

/** The mechanisms there are. */
export type MechanismName = "NULL" | "PLAIN" | "CURVE";

/** What a peer shows to be let in. */
export interface Credentials {
  readonly mechanism: MechanismName;
  /** PLAIN. */
  readonly username: string | null;
  readonly password: string | null;
  /** CURVE: its long-term key, 32 bytes. */
  readonly publicKey: Uint8Array | null;
}

/** One side of a handshake. */
export interface Mechanism {
  /** As in the greeting. */
  readonly name: MechanismName;
  readonly state: MechanismState;
  /** Why it failed; it stays. */
  readonly fault: Fault | null;
  /** The properties of the peer, encoded, once ready. */
  readonly properties: Uint8Array;
  /** While waiting: what is to be decided about. */
  readonly credentials: Credentials | null;
  /** What traffic is hidden with, once ready; null if it flows in clear. */
  readonly cipher: Cipher | null;
  /** The body of the next command to send, or `null`. */
  next(): Uint8Array | null;
  /** Takes the body of a command of the peer. */
  receive(body: Uint8Array): void;
  /** The peer may come in, or `fault` says why not. */
  decide(fault: Fault | null): void;
  /** The connection is over before it is through: forgets its keys. */
  wipe(): void;
}

/** The status of a refusal that a peer is to be told of: `"300"`, `"400"` or `"500"`; null for another fault. */
export function refusalStatus(fault: Fault): string | null {
  return /^ERR_ZAP_STATUS_([345]00)$/.exec(fault.code)?.[1] ?? null;
}

/** The fault of a refusal with a status, and what went wrong with whoever refuses. */
export function refusal(status: string, cause?: unknown): Fault {
  return new Fault(
    "mismatch",
    `ERR_ZAP_STATUS_${status}`,
    `the peer was refused with status ${status}`,
    cause,
  );
}

/** What an ERROR of a peer says, whose reason begins at `at`. */
export function errorFault(body: Uint8Array, at: number): Fault {
  const end = at < body.length ? at + 1 + body[at] : Infinity;
  if (end > body.length) {
    return new Fault(
      "peer",
      "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
      "an ERROR says its reason",
    );
  }
  const reason = latin1(body, at + 1, end).replace(/[^ -~]/g, "?");
  return new Fault(
    "mismatch",
    /^[345]00$/.test(reason) ? `ERR_ZAP_STATUS_${reason}` : "ECONNREFUSED",
    `the peer refused the connection: ${reason}`,
  );
}
