// The socket types, their names on the wire (RFC 23, 28 to 30, 37, 41, 48, 49, 51,
// 52) and which may talk to which. The check happens in the handshake, never at
// connect().

/** A socket type by its name on the wire. */
export type SocketType =
  | "PAIR"
  | "PUB"
  | "SUB"
  | "REQ"
  | "REP"
  | "DEALER"
  | "ROUTER"
  | "PULL"
  | "PUSH"
  | "XPUB"
  | "XSUB"
  | "STREAM"
  | "SERVER"
  | "CLIENT"
  | "RADIO"
  | "DISH"
  | "GATHER"
  | "SCATTER"
  | "DGRAM"
  | "PEER"
  | "CHANNEL";

interface TypeRow {
  /** The class of the type. */
  readonly name: string;
  /** libzmq's number (`ZMQ_TYPE`), also the type byte of ZMTP 2.0. */
  readonly id: number;
  /** Peers it may talk to; none if it talks to what is not ZeroMQ. */
  readonly peers: readonly string[];
  readonly sends: boolean;
  readonly receives: boolean;
  /** Whether it tells its routing id in the handshake. */
  readonly identifies: boolean;
  /** Whether messages on the wire are one frame; libzmq calls the type thread-safe. */
  readonly single: boolean;
  /** Frames that a message to be sent must have; 0 is any number. */
  readonly frames: number;
}

/** One row a socket type. */
export const SOCKET_TYPES: Readonly<Record<SocketType, TypeRow>> = {
  PAIR: row("Pair", 0, "both", ["PAIR"]),
  PUB: row("Publisher", 1, "sends", ["SUB", "XSUB"]),
  SUB: row("Subscriber", 2, "receives", ["PUB", "XPUB"]),
  REQ: row("Request", 3, "both", ["REP", "ROUTER"], { identifies: true }),
  REP: row("Reply", 4, "both", ["REQ", "DEALER"]),
  DEALER: row("Dealer", 5, "both", ["REP", "DEALER", "ROUTER"], {
    identifies: true,
  }),
  ROUTER: row("Router", 6, "both", ["REQ", "DEALER", "ROUTER"], {
    identifies: true,
  }),
  PULL: row("Pull", 7, "receives", ["PUSH"]),
  PUSH: row("Push", 8, "sends", ["PULL"]),
  XPUB: row("XPublisher", 9, "both", ["SUB", "XSUB"]),
  XSUB: row("XSubscriber", 10, "both", ["PUB", "XPUB"]),
  STREAM: row("Stream", 11, "both", [], { frames: 2 }),
  SERVER: row("Server", 12, "both", ["CLIENT"], { single: true, frames: 2 }),
  CLIENT: row("Client", 13, "both", ["SERVER"], { single: true, frames: 1 }),
  RADIO: row("Radio", 14, "sends", ["DISH"], { single: true, frames: 2 }),
  DISH: row("Dish", 15, "receives", ["RADIO"], { single: true }),
  GATHER: row("Gather", 16, "receives", ["SCATTER"], { single: true }),
  SCATTER: row("Scatter", 17, "sends", ["GATHER"], { single: true, frames: 1 }),
  DGRAM: row("Datagram", 18, "both", [], { frames: 2 }),
  PEER: row("Peer", 19, "both", ["PEER"], { single: true, frames: 2 }),
  CHANNEL: row("Channel", 20, "both", ["CHANNEL"], { single: true, frames: 1 }),
};

function row(
  name: string,
  id: number,
  direction: "sends" | "receives" | "both",
  peers: readonly string[],
  own: Partial<TypeRow> = {},
): TypeRow {
  return {
    name,
    id,
    peers,
    sends: direction !== "receives",
    receives: direction !== "sends",
    identifies: false,
    single: false,
    frames: 0,
    ...own,
  };
}

/** The types that send, or that receive. */
export function typesThat(does: "sends" | "receives"): SocketType[] {
  return (Object.keys(SOCKET_TYPES) as SocketType[])
    .filter((type) => SOCKET_TYPES[type][does]);
}

/** Whether `conflate` concerns what a type is sent: of subscriptions each one counts. */
export function conflatesInto(type: string): boolean {
  return type !== "PUB" && type !== "XPUB";
}
