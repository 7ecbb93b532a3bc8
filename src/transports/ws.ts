// ws and wss (RFC 45, zmq_ws(7)): where to listen or connect, and the WebSocket that stands between the stream and the connection.

import type { OptionValues } from "../base/option_types.ts";
import type { TcpTarget, TlsSettings } from "../runtime/adapter.ts";
import { offered } from "../zws/subprotocol.ts";
import { ClientUpgrade, ServerUpgrade } from "../zws/upgrade.ts";
import type { ZwsSettings } from "../zws/played_stream.ts";
import { ZwsStream } from "../zws/zws_stream.ts";
import type { Chance, StreamTransport } from "./stream_transport.ts";
import { tcpTarget } from "./tcp_target.ts";
import { bracketed, parseWs, type WsAddress } from "./ws_address.ts";

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
    parse: (address, rest, bind) => parseWs(scheme, address, rest, bind),
    listenTarget(place: WsAddress, options: OptionValues): TcpTarget {
      const everywhere = options.ipv6 ? "::" : "0.0.0.0";
      const host = place.host === "*" ? everywhere : place.host;
      return {
        ...tcpTarget(host, place.port, null, options),
        tls: tls(place, options, true),
      };
    },
    connectTarget(place: WsAddress, options: OptionValues): TcpTarget {
      const { host, port } = place;
      const target = tcpTarget(host, port, null, options);
      return { ...target, tls: tls(place, options, false) };
    },
    endpoint: (local: string, { path }: WsAddress) =>
      `${scheme}://${local}${path}`,
    around(
      { host, path }: WsAddress,
      settings: ZwsSettings,
      mechanism: string,
      bind: boolean,
      chance: Chance,
    ): ZwsStream {
      if (bind) {
        return new ZwsStream(settings, new ServerUpgrade(mechanism), null);
      }
      const key = new Uint8Array(KEY_BYTES);
      chance.entropy(key);
      const upgrade = new ClientUpgrade(
        bracketed(host),
        path,
        offered(mechanism),
        key,
      );
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
    const { handshakeInterval, maxPendingHandshakes } = options;
    const limits = { handshakeInterval, maxPendingHandshakes };
    return bind
      ? {
        ...limits,
        certificate: wssCertPem,
        key: wssKeyPem,
        trust: null,
        trustSystem: false,
        hostname: "",
      }
      : {
        ...limits,
        certificate: null,
        key: null,
        trust: wssTrustPem,
        trustSystem: wssTrustSystem,
        hostname: wssHostname ?? host,
      };
  },
);
