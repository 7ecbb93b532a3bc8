// The names that `import * as zmq from "zeromq"` gives.

export {
  type Capability,
  capability,
  type CurveKeyPair,
  curveKeyPair,
  noughtVersion,
  version,
} from "./capability.ts";
export { Context, context, type ContextOptions } from "./context.ts";
export type { ErrnoError } from "./errno_error.ts";
export {
  type DuplexSocket,
  type Readable,
  type ReadableSocket,
  type Writable,
  type WritableSocket,
} from "./directions.ts";
export type { Message, MessageLike } from "./message.ts";
export {
  type AuthError,
  type Event,
  type EventOfType,
  type EventSubscriber,
  type EventType,
  Observer,
  type ProtoError,
} from "./observer.ts";
export type {
  CommonProperties,
  ReceivingProperties,
  RouterConnectOptions,
  SendingProperties,
  SocketOptions,
  StreamConnectOptions,
} from "./option_types.ts";
export { Proxy } from "./proxy.ts";
export { Socket } from "./socket.ts";
export {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "./sockets.ts";
