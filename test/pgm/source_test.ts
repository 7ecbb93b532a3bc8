// The sending side of PGM by itself: its rate, its window, and receivers that ask
// for more than they should.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApduWriter, type FrameSource } from "../../src/pgm/apdu_writer.ts";
import {
  NAK,
  nakPacket,
  NCF,
  ODATA,
  type Packet,
  parsePacket,
  RDATA,
  SPM,
  spmrPacket,
} from "../../src/pgm/packet.ts";
import { Source } from "../../src/pgm/source.ts";
import { hex } from "../support/bytes.ts";

const TSI = { gsi: Uint8Array.of(1, 2, 3, 4, 5, 6), port: 9 };
const HERE = [10, 0, 0, 1];
const GROUP = [239, 192, 1, 1];
const RATE = 800;
const BYTES_A_MS = RATE / 8;

/** Frames of so many bytes, without end, or the given ones. */
function endless(length: number): FrameSource {
  const frame = new Uint8Array(length);
  return { next: () => true, frame, flags: 0 };
}

function listed(...frames: [bytes: Uint8Array, flags: number][]): FrameSource {
  const source = {
    frame: new Uint8Array(0) as Uint8Array,
    flags: 0,
    next: () => {
      const next = frames.shift();
      if (next === undefined) return false;
      [source.frame, source.flags] = next;
      return true;
    },
  };
  return source;
}

const source = (
  frames: FrameSource,
  recoveryInterval = 10_000,
  { rate = RATE, maxTpdu = 1500 } = {},
) =>
  new Source(
    {
      tsi: TSI,
      session: 5555,
      address: HERE,
      group: GROUP,
      rate,
      recoveryInterval,
      maxTpdu,
    },
    new ApduWriter(frames),
    0,
  );

/** All that it sends until `end`, asked whenever it says; `meanwhile` comes every millisecond. */
function run(
  made: Source,
  end: number,
  meanwhile: (now: number) => void = () => {},
): { at: number; bytes: number; packet: Packet }[] {
  const sent = [];
  for (let now = 0; now < end; now++) {
    meanwhile(now);
    for (;;) {
      const bytes = made.next(now);
      if (bytes === null) break;
      const packet = parsePacket(bytes) as Packet;
      assert.equal(typeof packet, "object");
      sent.push({ at: now, bytes: bytes.length + 28, packet });
    }
  }
  return sent;
}

const nak = (...sqns: number[]) =>
  parsePacket(nakPacket(NAK, TSI, 5555, sqns, HERE, GROUP)) as Packet;

test("it sends no more than its rate, however much waits", () => {
  const sent = run(source(endless(10)), 5000);
  const bytes = sent.reduce((sum, one) => sum + one.bytes, 0);
  assert.ok(bytes <= 5000 * BYTES_A_MS + 3000, `${bytes}`);
  assert.ok(bytes >= 5000 * BYTES_A_MS * 0.98, `${bytes}`);
  for (const { packet } of sent) assert.ok(packet.tsdu.length <= 1428);
});

test("receivers that ask without end get no more than the rate allows, and new data goes on", () => {
  const made = source(endless(10));
  let asked = 0;
  const sent = run(made, 5000, () => {
    for (let i = 0; i < 20; i++) made.receive(nak(asked++ % 50, 4_000_000), 0);
  });
  const bytes = sent.reduce((sum, one) => sum + one.bytes, 0);
  assert.ok(bytes <= 5000 * BYTES_A_MS + 3000, `${bytes}`);
  const fresh = sent.filter(({ packet }) => packet.type === ODATA).length;
  const again = sent.filter(({ packet }) => packet.type === RDATA).length;
  assert.ok(again > 0 && fresh >= again * 0.9, `${fresh} new, ${again} again`);
});

test("what is in the window is confirmed and sent again as it was; what is not is only confirmed", () => {
  const made = source(listed(...Array.from(
    { length: 3 },
    (_, i): [Uint8Array, number] => [new Uint8Array(1400).fill(i + 1), 0],
  )));
  let first: Packet | null = null;
  const sent = run(made, 2000, (now) => {
    if (now === 1000) made.receive(nak(1, 77), now);
  });
  for (const { packet } of sent) {
    if (packet.type === ODATA && packet.sqn === 1) first = packet;
  }
  const late = sent.filter(({ at }) => at >= 1000).map(({ packet }) => packet);
  const confirmed = late.find(({ type }) => type === NCF)!;
  assert.deepEqual([confirmed.sqn, ...confirmed.list], [1, 77]);
  const repairs = late.filter(({ type }) => type === RDATA);
  assert.equal(repairs.length, 1);
  assert.equal(repairs[0].sqn, 1);
  assert.equal(hex(repairs[0].tsdu), hex(first!.tsdu));
});

