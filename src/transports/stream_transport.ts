// What a transport over streams is: how its addresses are read, and where they
// lead. The bytes are the same on all of them; opening them is the adapter's.

import { ZmqError } from "../base/errors.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { Feature, StreamTarget } from "../runtime/adapter.ts";

/** An address of a transport, taken apart. */
export interface StreamAddress {
  readonly scheme: string;
}

/** A transport over streams. */
export interface StreamTransport {
  /** Takes what follows `scheme://` apart. */
  parse(address: string, rest: string, bind: boolean): StreamAddress;
  /** Where a listener sits. */
  listenTarget(
    place: StreamAddress,
    options: OptionValues,
    features: ReadonlySet<Feature>,
  ): StreamTarget;
  /** Where a connection goes. */
  connectTarget(
    place: StreamAddress,
    options: OptionValues,
    features: ReadonlySet<Feature>,
  ): StreamTarget;
  /** The endpoint of what was bound, as ZMQ_LAST_ENDPOINT has it. */
  endpoint(local: string): string;
}

/** The error for an address that breaks a rule. */
export function invalid(address: string, rule: string): ZmqError {
  return new ZmqError("EINVAL", `Cannot use ${address}: ${rule}`, { address });
}
