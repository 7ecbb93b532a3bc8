// tcp (zmq_tcp(7)): where to listen or connect, with the options that act on
// the stream, and how the bound address is named.

import type { OptionValues } from "../base/option_types.ts";
import type { TcpTarget } from "../runtime/adapter.ts";

/** The target of a listener. */
export function tcpListenTarget(
  host: string,
  port: number,
  options: OptionValues,
): TcpTarget {
  const everywhere = options.ipv6 ? "::" : "0.0.0.0";
  return target(host === "*" ? everywhere : host, port, options);
}

/** The target of a connection. */
export function tcpConnectTarget(
  host: string,
  port: number,
  options: OptionValues,
): TcpTarget {
  return target(host, port, options);
}

/** The endpoint of a bound address, numeric as ZMQ_LAST_ENDPOINT has it. */
export function tcpEndpoint(local: string): string {
  return `tcp://${local}`;
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
