// The socket types, their names on the wire (RFC 23, 28 to 30, 37) and which
// may talk to which. The check happens in the handshake, never at connect().

/** A socket type by its name on the wire. */
export type SocketType = "REQ" | "REP" | "PUB" | "SUB" | "PUSH" | "PULL";

interface TypeRow {
  /** The class of the type. */
  readonly name: string;
  /** libzmq's number (`ZMQ_TYPE`), also the type byte of ZMTP 2.0. */
  readonly id: number;
  /** Peers it may talk to. */
  readonly peers: readonly string[];
  /** Whether it tells its routing id in the handshake. */
  readonly identifies: boolean;
}

/** One row a socket type. */
export const SOCKET_TYPES: Readonly<Record<SocketType, TypeRow>> = {
  PUB: { name: "Publisher", id: 1, peers: ["SUB", "XSUB"], identifies: false },
  SUB: { name: "Subscriber", id: 2, peers: ["PUB", "XPUB"], identifies: false },
  REQ: { name: "Request", id: 3, peers: ["REP", "ROUTER"], identifies: true },
  REP: { name: "Reply", id: 4, peers: ["REQ", "DEALER"], identifies: false },
  PULL: { name: "Pull", id: 7, peers: ["PUSH"], identifies: false },
  PUSH: { name: "Push", id: 8, peers: ["PULL"], identifies: false },
};
