// Everything that carries messages where a runtime has sockets, by the scheme of its
// addresses.

import { IPC } from "../transports/ipc.ts";
import { TCP } from "../transports/tcp.ts";
import { UDP } from "../transports/udp.ts";
import { WS, WSS } from "../transports/ws.ts";
import type { Carriers } from "./carrier.ts";
import { DatagramCarrier, MULTICAST } from "./datagram_carrier.ts";
import { listening } from "./listening.ts";
import { StreamCarrier } from "./stream_carrier.ts";

/** The table: a transport is a file and a row. */
export const CARRIERS: Carriers = {
  tcp: /* @__PURE__ */ new StreamCarrier(TCP, listening),
  ipc: /* @__PURE__ */ new StreamCarrier(IPC, listening),
  ws: /* @__PURE__ */ new StreamCarrier(WS, listening),
  wss: /* @__PURE__ */ new StreamCarrier(WSS, listening),
  udp: /* @__PURE__ */ new DatagramCarrier(UDP),
  epgm: MULTICAST,
};
