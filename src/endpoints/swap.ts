// What a context that spills queues into files gives its sockets. It is made by
// src/swap/.

import type { InboundQueue } from "../routing/inbound_queue.ts";
import type { OutboundLog } from "../routing/outbound_log.ts";
import type { SocketSide } from "./socket_side.ts";

/** What `swap` gives a context. */
export interface Swap {
  /** Throws an error with a POSIX `code` if files can't be made in a folder; null is the system's. */
  check(folder: string | null): void;
  /** The files of a socket. */
  socket(socket: SocketSide): SocketSwap;
}

/** The queues of a socket that spill. */
export interface SocketSwap {
  /** The queues of a new pipe. */
  queues(): [inbound: InboundQueue, log: OutboundLog];
  /** Removes the files of what nobody will receive. */
  close(): void;
}
