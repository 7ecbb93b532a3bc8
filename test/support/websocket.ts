// WebSocket frames for tests, written by hand.

import { bytes, concat } from "./bytes.ts";

/** A frame; masked with the key 01 02 03 04 if it is a client's. */
export function frame(
  first: number,
  payload: Uint8Array,
  masked = false,
): Uint8Array {
  const length = payload.length;
  const mask = masked ? 0x80 : 0;
  const size = length < 126
    ? [mask | length]
    : length < 65536
    ? [mask | 126, length >> 8, length & 255]
    : [
      mask | 127,
      0,
      0,
      0,
      0,
      length >>> 24,
      length >>> 16,
      length >>> 8,
      length,
    ]
      .map((byte) => byte & 255);
  if (!masked) return concat(Uint8Array.of(first, ...size), payload);
  return concat(
    Uint8Array.of(first, ...size, 1, 2, 3, 4),
    payload.map((byte, i) => byte ^ (1 + (i & 3))),
  );
}

/** The request of libzmq, with a key whose answer is known. */
export function request(
  protocols = "ZWS2.0/NULL,ZWS2.0",
  more: string[] = [],
): Uint8Array {
  return new TextEncoder().encode([
    "GET / HTTP/1.1",
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Sec-WebSocket-Protocol: ${protocols}`,
    "Sec-WebSocket-Version: 13",
    ...more,
    "\r\n",
  ].join("\r\n"));
}

/** The READY of a socket type in a frame of ZWS. */
export function zwsReady(type: string, masked: boolean): Uint8Array {
  const length = type.length.toString(16).padStart(2, "0");
  const body = bytes(
    `02 05 "READY" 0b "Socket-Type" 000000${length} "${type}"`,
  );
  return frame(0x82, body, masked);
}
