// What a transport over streams is: how its addresses are read, and where they
// lead. The bytes are the same on all of them; opening them is the adapter's.

import { ZmqError } from "../base/errors.ts";
import type { OptionValues } from "../base/option_types.ts";
import type {
  ByteStream,
  Feature,
  StreamHandler,
  StreamTarget,
} from "../runtime/adapter.ts";
import type { ZwsSettings } from "../zws/played_stream.ts";

export type { ZwsSettings };

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
  /** What a new connection has to say first, to whom it passes; null for nothing. */
  through?(
    place: StreamAddress,
    options: OptionValues,
  ): (() => Dialogue) | null;
  /** The endpoint of what was bound, as ZMQ_LAST_ENDPOINT has it. */
  endpoint(local: string, place: StreamAddress): string;
  /** What stands between the stream and its connection; without it nothing does. */
  around?(
    place: StreamAddress,
    settings: ZwsSettings,
    mechanism: string,
    bind: boolean,
    chance: Chance,
  ): Around;
}

/** What stands between a stream and its connection: a stream itself, to the latter. */
export interface Around extends ByteStream, StreamHandler {
  /** Who is behind it; before anything comes. */
  behind(handler: StreamHandler): this;
}

/** Random numbers. */
export interface Chance {
  entropy(into: Uint8Array): void;
  /** Of 32 bits. */
  random32(): number;
}

/** What is said on a stream before a session has it. */
export interface Dialogue {
  /** `"done"` and `"failed"` end it. */
  readonly state: string;
  /** Why it failed, with a POSIX `code`; null until then. */
  readonly error: Error | null;
  /** What came and has not been understood yet; behind a dialogue that is done, the session's. */
  readonly rest: Uint8Array;
  /** The first word. */
  begin(): Uint8Array;
  /** Takes bytes, and gives the next word if there is one to say. */
  receive(bytes: Uint8Array): Uint8Array | null;
}

/** The error for an address that breaks a rule. */
export function invalid(address: string, rule: string): ZmqError {
  return new ZmqError("EINVAL", `Cannot use ${address}: ${rule}`, { address });
}
