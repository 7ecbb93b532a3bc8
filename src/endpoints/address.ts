// Endpoint addresses (zmq_bind(3), zmq_connect(3), zmq_tcp(7), zmq_inproc(7)):
// `scheme://rest`, both parts there. What is wrong with one is said in the
// error, with the code that libzmq gives.

import { ZmqError } from "../base/errors.ts";

/** An address, taken apart. */
export type Address = TcpAddress | InprocAddress;

/** `tcp://host:port`. */
export interface TcpAddress {
  readonly scheme: "tcp";
  /** A name or a literal without brackets; `*` for every interface. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** `inproc://name`. */
export interface InprocAddress {
  readonly scheme: "inproc";
  readonly name: string;
}

const LONGEST_INPROC_NAME = 256;
const LARGEST_PORT = 65535;
/** Schemes of libzmq that can't be had here, and why. */
const ELSEWHERE: Record<string, string> = {
  ipc: "it is not built yet; use tcp on loopback, or inproc within the process",
  udp: "it is not built yet",
  ws: "it is not built yet; use tcp",
  wss: "it is not built yet; use tcp",
  epgm: "it is not built yet",
  pgm: "it needs raw IP sockets, which no runtime offers",
  norm: "it needs the NORM library",
  tipc: "no runtime offers TIPC sockets",
  vmci: "no runtime offers VMCI sockets",
  vsock: "no runtime offers vsock sockets",
};

/** Takes an address of `bind` apart. */
export function bindAddress(address: string): Address {
  const parsed = parse(address);
  if (parsed.scheme === "inproc") return parsed;
  return tcp(address, parsed.rest, true);
}

/** Takes an address of `connect` apart. */
export function connectAddress(address: string): Address {
  const parsed = parse(address);
  if (parsed.scheme === "inproc") return parsed;
  return tcp(address, parsed.rest, false);
}

function parse(
  address: string,
): InprocAddress | { scheme: "tcp"; rest: string } {
  const at = address.indexOf("://");
  if (at <= 0 || at + 3 === address.length) {
    throw invalid(
      address,
      "an endpoint is transport://address, such as tcp://127.0.0.1:5555",
    );
  }
  const scheme = address.slice(0, at);
  const rest = address.slice(at + 3);
  if (scheme === "tcp") return { scheme, rest };
  if (scheme !== "inproc") throw unsupported(address, scheme);
  if (rest.length > LONGEST_INPROC_NAME) {
    throw invalid(
      address,
      `an inproc name has at most ${LONGEST_INPROC_NAME} characters`,
    );
  }
  return { scheme, name: rest };
}

function tcp(address: string, rest: string, bind: boolean): TcpAddress {
  if (rest.includes(";")) {
    throw new ZmqError(
      "ENOTSUP",
      `Cannot use ${address}: a source address before the target is not supported yet; leave it out`,
      { address },
    );
  }
  const colon = rest.lastIndexOf(":");
  if (colon < 0) throw invalid(address, "a tcp endpoint ends with :port");
  const port = tcpPort(address, rest.slice(colon + 1), bind);
  let host = rest.slice(0, colon);
  if (host.startsWith("[") && host.endsWith("]")) host = host.slice(1, -1);
  if (host === "" || /[\s/[\]]/.test(host)) {
    throw invalid(address, "a tcp endpoint begins with a host name or address");
  }
  if (host === "*" && !bind) {
    throw invalid(
      address,
      "connect needs a host; * stands for all interfaces in bind only",
    );
  }
  return { scheme: "tcp", host, port };
}

function tcpPort(address: string, text: string, bind: boolean): number {
  if (bind && text === "*") return 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < (bind ? 0 : 1) || port > LARGEST_PORT) {
    throw invalid(
      address,
      bind
        ? "a port is a number up to 65535, or * for any free one"
        : "a port is a number from 1 to 65535",
    );
  }
  return port;
}

function invalid(address: string, rule: string): ZmqError {
  return new ZmqError("EINVAL", `Cannot use ${address}: ${rule}`, { address });
}

function unsupported(address: string, scheme: string): ZmqError {
  const why = Object.hasOwn(ELSEWHERE, scheme)
    ? ELSEWHERE[scheme]
    : "there is no such transport; tcp and inproc are";
  return new ZmqError(
    "EPROTONOSUPPORT",
    `Cannot use ${address}: ${why}`,
    { address },
  );
}
