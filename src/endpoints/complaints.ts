// What is wrong with datagrams that anybody can send: told as events, but never so
// often that a flood of them is a flood of events.

import type { Fault } from "../base/fault.ts";
import { eventError } from "./failure.ts";
import type { SocketSide } from "./socket_side.ts";

/** Milliseconds between two events of one kind. */
const REST_MS = 1000;

export class Complaints {
  readonly #socket: SocketSide;
  readonly #last = new Map<string, number>();

  constructor(socket: SocketSide) {
    this.#socket = socket;
  }

  /** Tells of a fault at an endpoint, unless one like it was told just now. */
  tell(address: string, fault: Fault): void {
    const now = this.#socket.reactor.now();
    if (now < (this.#last.get(fault.code) ?? -Infinity) + REST_MS) return;
    this.#last.set(fault.code, now);
    this.#socket.emit({
      type: "datagram:error",
      address,
      error: eventError(fault),
    });
  }
}
