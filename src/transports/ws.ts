// ws and wss (RFC 45, zmq_ws(7)): where to listen or connect, `host:port/path`, and
// the WebSocket that stands between the stream and the connection.

import type { OptionValues } from "../base/option_types.ts";
import { mechanismOf } from "../base/mechanism_choice.ts";
import type { Feature, TcpTarget, TlsSettings } from "../runtime/adapter.ts";
import { MessageStream } from "../zws/message_stream.ts";
import {
  browserOffers,
  ClientUpgrade,
  offered,
  ServerUpgrade,
} from "../zws/upgrade.ts";
import type { ZwsSettings } from "../zws/played_stream.ts";
import { ZwsStream } from "../zws/zws_stream.ts";
import { hostAndPort } from "./host_port.ts";
import {
  type Chance,
  invalid,
  type StreamAddress,
  type StreamTransport,
} from "./stream_transport.ts";
import { tcpTarget } from "./tcp.ts";

/** `ws://host:port/path`. */
export interface WsAddress extends StreamAddress {
  readonly host: string;
  readonly port: number;
  /** With what follows a question mark; `/` if none is given. */
  readonly path: string;
}

const KEY_BYTES = 16;

/** A transport over WebSockets; `tls` says what makes them safe. */
function overWebSocket(
  scheme: "ws" | "wss",
  tls: (
    place: WsAddress,
    options: OptionValues,
    bind: boolean,
  ) => TlsSettings | null,
): StreamTransport {
  return {
    parse(address: string, rest: string, bind: boolean): WsAddress {
      const slash = rest.indexOf("/");
      const authority = slash < 0 ? rest : rest.slice(0, slash);
      const path = slash < 0 ? "/" : rest.slice(slash);
      const { host, port } = hostAndPort(address, authority, bind);
      if (host === "*" && !bind) {
        throw invalid(
          address,
          "connect needs a host; * stands for all interfaces in bind only",
        );
      }
      if (/[^\x21-\x7e]/.test(path)) {
        throw invalid(address, "a path has printable ASCII only");
      }
      return { scheme, host, port, path };
    },
    listenTarget(place: WsAddress, options: OptionValues): TcpTarget {
      const everywhere = options.ipv6 ? "::" : "0.0.0.0";
      const host = place.host === "*" ? everywhere : place.host;
      return {
        ...tcpTarget(host, place.port, null, options),
        tls: tls(place, options, true),
      };
    },
    connectTarget(
      place: WsAddress,
      options: OptionValues,
      features: ReadonlySet<Feature>,
    ): TcpTarget {
      const { host, port, path } = place;
      const target = tcpTarget(host, port, null, options);
      if (!features.has("webSockets")) {
        return { ...target, tls: tls(place, options, false) };
      }
      const named = host.includes(":") ? `[${host}]` : host;
      const { mechanism } = mechanismOf(options);
      const webSocket = {
        url: `${scheme}://${named}:${port}${path}`,
        protocols: browserOffers(mechanism),
      };
      return { ...target, webSocket };
    },
    endpoint: (local: string, { path }: WsAddress) =>
      `${scheme}://${local}${path}`,
    around(
      { host, path }: WsAddress,
      settings: ZwsSettings,
      mechanism: string,
      bind: boolean,
      chance: Chance,
      features: ReadonlySet<Feature>,
    ): ZwsStream | MessageStream {
      if (features.has("webSockets")) return new MessageStream(settings);
      if (bind) {
        return new ZwsStream(settings, new ServerUpgrade(mechanism), null);
      }
      const key = new Uint8Array(KEY_BYTES);
      chance.entropy(key);
      const named = host.includes(":") ? `[${host}]` : host;
      const upgrade = new ClientUpgrade(named, path, offered(mechanism), key);
      return new ZwsStream(settings, upgrade, () => chance.random32());
    },
  };
}

export const WS: StreamTransport = overWebSocket("ws", () => null);

export const WSS: StreamTransport = overWebSocket(
  "wss",
  ({ host }, options, bind) => {
    const { wssCertPem, wssKeyPem, wssTrustPem, wssTrustSystem, wssHostname } =
      options;
    return bind
      ? {
        certificate: wssCertPem,
        key: wssKeyPem,
        trust: null,
        trustSystem: false,
        hostname: "",
      }
      : {
        certificate: null,
        key: null,
        trust: wssTrustPem,
        trustSystem: wssTrustSystem,
        hostname: wssHostname ?? host,
      };
  },
);
