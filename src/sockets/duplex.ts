// Sockets that send and receive.

import type { ReceivingOptions } from "../base/option_types.ts";
import { type Readable, ReadableSocket } from "./readable.ts";
import type { Message } from "./received.ts";
import type { Sendable } from "./send_queue.ts";
import { WritableSocket } from "./writable.ts";

/** A socket that sends and receives. */
export abstract class DuplexSocket<S = Sendable, M = Message>
  extends WritableSocket<S> {
  static {
    const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(
      ReadableSocket.prototype,
    );
    Object.defineProperties(DuplexSocket.prototype, members);
  }
}

/** It has what a socket that receives has. */
export interface DuplexSocket<S = Sendable, M = Message>
  extends Readable<M>, ReceivingOptions {}
