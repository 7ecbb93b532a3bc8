// tcp (zmq_tcp(7)): where to listen or connect, with the options that act on
// the stream, and how the bound address is named.

import { ZmqError } from "../base/errors.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { TcpTarget } from "../runtime/adapter.ts";
import {
  invalid,
  type StreamAddress,
  type StreamTransport,
} from "./stream_transport.ts";

/** `tcp://host:port`. */
export interface TcpAddress extends StreamAddress {
  readonly scheme: "tcp";
  /** A name or a literal without brackets; `*` for every interface. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

const LARGEST_PORT = 65535;

export const TCP: StreamTransport = {
  parse(address: string, rest: string, bind: boolean): TcpAddress {
    if (rest.includes(";")) {
      throw new ZmqError(
        "ENOTSUP",
        `Cannot use ${address}: a source address before the target is not supported yet; leave it out`,
        { address },
      );
    }
    const colon = rest.lastIndexOf(":");
    if (colon < 0) throw invalid(address, "a tcp endpoint ends with :port");
    const port = portOf(address, rest.slice(colon + 1), bind);
    let host = rest.slice(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) host = host.slice(1, -1);
    if (host === "" || /[\s/[\]]/.test(host)) {
      throw invalid(
        address,
        "a tcp endpoint begins with a host name or address",
      );
    }
    if (host === "*" && !bind) {
      throw invalid(
        address,
        "connect needs a host; * stands for all interfaces in bind only",
      );
    }
    return { scheme: "tcp", host, port };
  },
  listenTarget({ host, port }: TcpAddress, options: OptionValues): TcpTarget {
    const everywhere = options.ipv6 ? "::" : "0.0.0.0";
    return target(host === "*" ? everywhere : host, port, options);
  },
  connectTarget({ host, port }: TcpAddress, options: OptionValues): TcpTarget {
    return target(host, port, options);
  },
  endpoint: (local: string) => `tcp://${local}`,
};

function portOf(address: string, text: string, bind: boolean): number {
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

function target(
  host: string,
  port: number,
  options: OptionValues,
): TcpTarget {
  return {
    kind: "tcp",
    host,
    port,
    ipv6: options.ipv6,
    backlog: options.backlog,
    keepAlive: {
      enable: options.tcpKeepalive as -1 | 0 | 1,
      idle: options.tcpKeepaliveIdle,
      interval: options.tcpKeepaliveInterval,
      count: options.tcpKeepaliveCount,
    },
    sendBuffer: options.sendBufferSize,
    receiveBuffer: options.receiveBufferSize,
    typeOfService: options.typeOfService,
    descriptor: options.useFd,
  };
}
