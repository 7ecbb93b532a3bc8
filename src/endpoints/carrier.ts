// A carrier takes messages out of the process: it reads the addresses of a scheme, and
// plans the endpoints that they lead to. A context has a table of them. A plan says what
// the runtime has to permit, before anything is opened.

import type { ZmqError } from "../base/errors.ts";
import type { DatagramTarget, StreamTarget } from "../runtime/adapter.ts";
import type { Endpoint, EndpointOwner } from "./endpoint.ts";
import type { SocketSide } from "./socket_side.ts";

/** What carries the messages of a scheme. */
export interface Carrier {
  /** What they travel in. */
  readonly over: "streams" | "datagrams" | "multicast";
  /** Takes what follows `scheme://` apart; throws a {@linkcode ZmqError} if it can't be used. */
  parse(address: string, rest: string, bind: boolean): object;
  /** Plans an endpoint of a socket. */
  plan(wanted: Wanted, socket: SocketSide, owner: EndpointOwner): Plan;
}

/** Carriers by the scheme of their addresses. */
export type Carriers = Readonly<Record<string, Carrier>>;

/** What is asked for. */
export interface Wanted {
  /** As it was given. */
  readonly address: string;
  readonly carrier: Carrier;
  /** The address, taken apart by the carrier. */
  readonly place: object;
  readonly bind: boolean;
  /** The name that a connection gives its peer. */
  readonly givenId: Uint8Array;
}

/** An endpoint that is about to be opened. */
export interface Opening {
  readonly endpoint: Endpoint;
  /**
   * Opens it. Gives `null` where that is done, or goes on by itself, and otherwise
   * resolves once it is; throws, or rejects, with a {@linkcode ZmqError}. Another
   * thread's answer goes to `told` too, when it comes, which is before a promise is done:
   * who blocks has nothing else.
   */
  start(told?: (error: ZmqError | null) => void): Promise<void> | null;
}

/** A plan; nothing has come of it yet. */
export interface Plan {
  /** What the runtime has to permit. */
  readonly targets: readonly (StreamTarget | DatagramTarget)[];
  make(): Opening;
}
