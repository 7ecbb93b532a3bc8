// A WebSocket of the platform that nobody reads for a while: what it keeps, in
// which order, and how much.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type PlatformWebSocket,
  WebSocketStream,
} from "../../adapters/web_socket_stream.ts";
import { until } from "../support/wait.ts";

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

const MIB = 1 << 20;

for (
  const [what, length, most] of [["", MIB, 64], ["empty ", 0, 300_000]] as const
) {
  test(`${what}messages that nobody takes end the stream, which says ENOBUFS once what came first is taken`, () => {
    const { socket, stream, got, errors, say } = made((stream) => {
      if (got.length === 10) stream.pause();
    });
    let closed = 0;
    socket.close = () => closed++;
    stream.pause();
    let said = 0;
    for (; said <= most && closed === 0; said++) say(length);
    assert.equal(closed, 1);
    say(length);
    socket.onclose!({ code: 1005, reason: "" });
    assert.deepEqual([got.length, errors], [0, []]);
    stream.resume();
    assert.deepEqual([got.length, errors], [10, []]);
    stream.resume();
    assert.equal(got.length, said);
    const [error] = errors as (Error & { code: string })[];
    assert.equal(error.code, "ENOBUFS");
    assert.equal(errors.length, 1);
  });
}

test("what a peer said before it left is taken, unless nobody wants it", async () => {
  for (const how of ["taken", "aborted", "ended"]) {
    const { socket, stream, got, errors, say } = made();
    stream.pause();
    say(1);
    say(2);
    if (how === "ended") stream.end(2000);
    socket.onclose!({ code: 1000, reason: "" });
    assert.equal(errors.length, how === "ended" ? 1 : 0);
    if (how === "aborted") stream.abort();
    else stream.resume();
    await Promise.resolve();
    assert.deepEqual(got, how === "taken" ? [1, 2] : []);
    assert.deepEqual(errors, [undefined]);
  }
});

test("streams that have ended keep no more than one may, all together", () => {
  const streams = Array.from({ length: 10 }, () => {
    const one = made();
    one.stream.pause();
    for (let i = 0; i < 60; i++) one.say(MIB);
    one.socket.onclose!({ code: 1000, reason: "" });
    return one;
  });
  for (const { stream } of streams) stream.resume();
  const kept = streams.map(({ got }) => got.length);
  assert.deepEqual(kept, [60, ...Array(9).fill(0)]);
  const codes = streams.map(({ errors: [error] }) =>
    (error as { code?: string } | undefined)?.code
  );
  assert.deepEqual(codes, [undefined, ...Array(9).fill("ENOBUFS")]);
  // And what was taken makes room for others.
  const { socket, stream, got, say } = made();
  stream.pause();
  say(MIB);
  socket.onclose!({ code: 1000, reason: "" });
  stream.resume();
  assert.equal(got.length, 1);
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

test("one that is closed without a word, as a page's policy has it, has ended", async () => {
  const { socket, errors } = made(() => {}, 3);
  socket.onerror!({});
  await until("it is told", () => errors.length > 0);
  assert.equal((errors[0] as Error & { code: string }).code, "ECONNREFUSED");
  socket.onclose!({ code: 1006, reason: "" });
  assert.equal(errors.length, 1);
});
