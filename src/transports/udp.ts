// udp (zmq_udp(7)): where datagrams are received or sent, unicast or to a group:
// `host:port`, `group:port`, `interface;group:port`.

import { ZmqError } from "../base/errors.ts";
import { ipBytes } from "../base/cidr.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { DatagramTarget } from "../runtime/adapter.ts";
import {
  type DatagramPlace,
  type DatagramTransport,
  LARGEST_DATAGRAM,
} from "./datagram_transport.ts";
import { hostAndPort, hostOf } from "./host_port.ts";
import { invalid } from "./stream_transport.ts";

export const UDP: DatagramTransport = {
  parse(address: string, rest: string, bind: boolean): DatagramPlace {
    const end = rest.indexOf(";");
    const { host, port } = hostAndPort(address, rest.slice(end + 1), bind);
    const multicast = isGroup(host);
    if (host === "*" && !bind) {
      throw invalid(
        address,
        "connect needs a host; * stands for all in bind only",
      );
    }
    if (end >= 0 && !multicast) {
      throw invalid(address, "an interface goes with a multicast group only");
    }
    const via = end < 0 ? "" : hostOf(address, rest.slice(0, end));
    if (host.includes(":") && ipBytes(via) !== null) {
      throw new ZmqError(
        "ENODEV",
        `Cannot use ${address}: groups of IPv6 take the name of an interface, not an address`,
        { address },
      );
    }
    return {
      scheme: "udp",
      host,
      port,
      interface: via === "*" ? "" : via,
      multicast,
    };
  },
  target(
    place: DatagramPlace,
    options: OptionValues,
    bind: boolean,
  ): DatagramTarget {
    const { host, port, multicast } = place;
    const group = bind && multicast ? host : "";
    return {
      kind: "udp",
      host: !bind || multicast || host === "*" ? "" : host,
      port: bind ? port : 0,
      shared: group !== "",
      ipv6: options.ipv6,
      to: bind ? null : { host, port },
      group,
      interface: place.interface,
      loop: options.multicastLoop,
      hops: options.multicastHops ?? 1,
      largest: LARGEST_DATAGRAM,
      usual: LARGEST_DATAGRAM,
    };
  },
  endpoint(
    { multicast, host, ...place }: DatagramPlace,
    local: string,
  ): string {
    if (!multicast) return `udp://${local}`;
    const port = local.slice(local.lastIndexOf(":"));
    const group = host.includes(":") ? `[${host}]` : host;
    const via = place.interface === "" ? "" : `${place.interface};`;
    return `udp://${via}${group}${port}`;
  },
};

/** Whether a literal address is a multicast group: 224.0.0.0/4, ff00::/8. */
export function isGroup(host: string): boolean {
  const bytes = ipBytes(host.split("%")[0]);
  if (bytes === null) return false;
  return bytes.length === 4 ? bytes[0] >> 4 === 0xe : bytes[0] === 0xff;
}
