// Sockets of zeromq.js that send, that receive, and that do both.

import {
  buffers,
  type Message,
  type MessageLike,
  sendable,
} from "./message.ts";
import { asErrnoError, checkArity, errnoError } from "./errno_error.ts";
import type { ReceivingProperties, SendingProperties } from "./option_types.ts";
import { insideOf, Socket } from "./socket.ts";

/** What can be sent to. */
export interface Writable<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  O extends [...object[]] = [],
> extends SendingProperties {
  /**
   * Sends a message. Resolves when it is queued, not when it is delivered; waits
   * for a peer or for room, up to `sendTimeout`. One send at a time may wait; a
   * second throws EBUSY.
   */
  send(message: M, ...options: O): Promise<void>;
}

/** What can be received from. */
export interface Readable<M extends object[] = Message[]>
  extends ReceivingProperties {
  /** Receives a message, waiting for one up to `receiveTimeout`. One receive at a time; a second throws EBUSY. */
  receive(): Promise<M>;
  /** One message after another, until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined>;
}

/** A socket that sends. */
export abstract class WritableSocket<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
> extends Socket implements Writable<M> {
  /** Sends a message; resolves when it is queued. */
  send(message: M): Promise<void> {
    const inside = insideOf(this);
    if (!inside.sends) return Promise.reject(errnoError("ENOTSUP"));
    if (message === undefined) throw new TypeError("Message must be present");
    checkArity(arguments.length, 1);
    inside.check();
    const { core, operations } = inside;
    let frames = sendable(message);
    if (core.shape !== null) {
      try {
        frames = core.shape(frames);
      } catch (error) {
        return Promise.reject(asErrnoError(error));
      }
    }
    return operations.send(frames, this);
  }
}

/** It has these options as properties. */
export interface WritableSocket<
  M extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
> extends SendingProperties {}

/** A socket that receives. */
export abstract class ReadableSocket<M extends object[] = Message[]>
  extends Socket
  implements Readable<M> {
  /** Receives a message. */
  receive(): Promise<M> {
    checkArity(arguments.length, 0);
    return receive(this, buffers as unknown as (frames: Uint8Array[]) => M);
  }

  /** One message after another, until the socket is closed. */
  [Symbol.asyncIterator](): AsyncIterator<M, undefined> {
    return iterate(
      this,
      ReadableSocket.prototype.receive,
      buffers as unknown as (frames: Uint8Array[]) => M,
    );
  }
}

/** It has these options as properties. */
export interface ReadableSocket<M extends object[] = Message[]>
  extends ReceivingProperties {}

/** A socket that sends and receives. */
export abstract class DuplexSocket<
  S extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  M extends object[] = Message[],
> extends WritableSocket<S> {
  static {
    // As in zeromq.js every socket has them, and a class derived from Socket
    // itself can be used.
    share(WritableSocket, Socket);
    share(ReadableSocket, Socket);
  }
}

/** It has what a socket that receives has. */
export interface DuplexSocket<
  S extends MessageLike | MessageLike[] = MessageLike | MessageLike[],
  M extends object[] = Message[],
> extends Readable<M> {}

/** Gives a class the methods of another. */
function share(
  from: abstract new (...args: never) => object,
  to: abstract new (...args: never) => object,
): void {
  const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(
    from.prototype,
  );
  Object.defineProperties(to.prototype, members);
}

/** Receives a message and makes something of it. */
export function receive<M>(
  socket: Socket,
  make: (frames: Uint8Array[]) => M,
): Promise<M> {
  const inside = insideOf(socket);
  if (!inside.receives) return Promise.reject(errnoError("ENOTSUP"));
  inside.check();
  return inside.operations.receive(
    (frames) => make(frames as Uint8Array[]),
    false,
    socket,
  );
}

/** Receives one message after another; by `receive`, where a derived class has its own. */
export function iterate<M>(
  socket: Socket & { receive(): Promise<unknown> },
  usual: () => Promise<unknown>,
  make: (frames: Uint8Array[]) => M,
): AsyncIterator<M, undefined> {
  const inside = insideOf(socket);
  const end: IteratorResult<M, undefined> = { done: true, value: undefined };
  if (socket.receive !== usual) {
    return {
      next: async () => {
        if (socket.closed) return end;
        try {
          return { done: false, value: await socket.receive() as M };
        } catch (error) {
          const { code } = error as { code?: string };
          if (socket.closed && code === "EAGAIN") return end;
          throw error;
        }
      },
    };
  }
  return {
    next: () => {
      if (!inside.receives) return Promise.reject(errnoError("ENOTSUP"));
      if (inside.core.closed !== null) return Promise.resolve(end);
      try {
        inside.check();
        return inside.operations.receive<IteratorResult<M, undefined>>(
          (frames) =>
            frames === null ? end : { done: false, value: make(frames) },
          true,
          socket,
        );
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
}
