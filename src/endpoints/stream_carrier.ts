// What carries messages over streams: a connection is one, and a listener has many.

import { ZmqError } from "../base/errors.ts";
import type {
  StreamAddress,
  StreamTransport,
} from "../transports/stream_transport.ts";
import type { Carrier, Plan, Wanted } from "./carrier.ts";
import { Connector } from "./connector.ts";
import { onceSecure } from "./curve_part.ts";
import type { EndpointOwner } from "./endpoint.ts";
import type { SocketSide } from "./socket_side.ts";
import { wrapping } from "./wrapping.ts";

/** What is asked for, of streams. */
export interface WantedStream extends Wanted {
  readonly place: StreamAddress;
}

/** Plans a listener. */
export type Listening = (
  wanted: WantedStream,
  transport: StreamTransport,
  socket: SocketSide,
  owner: EndpointOwner,
) => Plan;

export class StreamCarrier implements Carrier {
  readonly over = "streams";
  readonly #transport: StreamTransport;
  readonly #listening: Listening | null;

  /** Without `listening` it only connects. */
  constructor(transport: StreamTransport, listening: Listening | null) {
    this.#transport = transport;
    this.#listening = listening;
  }

  parse(address: string, rest: string, bind: boolean): StreamAddress {
    return this.#transport.parse(address, rest, bind);
  }

  plan(wanted: WantedStream, socket: SocketSide, owner: EndpointOwner): Plan {
    if (!wanted.bind) return connecting(wanted, this.#transport, socket, owner);
    if (this.#listening !== null) {
      return this.#listening(wanted, this.#transport, socket, owner);
    }
    const { address } = wanted;
    throw new ZmqError(
      "EPROTONOSUPPORT",
      `Cannot bind to ${address}: a ${socket.reactor.adapter.name} connects over ws and wss, and knows inproc`,
      { address },
    );
  }
}

function connecting(
  { address, place, givenId }: WantedStream,
  transport: StreamTransport,
  socket: SocketSide,
  owner: EndpointOwner,
): Plan {
  const { features } = socket.reactor.adapter;
  const target = transport.connectTarget(place, socket.options, features);
  return {
    targets: [target],
    make: () => {
      const endpoint = new Connector(
        socket,
        address,
        target,
        wrapping(transport, place, socket),
        owner,
        givenId,
      );
      const start = () =>
        onceSecure(socket, () => {
          endpoint.start();
          return null;
        })?.catch((error) => {
          endpoint.abort();
          throw error;
        }) ?? null;
      return { endpoint, start };
    },
  };
}
