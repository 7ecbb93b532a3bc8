// The server's side of a WebSocket (RFC 6455), as far as a chat needs it: text,
// pings and the end. Deno and Bun bring one along, Node doesn't.

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Ear, Page } from "./serve.ts";

const TEXT = 1, CLOSE = 8, PING = 9, PONG = 10;
const LAST = 0x80, MASKED = 0x80;
const SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A message may have so many bytes: nobody chats in longer ones. */
const MOST = 65_535;

/** Answers an `upgrade` of `node:http`, and lets page and listener talk. */
export function acceptTextSocket(
  { headers }: IncomingMessage,
  stream: Duplex,
  head: Uint8Array,
  meet: (page: Page) => Ear,
): void {
  const key = `${headers["sec-websocket-key"]}${SALT}`;
  const accepted = createHash("sha1").update(key).digest("base64");
  stream.write(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
      `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\n`,
  );

  const send = (opcode: number, payload: Uint8Array) =>
    stream.writable && stream.write(frame(opcode, payload));
  const end = (code: number) => {
    send(CLOSE, Uint8Array.of(code >> 8, code));
    stream.end();
  };
  const ear = meet({
    send: (text) => send(TEXT, new TextEncoder().encode(text)),
    queued: () => stream.writableLength,
    close: () => end(1000),
  });

  let bytes = Buffer.from(head);
  let message = Buffer.alloc(0);
  const read = () => {
    for (let got = unframed(bytes); got !== null; got = unframed(bytes)) {
      if (got === "broken") return end(1002);
      const { first, payload, length } = got;
      bytes = bytes.subarray(length);
      const opcode = first & 15;
      if (opcode === CLOSE) return end(1000);
      // Who doesn't read what it is answered gets no more of it.
      if (opcode === PING && stream.writableLength <= MOST) send(PONG, payload);
      // Text comes in one frame, or goes on in frames whose opcode is 0.
      if (opcode > TEXT) continue;
      message = Buffer.concat([message, payload]);
      if (message.length > MOST) return end(1009);
      if (!(first & LAST)) continue;
      ear.said(message.toString());
      message = Buffer.alloc(0);
    }
  };
  stream.on("data", (more: Buffer) => {
    if (!stream.writable) return;
    bytes = Buffer.concat([bytes, more]);
    read();
  });
  stream.on("end", () => stream.end());
  stream.on("error", () => stream.destroy());
  stream.on("close", () => ear.gone());
  read();
}

function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const size = length < 126
    ? [length]
    : length <= 65_535
    ? [126, length >> 8, length]
    : [127, 0, 0, 0, 0, length >> 24, length >> 16, length >> 8, length];
  return Buffer.concat([Uint8Array.of(LAST | opcode, ...size), payload]);
}

/** The first frame of these bytes; null while some of it is missing. */
function unframed(bytes: Buffer):
  | { first: number; payload: Buffer; length: number }
  | "broken"
  | null {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 127;
  if (!(bytes[1] & MASKED) || short === 127) return "broken";
  const mask = short === 126 ? 4 : 2;
  const start = mask + 4;
  if (bytes.length < start) return null;
  const length = start + (short === 126 ? bytes.readUInt16BE(2) : short);
  if (bytes.length < length) return null;
  const payload = Buffer.from(bytes.subarray(start, length));
  for (let i = 0; i < payload.length; i++) payload[i] ^= bytes[mask + (i & 3)];
  return { first: bytes[0], payload, length };
}
