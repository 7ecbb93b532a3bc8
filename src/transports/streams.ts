// The transports over streams, by the scheme of their addresses.

import { IPC } from "./ipc.ts";
import type { StreamTransport } from "./stream_transport.ts";
import { TCP } from "./tcp.ts";
import { WS, WSS } from "./ws.ts";

/** The table: a transport is a file and a row. */
export const STREAMS: Readonly<Record<string, StreamTransport>> = {
  tcp: TCP,
  ipc: IPC,
  ws: WS,
  wss: WSS,
};

/** The transport of a scheme, if it is one over streams. */
export function streamTransport(scheme: string): StreamTransport | undefined {
  return Object.hasOwn(STREAMS, scheme) ? STREAMS[scheme] : undefined;
}
