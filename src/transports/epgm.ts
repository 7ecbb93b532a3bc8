// epgm (zmq_pgm(7)): a group on an interface, and the port of its session:
// `interface;group:port`, `;group:port`, or with other groups to receive from
// than to send to, `interface;receive,receive;send:port`.

import { ZmqError } from "../base/errors.ts";
import { hostAndPort, hostOf } from "./host_port.ts";
import { invalid } from "./stream_transport.ts";
import { isGroup } from "./udp.ts";

/** An address of epgm, taken apart. */
export interface EpgmPlace {
  readonly scheme: "epgm";
  /** By address or name; empty for the system's choice. */
  readonly interface: string;
  /** Groups to receive from. */
  readonly receive: readonly string[];
  /** The group to send to. */
  readonly send: string;
  readonly port: number;
}

/** Takes what follows `epgm://` apart. */
export function parseEpgm(address: string, rest: string): EpgmPlace {
  const parts = rest.split(";");
  if (parts.length > 3) {
    throw invalid(
      address,
      "it is interface;group:port, or interface;receive,...;send:port",
    );
  }
  const { host: send, port } = hostAndPort(address, parts.at(-1)!, false);
  const via = parts.length === 1 || parts[0] === ""
    ? ""
    : hostOf(address, parts[0]);
  const receive = parts.length === 3 ? parts[1].split(",") : [send];
  for (const group of [send, ...receive]) {
    if (!isGroup(group)) {
      throw invalid(
        address,
        `${group} is no multicast group; those begin with 224 to 239`,
      );
    }
  }
  if ([via, send, ...receive].some((host) => host.includes(":"))) {
    throw new ZmqError(
      "EAFNOSUPPORT",
      `Cannot use ${address}: epgm speaks IPv4 here; name the interface, and use a group of 224.0.0.0/4`,
      { address },
    );
  }
  return { scheme: "epgm", interface: via, receive, send, port };
}
