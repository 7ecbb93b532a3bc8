// Sockets that send.

import type { SendingOptions } from "../base/option_types.ts";
import type { Sendable, SendOptions } from "./send_queue.ts";
import { coreOf, Socket } from "./socket.ts";

/** What can be sent to; `S` is what a message looks like. */
export interface Writable<S = Sendable> extends SendingOptions {
  /** Whether a send would be done at once. */
  readonly writable: boolean;
  /**
   * Sends a message: one frame, or an array of frames that arrive together or
   * not at all. Resolves when the message is accepted; it is then on its way,
   * not yet delivered. Waits while the socket type says so (every peer full, or
   * no peer), up to `sendTimeout`. Who is a quarter of a megabyte ahead of a
   * connection is let go once that has caught up, or some milliseconds later. An
   * empty array sends nothing.
   *
   * What was given may be changed as soon as the call has returned, for frames
   * of up to 4096 bytes; larger ones after `{ flushed: true }` has resolved, or
   * at once with `{ copy: true }`. Neither are they to be transferred
   * away before; zeros would arrive, or nothing.
   *
   * Rejects with a `ZmqError`: EHOSTUNREACH (it names a peer that is not there),
   * EINVAL (not what this type sends), EAGAIN (time is up, or the socket was closed),
   * EBUSY (more than `maxPendingSends` wait), EFSM (out of turn), EBADF
   * (closed before), ETERM; with a `TypeError` if it can't be sent; with the
   * signal's reason if that was aborted.
   */
  send(message: S, options?: SendOptions): Promise<void>;
  /**
   * Sends a message if that can be done at once; false if not, or if others
   * wait. Throws a `ZmqError`: EFSM (out of turn), EBADF (closed).
   */
  trySend(message: S): boolean;
  /**
   * Sends several messages in order, without a promise for each. Resolves when
   * the last one is accepted, and rejects as `send` does; those before the one
   * that failed are sent. A message is asked for when it is its turn: what was given
   * may be changed, as with `send`, once all are accepted.
   */
  sendMany(messages: Iterable<S>, options?: SendOptions): Promise<void>;
}

/** A socket that sends. */
export abstract class WritableSocket<S = Sendable> extends Socket
  implements Writable<S> {
  /** Whether a send would be done at once. */
  get writable(): boolean {
    const core = coreOf(this);
    const { addressed } = core.pattern;
    return core.closed === null && (addressed || core.sends.size === 0) &&
      core.pattern.canSend();
  }

  /**
   * Sends a message: one frame, or an array of frames. Resolves when it is accepted,
   * and rejects as {@linkcode Writable} says.
   */
  send(message: S, options?: SendOptions): Promise<void> {
    return coreOf(this).sends.send(message, options);
  }

  /** Sends a message if that can be done at once; false if not. */
  trySend(message: S): boolean {
    return coreOf(this).sends.trySend(message);
  }

  /** Sends several messages in order; resolves when the last one is accepted. */
  sendMany(messages: Iterable<S>, options?: SendOptions): Promise<void> {
    return coreOf(this).sends.sendMany(
      messages as Iterable<Sendable>,
      options,
    );
  }
}

/** A socket that sends has the options of sending as properties. */
export interface WritableSocket<S = Sendable> extends SendingOptions {}
