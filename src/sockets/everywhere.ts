// What every program has of the public names, in pages too.

export { Channel, Pair } from "./pair.ts";
export { Client, Peer, Server } from "./client_server.ts";
export { Context, defaultContext } from "./context.ts";
export { Dealer, Router } from "./dealer_router.ts";
export { Dish, Radio } from "./radio_dish.ts";
export { Gather, Scatter } from "./scatter_gather.ts";
export {
  Publisher,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "./publish_subscribe.ts";
export { Pull, Push } from "./push_pull.ts";
export { merge, receiveAny } from "./receive_any.ts";
export { Reply, Request } from "./request_reply.ts";
export { Socket } from "./socket.ts";
export type { ErrorCode, ErrorDetails } from "../base/errors.ts";
export type {
  AddressEvent,
  CloseEvent,
  DisconnectEvent,
  EndEvent,
  EventError,
  EventOfType,
  EventPeer,
  EventType,
  FailureEvent,
  PeerEvent,
  RetryEvent,
  SocketEvent as Event,
} from "../base/event.ts";
export type { MessageLike } from "../base/message.ts";
export type { Frame, Message } from "./received.ts";
export type {
  ClientOptions,
  NumberedMessage,
  NumberedSendable,
  PeerOptions,
  ServerOptions,
} from "./client_server.ts";
export type { ContextOptions, SharedContext } from "./context.ts";
export type {
  DealerOptions,
  NamedConnectOptions,
  PeerState,
  RouterOptions,
} from "./dealer_router.ts";
export type { DuplexSocket } from "./duplex.ts";
export type {
  ChannelOptions,
  PairOptions,
  SingleMessage,
  SingleSendable,
} from "./pair.ts";
export type {
  PublisherOptions,
  SubscriberOptions,
  XPublisherOptions,
  XSubscriberOptions,
} from "./publish_subscribe.ts";
export type { PullOptions, PushOptions } from "./push_pull.ts";
export type {
  DishOptions,
  GroupMessage,
  GroupSendable,
  RadioOptions,
} from "./radio_dish.ts";
export type { Readable, ReadableSocket } from "./readable.ts";
export type { Arrival, ArrivalOptions } from "./receive_any.ts";
export type { Attributed, ReceiveOptions } from "./receive_queue.ts";
export type {
  ReplyOptions,
  RequestOptions,
  RoundOptions,
} from "./request_reply.ts";
export type { GatherOptions, ScatterOptions } from "./scatter_gather.ts";
export type { Sendable, SendOptions } from "./send_queue.ts";
export type {
  CloseOptions,
  ContextOption,
  PeerStats,
  SocketStats,
} from "./socket.ts";
export type { Writable, WritableSocket } from "./writable.ts";
