// Sockets that send and receive.

import type { ReceivingOptions } from "../base/options.ts";
import { type Readable, ReadableSocket } from "./readable.ts";
import { WritableSocket } from "./writable.ts";

/** A socket that sends and receives. */
export abstract class DuplexSocket extends WritableSocket {
  static {
    const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(
      ReadableSocket.prototype,
    );
    Object.defineProperties(DuplexSocket.prototype, members);
  }
}

/** It has what a socket that receives has. */
export interface DuplexSocket extends Readable, ReceivingOptions {}
