// tcp (zmq_tcp(7)): where to listen or connect, with the options that act on
// the stream, and how the bound address is named. A connection may come from a
// given address of ours (`source;host:port`) and go through a proxy.

import { ipBytes } from "../base/cidr.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { TcpSource, TcpTarget } from "../runtime/adapter.ts";
import { hostAndPort, hostOf } from "./host_port.ts";
import { Socks5 } from "./socks5.ts";
import {
  type Dialogue,
  invalid,
  type StreamAddress,
  type StreamTransport,
} from "./stream_transport.ts";
import { tcpTarget } from "./tcp_target.ts";

/** `tcp://host:port`. */
export interface TcpAddress extends StreamAddress {
  readonly scheme: "tcp";
  /** A name or a literal without brackets; `*` for every interface. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Where a connection comes from, if that is given. */
  readonly source: TcpSource | null;
}

export const TCP: StreamTransport = {
  parse(address: string, rest: string, bind: boolean): TcpAddress {
    const end = rest.lastIndexOf(";");
    if (end >= 0 && bind) {
      throw invalid(address, "only connect takes a source address");
    }
    const source = end < 0 ? null : sourceOf(address, rest.slice(0, end));
    const { host, port } = hostAndPort(address, rest.slice(end + 1), bind);
    if (host === "*" && !bind) {
      throw invalid(
        address,
        "connect needs a host; * stands for all interfaces in bind only",
      );
    }
    return { scheme: "tcp", host, port, source };
  },
  listenTarget({ host, port }: TcpAddress, options: OptionValues): TcpTarget {
    const everywhere = options.ipv6 ? "::" : "0.0.0.0";
    return tcpTarget(host === "*" ? everywhere : host, port, null, options);
  },
  connectTarget(place: TcpAddress, options: OptionValues): TcpTarget {
    const proxy = proxyOf(options);
    const { host, port } = proxy ?? place;
    return tcpTarget(host, port, place.source, options);
  },
  through(
    { host, port }: TcpAddress,
    options: OptionValues,
  ): (() => Dialogue) | null {
    if (proxyOf(options) === null) return null;
    const { socksUsername, socksPassword } = options;
    return () => new Socks5(host, port, socksUsername, socksPassword);
  },
  endpoint: (local: string) => `tcp://${local}`,
};

/** `source` or `source:port`; an address, an interface or `*`. */
function sourceOf(address: string, text: string): TcpSource {
  const whole = !text.includes(":") || text.endsWith("]") ||
    text.indexOf(":") !== text.lastIndexOf(":") && text[0] !== "[" &&
      ipBytes(text) !== null;
  return whole
    ? { host: hostOf(address, text), port: 0 }
    : hostAndPort(address, text, true);
}

/** The proxy that connections go through, or null. */
function proxyOf(
  { socksProxy }: OptionValues,
): { host: string; port: number } | null {
  if (socksProxy === null) return null;
  const called = `the socksProxy ${socksProxy}`;
  const proxy = hostAndPort(called, socksProxy, false);
  if (proxy.host === "*") throw invalid(called, "it is one host");
  return proxy;
}
