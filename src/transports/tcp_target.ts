// Where a stream over tcp goes, with the options that act on it.

import type { OptionValues } from "../base/option_types.ts";
import type { TcpSource, TcpTarget } from "../runtime/adapter.ts";

/** A tcp target with the options that act on streams. */
export function tcpTarget(
  host: string,
  port: number,
  source: TcpSource | null,
  options: OptionValues,
): TcpTarget {
  return {
    kind: "tcp",
    host,
    port,
    source,
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
    tls: null,
    webSocket: null,
  };
}
