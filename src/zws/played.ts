// What ZWS has no words for is played to the connection behind a WebSocket: the
// peer's greeting, and without a mechanism its READY.

import { commandBody, framed } from "../base/command.ts";
import { encodeProperties } from "../base/metadata.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";
import { encodeText } from "../base/utf8.ts";

/** Bytes of a greeting. */
export const GREETING_BYTES = 64;

/** The greeting of a peer of ZMTP 3.0, whose subscriptions are messages. */
export function greetingOf(mechanism: string): Uint8Array {
  const greeting = new Uint8Array(GREETING_BYTES);
  greeting[0] = 0xff;
  greeting[9] = 0x7f;
  greeting[10] = 3;
  greeting.set(encodeText(mechanism), 12);
  return greeting;
}

/** The READY of a peer that has just said its name, of a type that fits ours. */
export function readyOf(ours: SocketType, name: Uint8Array): Uint8Array {
  const type = SOCKET_TYPES[ours].peers[0];
  return framed(commandBody(
    "READY",
    encodeProperties([["Socket-Type", encodeText(type)], ["Identity", name]]),
  ));
}
