// What a receiver of PGM expects, of packets that may be forged.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ODATA, type Packet } from "../../src/pgm/packet.ts";
import { ReceiveWindow } from "../../src/pgm/receive_window.ts";
import { advanced } from "../../src/pgm/serial.ts";

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
  const window = new ReceiveWindow(100, () => 0);
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
