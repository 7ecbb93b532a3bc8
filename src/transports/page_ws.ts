// ws and wss (RFC 45) in a page: the platform makes the WebSocket, and a page doesn't
// listen.

import { mechanismOf } from "../base/mechanism_choice.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { StreamTarget, TcpTarget } from "../runtime/adapter.ts";
import { MessageStream } from "../zws/message_stream.ts";
import type { ZwsSettings } from "../zws/played_stream.ts";
import { browserOffers } from "../zws/subprotocol.ts";
import type { StreamTransport } from "./stream_transport.ts";
import { tcpTarget } from "./tcp_target.ts";
import { bracketed, parseWs, type WsAddress } from "./ws_address.ts";

function inPage(scheme: "ws" | "wss"): StreamTransport {
  const targetOf = (place: WsAddress, options: OptionValues): TcpTarget => {
    const { host, port, path } = place;
    return {
      ...tcpTarget(host, port, null, options),
      webSocket: {
        url: `${scheme}://${bracketed(host)}:${port}${path}`,
        protocols: browserOffers(mechanismOf(options).mechanism),
      },
    };
  };
  return {
    parse: (address, rest, bind) => parseWs(scheme, address, rest, bind),
    listenTarget: (place: WsAddress, options: OptionValues): StreamTarget =>
      targetOf(place, options),
    connectTarget: targetOf,
    endpoint: (local: string, { path }: WsAddress) =>
      `${scheme}://${local}${path}`,
    around: (_place: WsAddress, settings: ZwsSettings) =>
      new MessageStream(settings),
  };
}

export const PAGE_WS: StreamTransport = /* @__PURE__ */ inPage("ws");
export const PAGE_WSS: StreamTransport = /* @__PURE__ */ inPage("wss");
