// What zeromq.js tells of the library behind it.

import { type CurveKeyPair, curveKeyPair as mainKeyPair } from "../../mod.ts";
import type { ZmqError } from "../base/errors.ts";
import { bindAddress } from "../endpoints/address.ts";
import { CARRIERS } from "../endpoints/carriers.ts";

/** What there is beyond tcp, inproc and NULL. */
export interface Capability {
  /** `ipc://`. */
  readonly ipc?: boolean;
  /** `pgm://`. */
  readonly pgm?: boolean;
  /** `tipc://`. */
  readonly tipc?: boolean;
  /** `norm://`. */
  readonly norm?: boolean;
  /** CURVE. */
  readonly curve?: boolean;
  /** GSSAPI. */
  readonly gssapi?: boolean;
  /** The classes of `zeromq/draft`. */
  readonly draft?: boolean;
}

/** What there is beyond tcp, inproc and NULL. */
export const capability: Capability = {
  get ipc() {
    return takes("ipc:///tmp/x");
  },
  pgm: false,
  tipc: false,
  norm: false,
  curve: true,
  gssapi: false,
  draft: true,
};

export type { CurveKeyPair };

/** The version of libzmq whose behaviour this follows. */
export const version: string = "4.3.5";

/** The version of this library. */
export const noughtVersion: string = "0.1.0";

/** Makes a pair of keys for CURVE, in Z85. */
export function curveKeyPair(): CurveKeyPair {
  return mainKeyPair();
}

function takes(address: string): boolean {
  try {
    bindAddress(address, CARRIERS);
    return true;
  } catch (error) {
    return (error as ZmqError).code !== "EPROTONOSUPPORT";
  }
}
