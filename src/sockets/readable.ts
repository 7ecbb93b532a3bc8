// Sockets that receive.

import type { ReceivingOptions } from "../base/option_types.ts";
import type { Attributed, ReceiveOptions } from "./receive_queue.ts";
import type { Message } from "./received.ts";
import { coreOf, Socket } from "./socket.ts";

/**
 * Messages that are received at once unless more are asked for: so few that they are
 * garbage before a collector has to copy them.
 */
const AT_ONCE = 128;

/** What can be received from; `M` is what a message looks like. */
export interface Readable<M = Message> extends ReceivingOptions {
  /** Whether a receive would be done at once. */
  readonly readable: boolean;
  /**
   * Receives a message: an array of its frames. Waits for one, up to
   * `receiveTimeout`. Nobody changes a received frame; it may be a view of a
   * larger buffer (up to 64 KiB) that it shares with others.
   *
   * Rejects with a `ZmqError`: EAGAIN (time is up, or the socket was closed),
   * EBUSY (more than `maxPendingReceives` wait), EFSM (out of turn), EBADF
   * (closed before), ETERM; with the signal's reason if that was aborted.
   */
  receive(options?: ReceiveOptions): Promise<M>;
  /**
   * Receives a message if there is one, and `undefined` otherwise. Throws a
   * `ZmqError`: EFSM (out of turn), EBADF (closed).
   */
  tryReceive(): M | undefined;
  /**
   * Receives the messages that are there, without a promise for each: at least one
   * (it waits for that) and at most `most`, which is 128 unless said otherwise.
   * Many more at once are no faster: they have left the processor's cache before
   * they are looked at. Rejects as `receive` does.
   */
  receiveMany(most?: number, options?: ReceiveOptions): Promise<M[]>;
  /**
   * Receives a message together with the peer it came from and what that said of
   * itself. Rejects as `receive` does.
   */
  receiveWithMetadata(options?: ReceiveOptions): Promise<Attributed<M>>;
  /**
   * `for await (const [frame] of socket)`: one message after another, until the
   * socket is closed. Leaving the loop doesn't close it. A `receiveTimeout`
   * that passes ends the loop with EAGAIN.
   */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>;
}

/** A socket that receives. */
export abstract class ReadableSocket<M = Message> extends Socket
  implements Readable<M> {
  /** Whether a receive would be done at once. */
  get readable(): boolean {
    const core = coreOf(this);
    return core.closed === null && core.pattern.canReceive();
  }

  /** Receives a message, an array of its frames; rejects as {@linkcode Readable} says. */
  receive(options?: ReceiveOptions): Promise<M> {
    return coreOf(this).receives.receive(options) as Promise<M>;
  }

  /** Receives a message if there is one, and `undefined` otherwise. */
  tryReceive(): M | undefined {
    return coreOf(this).receives.tryReceive() as M | undefined;
  }

  /** Receives the messages that are there: one at least, and 128 at most, or `most`. */
  receiveMany(most?: number, options?: ReceiveOptions): Promise<M[]> {
    return coreOf(this).receives.receiveMany(
      most ?? AT_ONCE,
      options,
    ) as Promise<M[]>;
  }

  /** Receives a message together with the peer it came from. */
  receiveWithMetadata(options?: ReceiveOptions): Promise<Attributed<M>> {
    return coreOf(this).receives.receiveAttributed(options) as Promise<
      Attributed<M>
    >;
  }

  /** One message after another, until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined> {
    const { receives } = coreOf(this);
    return {
      next: () => receives.step() as Promise<IteratorResult<M, undefined>>,
    };
  }
}

/** A socket that receives has the options of receiving as properties. */
export interface ReadableSocket<M = Message> extends ReceivingOptions {}
