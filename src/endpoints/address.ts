// Endpoint addresses (zmq_bind(3), zmq_connect(3), zmq_inproc(7)):
// `scheme://rest`, both parts there. What is wrong with one is said in the
// error, with the code that libzmq gives.

import { ZmqError } from "../base/errors.ts";
import { invalid } from "../transports/stream_transport.ts";
import type { Carrier, Carriers } from "./carrier.ts";

/** An address, taken apart. */
export type Address = Carried | Inproc;

/** Where a carrier gets to. */
export interface Carried {
  readonly carrier: Carrier;
  readonly place: object;
}

/** A name within the context. */
export interface Inproc {
  readonly carrier: null;
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
export function bindAddress(address: string, carriers: Carriers): Address {
  return parse(address, true, carriers);
}

/** Takes an address of `connect` apart. */
export function connectAddress(address: string, carriers: Carriers): Address {
  return parse(address, false, carriers);
}

function parse(
  address: string,
  bind: boolean,
  carriers: Carriers,
): Address {
  const at = address.indexOf("://");
  if (at <= 0 || at + 3 === address.length) {
    throw invalid(
      address,
      "an endpoint is transport://address, such as tcp://127.0.0.1:5555",
    );
  }
  const scheme = address.slice(0, at);
  const rest = address.slice(at + 3);
  if (Object.hasOwn(carriers, scheme)) {
    const carrier = carriers[scheme];
    return { carrier, place: carrier.parse(address, rest, bind) };
  }
  if (scheme !== "inproc") throw unsupported(address, scheme, carriers);
  if (rest.length > LONGEST_INPROC_NAME) {
    throw invalid(
      address,
      `an inproc name has at most ${LONGEST_INPROC_NAME} characters`,
    );
  }
  return { carrier: null, place: { scheme, name: rest } };
}

function unsupported(
  address: string,
  scheme: string,
  carriers: Carriers,
): ZmqError {
  const why = Object.hasOwn(ELSEWHERE, scheme)
    ? ELSEWHERE[scheme]
    : `there is no such transport here; ${
      Object.keys(carriers).join(", ")
    } and inproc are`;
  return new ZmqError(
    "EPROTONOSUPPORT",
    `Cannot use ${address}: ${why}`,
    { address },
  );
}
