// Which transports a socket type takes (zmq_socket(3)): most take all streams.

import { ZmqError } from "../base/errors.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";

/** The schemes that types differ on; about any other the address itself is complained of. */
const KNOWN: readonly string[] = ["tcp", "ipc", "inproc", "udp", "ws", "wss"];
const DATAGRAMS: readonly SocketType[] = ["RADIO", "DISH", "DGRAM"];

/** Throws ENOCOMPATPROTO if a socket type can't use the transport of an address. */
export function checkScheme(type: SocketType, address: string): void {
  const scheme = address.slice(0, Math.max(0, address.indexOf("://")));
  if (takes(type, scheme)) return;
  const { name } = SOCKET_TYPES[type];
  throw new ZmqError(
    "ENOCOMPATPROTO",
    `A ${name} can't use ${scheme}: ${ADVICE[type] ?? ADVICE[scheme]}`,
    { address },
  );
}

function takes(type: SocketType, scheme: string): boolean {
  if (!KNOWN.includes(scheme)) return true;
  if (type === "STREAM") return scheme === "tcp";
  if (type === "DGRAM") return scheme === "udp";
  return scheme !== "udp" || DATAGRAMS.includes(type);
}

const ADVICE: Record<string, string> = {
  STREAM: "a Stream speaks plain tcp",
  DGRAM: "a Datagram speaks udp",
  udp: "only Radio, Dish and Datagram do",
};
