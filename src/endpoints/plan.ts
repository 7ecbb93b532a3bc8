// What a bind or a connect comes to, before anything is opened: what the runtime
// has to permit, and the endpoint that is made of it then.

import { ZmqError } from "../base/errors.ts";
import type { DatagramTarget, StreamTarget } from "../runtime/adapter.ts";
import { Acceptor } from "./acceptor.ts";
import type { Address, Inproc, OverDatagrams, OverStream } from "./address.ts";
import { Connector } from "./connector.ts";
import { DatagramEndpoint } from "./datagram_endpoint.ts";
import type { Endpoint, EndpointOwner } from "./endpoint.ts";
import { MulticastEndpoint } from "./multicast_endpoint.ts";
import type { SocketSide } from "./socket_side.ts";
import { around, wrapping } from "./wrapping.ts";

/** What is asked for. */
export interface Wanted {
  /** As it was given. */
  readonly address: string;
  readonly parsed: Exclude<Address, Inproc>;
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

/** Plans an endpoint of a socket. */
export function plan(
  wanted: Wanted,
  socket: SocketSide,
  owner: EndpointOwner,
): Plan {
  const { address, parsed } = wanted;
  const { adapter } = socket.reactor;
  if (parsed.over === "stream") {
    return wanted.bind
      ? listening(wanted, parsed, socket, owner)
      : connecting(wanted, parsed, socket, owner);
  }
  if (!adapter.features.has("datagrams")) {
    throw new ZmqError(
      "EPROTONOSUPPORT",
      `Cannot use ${address}: ${adapter.name} has no datagrams`,
      { address },
    );
  }
  if (parsed.over === "datagrams") {
    return datagrams(wanted, parsed, socket, owner);
  }
  const endpoint = new MulticastEndpoint(socket, address, parsed.place, owner);
  const targets = endpoint.targets();
  return {
    targets,
    make: () => ({ endpoint, start: () => endpoint.open(targets) }),
  };
}

function listening(
  { address }: Wanted,
  { transport, place }: OverStream,
  socket: SocketSide,
  owner: EndpointOwner,
): Plan {
  const { features } = socket.reactor.adapter;
  if (!features.has("streams")) throw unreachable(address, "bind to", socket);
  const target = transport.listenTarget(place, socket.options, features);
  return {
    targets: [target],
    make: () => {
      const endpoint = new Acceptor(
        socket,
        address,
        target,
        around(transport, place, socket, true),
        owner,
      );
      const name = (local: string) => transport.endpoint(local, place);
      return { endpoint, start: () => endpoint.listen(name) };
    },
  };
}

function connecting(
  { address, givenId }: Wanted,
  { transport, place }: OverStream,
  socket: SocketSide,
  owner: EndpointOwner,
): Plan {
  const { features } = socket.reactor.adapter;
  if (!features.has("streams") && transport.around === undefined) {
    throw unreachable(address, "connect to", socket);
  }
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
      const start = () => {
        endpoint.start();
        return null;
      };
      return { endpoint, start };
    },
  };
}

function datagrams(
  { address, bind }: Wanted,
  { transport, place }: OverDatagrams,
  socket: SocketSide,
  owner: EndpointOwner,
): Plan {
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

function unreachable(
  address: string,
  how: string,
  { reactor }: SocketSide,
): ZmqError {
  return new ZmqError(
    "EPROTONOSUPPORT",
    `Cannot ${how} ${address}: a ${reactor.adapter.name} connects over ws and wss, and knows inproc`,
    { address },
  );
}
