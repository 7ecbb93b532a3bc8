// Addresses of WebSockets (zmq_ws(7)): `ws://host:port/path`.

import { hostAndPort } from "./host_port.ts";
import { invalid, type StreamAddress } from "./stream_transport.ts";

/** `ws://host:port/path`. */
export interface WsAddress extends StreamAddress {
  readonly host: string;
  readonly port: number;
  /** With what follows a question mark; `/` if none is given. */
  readonly path: string;
}

/** Takes what follows `ws://` or `wss://` apart. */
export function parseWs(
  scheme: "ws" | "wss",
  address: string,
  rest: string,
  bind: boolean,
): WsAddress {
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
}

/** A host as it stands before a port. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
