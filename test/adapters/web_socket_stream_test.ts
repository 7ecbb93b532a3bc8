// A WebSocket of the platform that nobody reads for a while: what it keeps, in
// which order, and how much.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type PlatformWebSocket,
  WebSocketStream,
} from "../../adapters/web_socket_stream.ts";

/** A stream, what came of it, and how its peer says something of so many bytes. */
function made(
  onData: (stream: WebSocketStream) => void = () => {},
  readyState = 1,
) {
  const socket: PlatformWebSocket = {
    binaryType: "",
    readyState,
    bufferedAmount: 0,
    protocol: "",
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: () => {},
    close: () => {},
  };
  const got: number[] = [];
  const errors: (Error | undefined)[] = [];
  const stream: WebSocketStream = new WebSocketStream(socket, "", {
    opened: () => {},
    data: (bytes) => {
      got.push(bytes.length);
      onData(stream);
    },
    sent: () => {},
    closed: (error) => errors.push(error),
  });
  const say = (length: number) =>
    socket.onmessage!({ data: new ArrayBuffer(length) });
  return { socket, stream, got, errors, say };
}

test("what came while nobody read comes in order, however often reading stops", () => {
  const { stream, got, say } = made((stream) => {
    if (got.length % 7 === 0) stream.pause();
  });
  stream.pause();
  const sent = Array.from({ length: 100 }, (_, i) => i);
  for (const length of sent.slice(0, 50)) say(length);
  for (const length of sent.slice(50)) {
    if (got.length < 42) stream.resume();
    say(length);
  }
  while (got.length < sent.length) stream.resume();
  assert.deepEqual(got, sent);
});

test("two hundred thousand small messages that wait are taken without moving all for each", () => {
  const { stream, got, say } = made();
  const { shift } = Array.prototype;
  stream.pause();
  for (let i = 0; i < 200_000; i++) say(1);
  Array.prototype.shift = function () {
    throw new Error("each message moves all that follow");
  };
  try {
    stream.resume();
  } finally {
    Array.prototype.shift = shift;
  }
  assert.equal(got.length, 200_000);
});

test("empty messages that nobody takes end the stream with ENOBUFS, too", async () => {
  const { stream, errors, say } = made();
  stream.pause();
  for (let i = 0; i < 300_000 && errors.length === 0; i++) say(0);
  await Promise.resolve();
  await Promise.resolve();
  const [error] = errors as (Error & { code: string })[];
  assert.equal(error?.code, "ENOBUFS");
});

test("one that was open is reset, and one that never was is refused", () => {
  for (const open of [true, false]) {
    const { socket, errors } = made(undefined, 0);
    if (open) socket.onopen!();
    socket.onclose!({ code: 1006, reason: "" });
    const [error] = errors as (Error & { code: string })[];
    assert.equal(error.code, open ? "ECONNRESET" : "ECONNREFUSED");
  }
});
