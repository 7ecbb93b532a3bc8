// Endpoint addresses (zmq_bind(3), zmq_connect(3), zmq_inproc(7)):
// `scheme://rest`, both parts there. What is wrong with one is said in the
// error, with the code that libzmq gives.

import { ZmqError } from "../base/errors.ts";
import type {
  DatagramPlace,
  DatagramTransport,
} from "../transports/datagram_transport.ts";
import { type EpgmPlace, parseEpgm } from "../transports/epgm.ts";
import {
  invalid,
  type StreamAddress,
  type StreamTransport,
} from "../transports/stream_transport.ts";
import { streamTransport } from "../transports/streams.ts";
import { UDP } from "../transports/udp.ts";

/** An address, taken apart, by what carries it. */
export type Address = OverStream | OverDatagrams | OverMulticast | Inproc;

/** Where bytes flow. */
export interface OverStream {
  readonly over: "stream";
  readonly transport: StreamTransport;
  readonly place: StreamAddress;
}

/** Where datagrams go. */
export interface OverDatagrams {
  readonly over: "datagrams";
  readonly transport: DatagramTransport;
  readonly place: DatagramPlace;
}

/** Reliable multicast. */
export interface OverMulticast {
  readonly over: "multicast";
  readonly place: EpgmPlace;
}

/** A name within the context. */
export interface Inproc {
  readonly over: "inproc";
  readonly place: InprocAddress;
}

/** `inproc://name`. */
export interface InprocAddress {
  readonly scheme: "inproc";
  readonly name: string;
}

const LONGEST_INPROC_NAME = 256;
/** Schemes of libzmq that can't be had here, and why. */
const ELSEWHERE: Record<string, string> = {
  pgm:
    "it needs raw IP sockets, which no runtime offers; epgm is the same over udp",
  norm: "it needs the NORM library",
  tipc: "no runtime offers TIPC sockets",
  vmci: "no runtime offers VMCI sockets",
  vsock: "no runtime offers vsock sockets",
};

/** Takes an address of `bind` apart. */
export function bindAddress(address: string): Address {
  return parse(address, true);
}

/** Takes an address of `connect` apart. */
export function connectAddress(address: string): Address {
  return parse(address, false);
}

function parse(address: string, bind: boolean): Address {
  const at = address.indexOf("://");
  if (at <= 0 || at + 3 === address.length) {
    throw invalid(
      address,
      "an endpoint is transport://address, such as tcp://127.0.0.1:5555",
    );
  }
  const scheme = address.slice(0, at);
  const rest = address.slice(at + 3);
  const transport = streamTransport(scheme);
  if (transport !== undefined) {
    const place = transport.parse(address, rest, bind);
    return { over: "stream", transport, place };
  }
  if (scheme === "udp") {
    const place = UDP.parse(address, rest, bind);
    return { over: "datagrams", transport: UDP, place };
  }
  if (scheme === "epgm") {
    return { over: "multicast", place: parseEpgm(address, rest) };
  }
  if (scheme !== "inproc") throw unsupported(address, scheme);
  if (rest.length > LONGEST_INPROC_NAME) {
    throw invalid(
      address,
      `an inproc name has at most ${LONGEST_INPROC_NAME} characters`,
    );
  }
  return { over: "inproc", place: { scheme, name: rest } };
}

function unsupported(address: string, scheme: string): ZmqError {
  const why = Object.hasOwn(ELSEWHERE, scheme)
    ? ELSEWHERE[scheme]
    : "there is no such transport; tcp, ipc, inproc, ws, wss, udp and epgm are";
  return new ZmqError(
    "EPROTONOSUPPORT",
    `Cannot use ${address}: ${why}`,
    { address },
  );
}
