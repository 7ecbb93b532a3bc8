// What carries messages in datagrams, and what carries them in reliable multicast.

import { ZmqError } from "../base/errors.ts";
import type {
  DatagramPlace,
  DatagramTransport,
} from "../transports/datagram_transport.ts";
import { type EpgmPlace, parseEpgm } from "../transports/epgm.ts";
import type { Carrier, Plan, Wanted } from "./carrier.ts";
import { DatagramEndpoint } from "./datagram_endpoint.ts";
import type { EndpointOwner } from "./endpoint.ts";
import { MulticastEndpoint } from "./multicast_endpoint.ts";
import type { SocketSide } from "./socket_side.ts";

export class DatagramCarrier implements Carrier {
  readonly over = "datagrams";
  readonly #transport: DatagramTransport;

  constructor(transport: DatagramTransport) {
    this.#transport = transport;
  }

  parse(address: string, rest: string, bind: boolean): DatagramPlace {
    return this.#transport.parse(address, rest, bind);
  }

  plan(
    { address, place, bind }: Wanted & { readonly place: DatagramPlace },
    socket: SocketSide,
    owner: EndpointOwner,
  ): Plan {
    checkDatagrams(address, socket);
    const transport = this.#transport;
    const target = transport.target(place, socket.options, bind);
    const name = (local: string) => transport.endpoint(place, local);
    return {
      targets: [target],
      make: () => {
        const endpoint = new DatagramEndpoint(socket, address, owner);
        return { endpoint, start: () => endpoint.open(target, name) };
      },
    };
  }
}

export const MULTICAST: Carrier = {
  over: "multicast",
  parse: parseEpgm,
  plan(
    { address, place }: Wanted & { readonly place: EpgmPlace },
    socket: SocketSide,
    owner: EndpointOwner,
  ): Plan {
    checkDatagrams(address, socket);
    const endpoint = new MulticastEndpoint(socket, address, place, owner);
    const targets = endpoint.targets();
    return {
      targets,
      make: () => ({ endpoint, start: () => endpoint.open(targets) }),
    };
  },
};

function checkDatagrams(address: string, { reactor }: SocketSide): void {
  const { features, name } = reactor.adapter;
  if (features.has("datagrams")) return;
  throw new ZmqError(
    "EPROTONOSUPPORT",
    `Cannot use ${address}: ${name} has no datagrams`,
    { address },
  );
}
