// What zeromq.js tells of the library behind it.

import type { ZmqError } from "../base/errors.ts";
import { optionsOf } from "../base/options.ts";
import { bindAddress } from "../endpoints/address.ts";
import { errnoError } from "./errno_error.ts";

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
  get curve() {
    return optionsOf("PUSH").get("curveServer")!.needs === null;
  },
  gssapi: false,
  draft: true,
};

/** The version of libzmq whose behaviour this follows. */
export const version: string = "4.3.5";

/** The version of this library. */
export const noughtVersion: string = "0.1.0";

/** A pair of keys in Z85. */
export interface CurveKeyPair {
  /** 40 characters, for everybody to know. */
  publicKey: string;
  /** 40 characters, for nobody else to know. */
  secretKey: string;
}

/** Makes a pair of keys for CURVE. Throws ENOTSUP while `capability.curve` is false. */
export function curveKeyPair(): CurveKeyPair {
  throw errnoError("ENOTSUP", "Operation not supported: there is no CURVE yet");
}

function takes(address: string): boolean {
  try {
    bindAddress(address);
    return true;
  } catch (error) {
    return (error as ZmqError).code !== "EPROTONOSUPPORT";
  }
}
