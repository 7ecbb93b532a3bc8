// The server's own WebSockets (RFC 6455). It works out the answer to a handshake,
// which comes as the body of the request, and takes frames apart: masks are off and
// messages whole when they come here. Whatever goes to the client, the handler writes.

import { ZmqError } from "../base/errors.ts";
import { decodeText } from "../base/utf8.ts";
import { formatResponse, type HttpResponse } from "./http_response.ts";
import { MalformedError } from "./malformed.ts";
import { concatBytes } from "./pieces.ts";
import type { Mongrel2Request } from "./request.ts";

/** What a frame is. */
export type FrameType =
  | "continuation"
  | "text"
  | "binary"
  | "close"
  | "ping"
  | "pong";

/** A message on a WebSocket, as the server passes it on. */
export interface Frame {
  /** What it is; `null` for an opcode that has no meaning. */
  readonly type: FrameType | null;
  /** Whether it is whole: this server puts messages together. */
  readonly final: boolean;
  /** What it carries: a view. */
  readonly payload: Uint8Array;
}

/** The parts of an answer to a handshake. */
export interface AcceptOptions {
  /** The subprotocol that was chosen of those that the client offers. */
  protocol?: string;
  /** Headers beside those of the handshake. */
  headers?: HttpResponse["headers"];
}

const OPCODES: Readonly<Record<FrameType, number>> = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
};
const NAMES: ReadonlyMap<number, FrameType> = new Map(
  Object.entries(OPCODES).map(([name, code]) => [code, name as FrameType]),
);
const FINAL = 0x80;
const SHORT = 125;
const MEDIUM = 0xffff;
const CONTROL = 8;
/** The answer to a key: a digest of 20 bytes in Base64. */
const ANSWER = /^[A-Za-z0-9+/]{27}=$/;

/** What came on a WebSocket, by the server's FLAGS; `null` if those are none. */
export function frameOf(
  flags: string | undefined,
  payload: Uint8Array,
): Frame | null {
  if (flags === undefined || !/^0x[0-9a-fA-F]{1,2}$/.test(flags)) return null;
  const byte = Number(flags);
  return {
    type: NAMES.get(byte & 0x0f) ?? null,
    final: (byte & FINAL) !== 0,
    payload,
  };
}

/** The subprotocols that a handshake offers, in the client's order. */
export function offeredProtocols(request: Mongrel2Request): string[] {
  return (request.headers.get("sec-websocket-protocol") ?? "").split(",")
    .map((name) => name.trim()).filter((name) => name !== "");
}

/**
 * Writes the answer to a handshake.
 *
 * @throws {MalformedError} if the server gave no answer to the client's key.
 */
export function formatAccept(
  request: Mongrel2Request,
  { protocol, headers }: AcceptOptions = {},
): Uint8Array {
  const answer = decodeText(request.body);
  if (request.kind !== "handshake" || !ANSWER.test(answer)) {
    throw new MalformedError("It is no handshake", request.bytes, 0);
  }
  return formatResponse({
    status: 101,
    headers: {
      ...headers,
      "Upgrade": "websocket",
      "Connection": "Upgrade",
      "Sec-WebSocket-Accept": answer,
      ...(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol }),
    },
  });
}

/**
 * Writes a frame for a client. Throws a `ZmqError` EINVAL for a control frame of more
 * than 125 bytes.
 */
export function formatFrame(
  type: FrameType,
  payload: Uint8Array | string = "",
  final: boolean = true,
): Uint8Array {
  const body = concatBytes([payload]);
  const { length } = body;
  const opcode = OPCODES[type];
  if (opcode >= CONTROL && (length > SHORT || !final)) {
    throw new ZmqError(
      "EINVAL",
      `A ${type} carries up to 125 bytes, in one frame`,
    );
  }
  const head = new Uint8Array(length <= SHORT ? 2 : length <= MEDIUM ? 4 : 10);
  head[0] = (final ? FINAL : 0) | opcode;
  const view = new DataView(head.buffer);
  if (length <= SHORT) head[1] = length;
  else if (length <= MEDIUM) {
    head[1] = 126;
    view.setUint16(2, length);
  } else {
    head[1] = 127;
    view.setUint32(2, Math.floor(length / 0x1_0000_0000));
    view.setUint32(6, length >>> 0);
  }
  return concatBytes([head, body]);
}

/** Writes a frame that closes a WebSocket: a code, and why. */
export function formatClose(
  code: number = 1000,
  reason: string = "",
): Uint8Array {
  if (!Number.isInteger(code) || code < 1000 || code > 4999) {
    throw new ZmqError("EINVAL", "A close has a code from 1000 to 4999");
  }
  return formatFrame(
    "close",
    concatBytes([Uint8Array.of(code >> 8, code & 0xff), reason]),
  );
}
