// What a socket type decides (its file is in patterns/) and what it may ask of
// the socket. Pipes come, go and change on edges; a message costs one call.

import type { Message } from "../base/message.ts";
import type { FairQueue } from "./fair_queue.ts";
import type { InboundQueue } from "./inbound_queue.ts";
import type { Pipe } from "./pipe.ts";

/** The message was taken. */
export const SENT = 0;
/** Every peer that could take it is full. */
export const FULL = 1;
/** There is no peer. */
export const NO_PEER = 2;
/** It is not this side's turn (REQ, REP). */
export const STATE = 4;
/** There are peers, but not the one it is addressed to (ROUTER, SERVER). */
export const UNREACHABLE = 8;

/** What became of a message; would-block is a value, not an exception. */
export type SendResult = 0 | 1 | 2 | 4 | 8;

/** A socket type. */
export interface Pattern {
  /** A peer has come. */
  attached(pipe: Pipe): void;
  /** A pipe has a new connection; what the peer must know again is sent now. */
  reconnected(pipe: Pipe): void;
  /** A pipe lost its connection and waits for another. */
  hiccuped(pipe: Pipe): void;
  /** A peer has gone; what it sent can still be read, and the last of it may still come in. */
  detached(pipe: Pipe): void;
  /** All that a peer sent that has gone is in. Not for peers that were parted with. */
  ended(pipe: Pipe): void;
  /** A pipe that had no message has one. */
  readable(pipe: Pipe): void;
  /** A pipe that was full has room. */
  writable(pipe: Pipe): void;
  /** More waits for a wire than is good to be ahead of it; and it doesn't any more. */
  ahead(): void;
  caughtUp(): void;
  /** Whether `trySend` would take a message now. */
  canSend(): boolean;
  /** Whether `tryReceive` would find one now. */
  canReceive(): boolean;
  /** Sends a message, or says why not. The array stays the caller's. */
  trySend(message: Message): SendResult;
  /** The next message, or `null`. The array is the caller's to keep. */
  tryReceive(): Message | null;
  /** An option has changed. */
  configured(): void;
  /** Whether a sender should still give way (see `Host.pressed`). */
  strained(): boolean;
  /** Whether receiving is out of turn now (REQ, REP). */
  readonly mute: boolean;
  /** Whether a send that waits makes the next one out of turn (REQ). */
  readonly oneAtATime: boolean;
  /** Whether messages name their peer, so that one that waits holds up no other. */
  readonly addressed: boolean;
  /** Whose message was received last. */
  readonly origin: Pipe | null;
  /** Where the next messages are, if they are received as they lie there. */
  readonly unsifted: FairQueue | null;
  /** Pipes whose peers have gone and left messages. */
  readonly left: readonly Pipe[];
  /** Messages to receive that it keeps itself; null if it leaves them in their pipes. */
  readonly kept: InboundQueue | null;
}

/** What a pattern may tell its socket. */
export interface Host {
  /** A receive that waits may find a message. */
  readable(): void;
  /** A send that waits may be taken. */
  writable(): void;
  /** A queue is so full that the sender should give way while it is `strained`. */
  pressed(): void;
  /** More waits for a wire than a sender should be ahead of it, until it `caughtUp`. */
  ahead(): void;
  caughtUp(): void;
  /** A message was dropped whose peer has gone. */
  dropped(): void;
}
