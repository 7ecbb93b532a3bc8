// What a transport over datagrams is: how its addresses are read, and where they
// lead. Opening the socket is the adapter's.

import type { OptionValues } from "../base/option_types.ts";
import type { DatagramTarget } from "../runtime/adapter.ts";

/** Bytes in the largest datagram, with the name of a group in front. */
export const LARGEST_DATAGRAM = 8192;

/** An address of a transport over datagrams, taken apart. */
export interface DatagramPlace {
  readonly scheme: "udp";
  /** A name or a literal without brackets; `*` for any of ours. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** The interface of groups, by address or name; empty for the system's choice. */
  readonly interface: string;
  /** Whether the host is a multicast group. */
  readonly multicast: boolean;
}

/** A transport over datagrams. */
export interface DatagramTransport {
  /** Takes what follows `scheme://` apart. */
  parse(address: string, rest: string, bind: boolean): DatagramPlace;
  /** The socket of an address: one that receives there, or one that sends there. */
  target(
    place: DatagramPlace,
    options: OptionValues,
    bind: boolean,
  ): DatagramTarget;
  /** The endpoint of what was bound, as ZMQ_LAST_ENDPOINT has it. */
  endpoint(place: DatagramPlace, local: string): string;
}
