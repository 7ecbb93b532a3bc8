// What stands between a stream and its connection, by transport: a dialogue with
// a proxy, a WebSocket.

import type { StreamHandler } from "../runtime/adapter.ts";
import type {
  Around,
  StreamAddress,
  StreamTransport,
  ZwsSettings,
} from "../transports/stream_transport.ts";
import { mechanismOf } from "../base/mechanism_choice.ts";
import { ownRoutingId, type SocketSide } from "./socket_side.ts";
import { Tunnel } from "./tunnel.ts";

/** Bytes by which CURVE makes a frame larger. */
const HIDING = 33;

/** What a WebSocket is told of its socket. */
export function zwsSettings(socket: SocketSide): ZwsSettings {
  const { maxMessageSize } = socket.options;
  const { mechanism } = mechanismOf(socket.options);
  const hiding = mechanism === "CURVE" && maxMessageSize >= 0 ? HIDING : 0;
  return {
    socketType: socket.type,
    routingId: ownRoutingId(socket),
    maxMessageSize: maxMessageSize + hiding,
  };
}

/** What makes a WebSocket for each stream of an endpoint; null where there is none. */
export function around(
  transport: StreamTransport,
  place: StreamAddress,
  socket: SocketSide,
  bind: boolean,
): (() => Around) | null {
  const { reactor, options } = socket;
  if (transport.around === undefined) return null;
  const settings = zwsSettings(socket);
  const chance = {
    entropy: (into: Uint8Array) => reactor.adapter.entropy(into),
    random32: () => reactor.random32(),
  };
  const { mechanism } = mechanismOf(options);
  return () => transport.around!(place, settings, mechanism, bind, chance);
}

/** What wraps the handler of each attempt to connect; null where nothing does. */
export function wrapping(
  transport: StreamTransport,
  place: StreamAddress,
  socket: SocketSide,
): ((handler: StreamHandler) => StreamHandler) | null {
  const through = transport.through?.(place, socket.options) ?? null;
  const make = around(transport, place, socket, false);
  if (through === null && make === null) return null;
  return (handler) => {
    const inner = make === null ? handler : make().behind(handler);
    return through === null ? inner : new Tunnel(through(), inner);
  };
}
