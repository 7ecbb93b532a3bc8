// Background threads that carry the endpoints of a context's sockets: what a socket
// knows of them. They are made by src/background/.

import type { OptionValues } from "../base/option_types.ts";
import type { EndpointOwner } from "./endpoint.ts";
import type { Opening, Wanted } from "./carrier.ts";
import type { Reactor } from "./reactor.ts";
import type { SocketSide } from "./socket_side.ts";

/** A socket, as far as its background threads are concerned. */
export interface ServedSocket extends SocketSide, EndpointOwner {
  /** A thread that carries endpoints of it has died. */
  lost(why: string): void;
}

/** The background threads of a context. */
export interface IoThreads {
  /** Has an endpoint opened, and its connections kept, in the background. */
  open(wanted: Wanted, socket: ServedSocket): Opening;
  /** An option of a socket has changed. */
  configured(socket: ServedSocket, name: keyof OptionValues): void;
  /** Does at once what the threads have told; waits for more of it up to so many milliseconds. */
  wait(milliseconds: number): void;
  /** Ends the threads; resolves once they are over. */
  end(): Promise<void>;
}

/** What `background` gives a context. */
export interface Background {
  /** Makes the threads of a context; they start when they are needed. */
  threads(reactor: Reactor, count: number): IoThreads;
}
