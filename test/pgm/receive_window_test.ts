// What a receiver of PGM expects, of packets that may be forged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ODATA, type Packet } from "../../src/pgm/packet.ts";
import { LOST, ReceiveWindow } from "../../src/pgm/receive_window.ts";
import { advanced } from "../../src/pgm/serial.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";

/** Data of a source with this number. */
function data(sqn: number): Packet {
  return {
    type: ODATA,
    sourcePort: 1,
    destinationPort: 2,
    gsi: new Uint8Array(6),
    sqn,
    trail: sqn,
    lead: 0,
    source: "",
    list: [],
    fragment: null,
    fin: false,
    tsdu: new Uint8Array(1),
  };
}

test("an SPM half the circle ahead makes nobody wait for two thousand million packets", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  window.data(data(10), 0);
  window.data({ ...data(20), trail: 10 }, 0);
  assert.equal((window.take() as Packet).sqn, 10);
  for (const far of [0x7fffffff, 0x80000000, 0x80000001, 0x80000008]) {
    const lead = advanced(11, far);
    window.path(advanced(lead, -1), lead, 0);
  }
  const missing = [11, 12, 13, 14, 15, 16, 17, 18, 19];
  assert.deepEqual(window.ask(1000, 100), missing);
});

/** Answers all that a window asks for, from what a source keeps from `trail` on. */
function repaired(window: ReceiveWindow, trail: number): number[] {
  const taken: number[] = [];
  for (let now = 1000; now < 100_000; now += 1000) {
    for (const sqn of window.ask(now, 1000)) {
      if (sqn >= trail) window.data({ ...data(sqn), trail }, now);
    }
    for (;;) {
      const next = window.take();
      if (next === null) break;
      if (next !== LOST) taken.push(next.sqn);
    }
    if (window.deadline === Infinity) break;
  }
  return taken;
}

const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("a gap longer than the window is filled bit by bit, as long as the source keeps it", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  window.data(data(10), 0);
  for (const sqn of [800, 801]) window.data({ ...data(sqn), trail: 10 }, 0);
  assert.deepEqual(repaired(window, 10), upTo(10, 801));
  assert.equal(window.lost, 0);
});

test("of such a gap only what the source has let go is lost", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  window.data(data(10), 0);
  for (const lead of [800, 801]) window.path(50, lead, 0);
  assert.deepEqual(repaired(window, 50), [10, ...upTo(50, 801)]);
  assert.equal(window.lost, 39);
});

test("what waits for a slow reader stays when more comes than may wait", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  for (const sqn of upTo(10, 300)) window.data({ ...data(sqn), trail: 10 }, 0);
  assert.deepEqual(repaired(window, 10), upTo(10, 300));
  assert.equal(window.lost, 0);
});

test("sources that share memory keep no more than that, lose nothing, and give it back", () => {
  let held = 0;
  let most = 0;
  const reserve = new class extends Reserve {
    override take(bytes: number): boolean {
      const taken = super.take(bytes);
      if (taken) most = Math.max(most, held += bytes);
      return taken;
    }
    override give(bytes: number): void {
      held -= bytes;
      super.give(bytes);
    }
  }(100_000);
  const large = (sqn: number) => ({
    ...data(sqn),
    trail: 10,
    tsdu: new Uint8Array(9000),
  });
  const windows = [1, 2].map(() => new ReceiveWindow(100, reserve, () => 0));
  for (const window of windows) {
    window.data(large(10), 0);
    for (const sqn of upTo(12, 80)) window.data(large(sqn), 0);
  }
  assert.ok(most > 90_000 && most <= 100_000, `${most}`);
  const [first, second] = windows;
  assert.deepEqual(repaired(first, 10), upTo(10, 80));
  assert.deepEqual(repaired(second, 10), upTo(10, 80));
  assert.equal(first.lost + second.lost, 0);
  assert.equal(held, 0);
  for (const sqn of upTo(82, 90)) second.data(large(sqn), 0);
  assert.ok(held > 0);
  second.close();
  assert.equal(held, 0);
});

test("an SPM tells that what was believed to be far ahead is not there", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  window.data(data(10), 0);
  for (const sqn of [800, 801]) window.data({ ...data(sqn), trail: 10 }, 0);
  window.path(10, 20, 0);
  assert.deepEqual(repaired(window, 10), upTo(10, 109));
});

test("once an SPM has told where a source is, its first packet is asked for, too", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  window.path(0, 9, 0);
  assert.equal(window.deadline, Infinity);
  window.data({ ...data(12), trail: 0 }, 0);
  assert.equal(window.take(), null);
  assert.deepEqual(repaired(window, 0), [10, 11, 12]);
  assert.equal(window.lost, 0);
});

test("before a source has sent anything, its SPMs tell of the number before the first", () => {
  const window = new ReceiveWindow(100, new Reserve(1e9), () => 0);
  window.path(0, 0xffffffff, 0);
  window.path(0, 1, 0);
  assert.deepEqual(repaired(window, 0), [0, 1]);
});
