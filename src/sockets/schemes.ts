// Which transports a socket type takes (zmq_socket(3)): most take all streams.

import { ZmqError } from "../base/errors.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";

/** The schemes that types differ on; about any other the address itself is complained of. */
const KNOWN: readonly string[] = [
  ...["tcp", "ipc", "inproc", "ws", "wss"],
  ...["udp", "epgm"],
];
const PUBLISHING: readonly SocketType[] = ["PUB", "SUB", "XPUB", "XSUB"];

/** Throws ENOCOMPATPROTO if a socket type can't use the transport of an address. */
export function checkScheme(
  type: SocketType,
  address: string,
  bind: boolean,
): void {
  const scheme = address.slice(0, Math.max(0, address.indexOf("://")));
  if (!KNOWN.includes(scheme)) return;
  const why = refusal(type, scheme, bind);
  if (why === null) return;
  throw new ZmqError(
    "ENOCOMPATPROTO",
    `A ${SOCKET_TYPES[type].name} can't ${
      bind ? "bind to" : "connect to"
    } ${scheme}: ${why}`,
    { address },
  );
}

function refusal(
  type: SocketType,
  scheme: string,
  bind: boolean,
): string | null {
  if (type === "STREAM" && scheme !== "tcp") {
    return "a Stream speaks plain tcp";
  }
  if (type === "DGRAM" && (scheme !== "udp" || !bind)) {
    return "a Datagram binds to udp";
  }
  if (scheme === "epgm" && !PUBLISHING.includes(type)) {
    return "only publishers and subscribers do";
  }
  if (scheme !== "udp" || type === "DGRAM") return null;
  if (type === "RADIO") {
    return bind ? "a Radio connects there, and a Dish binds" : null;
  }
  if (type === "DISH") {
    return bind ? null : "a Dish binds there, and a Radio connects";
  }
  return "only Radio, Dish and Datagram do";
}