test("the window holds what the recovery interval holds of the rate", () => {
  // 1000 ms of 100 bytes a millisecond are 66 packets of 1500 bytes.
  const sent = run(source(endless(1000), 1000), 20_000);
  const last = sent.at(-1)!.packet;
  const data = sent.filter(({ packet }) => packet.type === ODATA);
  assert.ok(data.length > 500);
  assert.equal(last.type, ODATA);
  assert.equal(last.sqn - last.trail, 65);
});

test("a source that never rests tells of itself every 30 seconds all the same", () => {
  const sent = run(source(endless(1000)), 95_000)
    .filter(({ packet }) => packet.type === SPM).map(({ at }) => at);
  assert.deepEqual(sent.slice(0, 3), [0, 0, 0]);
  const later = sent.slice(3);
  assert.equal(later.length, 3, `${later}`);
  later.forEach((at, i) => {
    assert.ok(Math.abs(at - 30_000 * (i + 1)) < 100, `${later}`);
  });
});

test("three SPMs go first; after data they come at growing intervals, and at once when asked for", () => {
  const made = source(listed([new Uint8Array(5), 0]));
  const spms = run(made, 3500, (now) => {
    if (now !== 3000) return;
    made.receive(parsePacket(spmrPacket(TSI, 5555)) as Packet, now);
  }).filter(({ packet }) => packet.type === SPM);
  assert.equal(spms.filter(({ at }) => at < 50).length, 3);
  const later = spms.filter(({ at }) => at >= 50).map(({ at }) => at);
  const from = later[0] - 100;
  assert.deepEqual(later, [
    ...[100, 200, 300, 400, 1700].map((ms) => from + ms),
    3000,
  ]);
});

test("it says goodbye three times, with its last number, and sends nothing more", () => {
  const made = source(endless(100));
  const sent = run(made, 2000, (now) => {
    if (now === 1000) made.end();
  });
  const late = sent.filter(({ at }) => at >= 1000).map(({ packet }) => packet);
  assert.equal(late.length, 3);
  const lead = sent.filter(({ packet }) => packet.type === ODATA).at(-1)!;
  for (const packet of late) {
    assert.equal(packet.fin, true);
    assert.equal(packet.lead, lead.packet.sqn);
  }
  assert.equal(made.done, true);
});

test("the offset of a packet names the first message that begins in it", () => {
  const writer = new ApduWriter(listed(
    [new Uint8Array(3000), 0],
    [Uint8Array.of(1), 1],
    [Uint8Array.of(2), 0],
    [new Uint8Array(1500), 1],
    [new Uint8Array(10), 0],
    [Uint8Array.of(3), 0],
  ));
  const offsets = [];
  for (let tsdu = writer.next(1428); tsdu !== null; tsdu = writer.next(1428)) {
    offsets.push(hex(tsdu.subarray(0, 2)));
  }
  // 10 + 3000, 3 + 3, 10 + 1500 + 12, 3 bytes in slices of 1426.
  assert.deepEqual(offsets, ["0000", "ffff", "009e", "0104"]);
});

test("a source takes any rate, window and size of packets, and reserves nothing for what it has not sent", () => {
  const most = 2147483647;
  for (const maxTpdu of [1, 1500, 100_000, most]) {
    const made = source(endless(70_000), most, { rate: 1_000_000, maxTpdu });
    const sent = run(made, 3).filter(({ packet }) => packet.type === ODATA);
    assert.ok(sent.length > 3);
    assert.ok(sent.every(({ bytes }) => bytes <= 65535), `${maxTpdu}`);
    const [{ packet: { sqn, tsdu } }] = sent;
    made.receive(nak(sqn), 5);
    const again = run(made, 7).find(({ packet }) => packet.type === RDATA);
    assert.deepEqual(again?.packet.tsdu, tsdu);
  }
});
