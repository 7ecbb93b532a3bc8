// Sockets that receive.

import type { Message } from "../base/message.ts";
import type { ReceivingOptions } from "../base/options.ts";
import type { ReceiveOptions } from "./receive_queue.ts";
import { coreOf, Socket } from "./socket.ts";

/** What can be received from. */
export interface Readable extends ReceivingOptions {
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
  receive(options?: ReceiveOptions): Promise<Message>;
  /**
   * Receives a message if there is one, and `undefined` otherwise. Throws a
   * `ZmqError`: EFSM (out of turn), EBADF (closed).
   */
  tryReceive(): Message | undefined;
  /**
   * Receives all messages there are, without a promise for each: at least one
   * (it waits for that) and at most `most`. Rejects as `receive` does.
   */
  receiveMany(most?: number, options?: ReceiveOptions): Promise<Message[]>;
  /**
   * `for await (const [frame] of socket)`: one message after another, until the
   * socket is closed. Leaving the loop doesn't close it. A `receiveTimeout`
   * that passes ends the loop with EAGAIN.
   */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined>;
}

/** A socket that receives. */
export abstract class ReadableSocket extends Socket implements Readable {
  get readable(): boolean {
    const core = coreOf(this);
    return core.closed === null && core.pattern.canReceive();
  }

  receive(options?: ReceiveOptions): Promise<Message> {
    return coreOf(this).receives.receive(options);
  }

  tryReceive(): Message | undefined {
    return coreOf(this).receives.tryReceive();
  }

  receiveMany(most?: number, options?: ReceiveOptions): Promise<Message[]> {
    return coreOf(this).receives.receiveMany(most ?? Infinity, options);
  }

  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    const { receives } = coreOf(this);
    return { next: () => receives.step() };
  }
}

/** A socket that receives has the options of receiving as properties. */
export interface ReadableSocket extends ReceivingOptions {}
