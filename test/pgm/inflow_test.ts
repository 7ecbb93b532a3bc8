// What comes of one source of PGM, by itself: TSDUs in pieces, whole, lost, and
// such as were made to be kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Inflow } from "../../src/pgm/inflow.ts";
import { ODATA, type Packet } from "../../src/pgm/packet.ts";
import { ReceiveWindow } from "../../src/pgm/receive_window.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { texts } from "../support/bytes.ts";

/** A receiver, what it has heard, and how it is sent the next packet. */
function made() {
  const heard: string[] = [];
  const inflow = new Inflow(
    { gsi: new Uint8Array(6), port: 1 },
    new ReceiveWindow(100, new Reserve(1e9), () => 0),
    {
      full: false,
      push: (frame) => heard.push(...texts([frame])),
      rollback: () => {},
    },
    Infinity,
    Infinity,
    new Reserve(Infinity),
    0,
  );
  let sqn = 0;
  const send = (
    tsdu: Uint8Array,
    fragment: Packet["fragment"] = null,
    trail = 0,
  ) =>
    inflow.receive({
      type: ODATA,
      sourcePort: 1,
      destinationPort: 2,
      gsi: new Uint8Array(6),
      sqn: sqn++,
      trail,
      lead: 0,
      source: "",
      list: [],
      fragment,
      fin: false,
      tsdu,
    }, 0);
  const skip = () => sqn++;
  /** Sends a TSDU in pieces of so many bytes, without those that `lose` names. */
  const sendPieces = (whole: Uint8Array, size: number, lose: number[] = []) => {
    const first = sqn;
    for (let offset = 0; offset < whole.length; offset += size) {
      const place = { first, offset, length: whole.length };
      if (lose.includes(offset)) skip();
      else send(whole.slice(offset, offset + size), place);
    }
  };
  return { inflow, heard, send, sendPieces, now: () => sqn };
}

/** A TSDU with messages that begin in it. */
const tsdu = (...messages: string[]) =>
  Uint8Array.from([
    ...[0, 0],
    ...messages.flatMap((one) => [
      ...[one.length + 1, 0],
      ...new TextEncoder().encode(one),
    ]),
  ]);

test("a TSDU that comes in pieces is put together, whatever their size", () => {
  for (const size of [1, 3, 7, 100]) {
    const { heard, send, sendPieces } = made();
    sendPieces(tsdu("one", "two"), size);
    send(tsdu("three"));
    sendPieces(tsdu("four"), size);
    assert.deepEqual(heard, ["one", "two", "three", "four"], `${size}`);
  }
});

test("of a TSDU with a piece that is lost for good nothing comes, and the next is heard", () => {
  for (const lost of [0, 3, 9]) {
    const { heard, inflow, send, sendPieces, now } = made();
    send(tsdu("begin"));
    sendPieces(tsdu("a", "b", "c"), 3, [lost]);
    send(tsdu("next"), null, now());
    sendPieces(tsdu("d"), 3);
    assert.deepEqual(heard, ["begin", "next", "d"], `without ${lost}`);
    assert.equal(inflow.fault?.code, "ECONNRESET");
  }
});

test("pieces that lie about their place or their TSDU change nothing", () => {
  const { heard, send, sendPieces } = made();
  const piece = new Uint8Array(60);
  send(tsdu("begin"));
  send(piece, { first: 0, offset: 0, length: 100 });
  send(piece, { first: 0, offset: 60, length: 100 });
  send(piece, { first: 0, offset: 60, length: 1000 });
  send(piece, { first: 0, offset: 60, length: 4294967295 });
  send(piece, { first: 0, offset: 4294967295, length: 100 });
  send(piece, { first: 0, offset: 0, length: 10 });
  sendPieces(tsdu("next"), 2);
  assert.deepEqual(heard, ["begin", "next"]);
});

test("of a piece only its bytes are kept: thousands of tiny ones hold no datagrams", () => {
  const { heard, send } = made();
  const whole = tsdu("one");
  for (let offset = 0; offset < whole.length; offset++) {
    const piece = whole.slice(offset, offset + 1);
    send(piece, { first: 0, offset, length: whole.length });
    // Nothing is left of what it came in.
    piece.fill(0);
  }
  assert.deepEqual(heard, ["one"]);
});
