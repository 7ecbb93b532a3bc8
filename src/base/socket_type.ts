// The socket types, their names on the wire (RFC 23, 28 to 30, 37) and which
// may talk to which. The check happens in the handshake, never at connect().

/** A socket type by its name on the wire. */
export type SocketType = "REQ" | "REP" | "PUB" | "SUB" | "PUSH" | "PULL";

interface TypeRow {
  /** libzmq's number (`ZMQ_TYPE`), also the type byte of ZMTP 2.0. */
  readonly id: number;
  /** Peers it may talk to. */
  readonly peers: readonly string[];
  /** Whether it tells its routing id in the handshake. */
  readonly identifies: boolean;
}

/** One row a socket type. */
export const SOCKET_TYPES: Readonly<Record<SocketType, TypeRow>> = {
  PUB: { id: 1, peers: ["SUB", "XSUB"], identifies: false },
  SUB: { id: 2, peers: ["PUB", "XPUB"], identifies: false },
  REQ: { id: 3, peers: ["REP", "ROUTER"], identifies: true },
  REP: { id: 4, peers: ["REQ", "DEALER"], identifies: false },
  PULL: { id: 7, peers: ["PUSH"], identifies: false },
  PUSH: { id: 8, peers: ["PULL"], identifies: false },
};
