// A security mechanism (RFC 37): what goes back and forth in commands between
// the greeting and the traffic. "Waiting" is for an answer from this side, of
// somebody who decides whether the peer may come in.

import type { Fault } from "../base/fault.ts";

/** Commands go back and forth. */
export const SHAKING = 0;
/** An answer of this side is due. */
export const WAITING = 1;
/** Traffic may flow. */
export const READY = 2;
/** It came to nothing. */
export const FAILED = 3;

export type MechanismState = 0 | 1 | 2 | 3;

/** One side of a handshake. */
export interface Mechanism {
  /** As in the greeting. */
  readonly name: string;
  readonly state: MechanismState;
  /** Why it failed; it stays. */
  readonly fault: Fault | null;
  /** The properties of the peer, encoded, once ready. */
  readonly properties: Uint8Array;
  /** The body of the next command to send, or `null`. */
  next(): Uint8Array | null;
  /** Takes the body of a command of the peer. */
  receive(body: Uint8Array): void;
}
