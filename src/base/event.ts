// What a socket reports of its connections (zmq_socket_monitor(3)), under the
// names of zeromq.js 6. No event is named "error": nobody has to listen.

/** An error of an event: `code` is a POSIX code or one of libzmq's protocol codes. */
export interface EventError extends Error {
  /** Such as `"ECONNREFUSED"` or `"ERR_ZMTP_MECHANISM_MISMATCH"`. */
  readonly code: string;
  /** The number libzmq uses for a POSIX code on Linux. */
  readonly errno?: number;
  /** The status of a refusal: 300, 400 or 500. */
  readonly status?: number;
}

/** What is known of the other end of a connection. */
export interface EventPeer {
  /** Its address, such as `127.0.0.1:40000`. */
  readonly address: string;
  /** The name it gave itself; empty if none. */
  readonly routingId: Uint8Array;
  /** Its socket type, such as `"PULL"`; empty before the handshake. */
  readonly socketType: string;
  /** The security mechanism, such as `"NULL"`; empty before the handshake. */
  readonly mechanism: string;
}

/** Something that happened to the endpoint `address`. */
export interface AddressEvent<T extends string> {
  /** Which event it is. */
  readonly type: T;
  /** Our endpoint, as it was given to `connect` or resolved by `bind`. */
  readonly address: string;
}

/** Something that happened to a connection. */
export interface PeerEvent<T extends string> extends AddressEvent<T> {
  /** The other end. */
  readonly peer: EventPeer;
}

/** Something that failed. */
export interface FailureEvent<T extends string> extends AddressEvent<T> {
  /** Why. */
  readonly error: EventError;
  /** The other end, where there was one. */
  readonly peer?: EventPeer;
}

/** A connection that ended; `error` says why, where a reason is known. */
export interface DisconnectEvent extends PeerEvent<"disconnect"> {
  /** Why, where there is a reason. */
  readonly error?: EventError;
}

/** An attempt that will be made again; `error` says why, where a reason is known. */
export interface RetryEvent extends AddressEvent<"connect:retry"> {
  /** Milliseconds until then. */
  readonly interval: number;
  /** Why no connection came about; what ends one has been told with its end. */
  readonly error?: EventError;
}

/** A listener or connector that closed; `error` is there if it gave up for good. */
export interface CloseEvent extends AddressEvent<"close"> {
  /** Why, where there is a reason. */
  readonly error?: EventError;
}

/** The last event. */
export interface EndEvent {
  /** Which event it is. */
  readonly type: "end";
}

/** An option has ended a connector: libzmq has no event for that, but `stats` remembers it. */
export interface Stopped extends AddressEvent<"stopped"> {
  /** What the last attempt ended with. */
  readonly error: EventError;
}

/** What endpoints tell their socket. */
export type Told = SocketEvent | Stopped;

/** An event of a socket. */
export type SocketEvent =
  | AddressEvent<"bind">
  | FailureEvent<"bind:error">
  | PeerEvent<"accept">
  | FailureEvent<"accept:error">
  | AddressEvent<"connect:delay">
  | PeerEvent<"connect">
  | RetryEvent
  | PeerEvent<"handshake">
  | FailureEvent<"handshake:error:protocol">
  | FailureEvent<"handshake:error:auth">
  | FailureEvent<"handshake:error:other">
  | DisconnectEvent
  | CloseEvent
  | FailureEvent<"close:error">
  | FailureEvent<"datagram:error">
  | FailureEvent<"swap:error">
  | FailureEvent<"loss">
  | EndEvent;

/** The name of an event. */
export type EventType = SocketEvent["type"];

/** The event of a name. */
export type EventOfType<T extends EventType> = Extract<
  SocketEvent,
  { type: T }
>;
