// Packets of PGM, against what libzmq's OpenPGM was seen to send.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checksum,
  dataPacket,
  NAK,
  nakPacket,
  NCF,
  ODATA,
  type Packet,
  parsePacket,
  RDATA,
  SPM,
  spmPacket,
  SPMR,
  spmrPacket,
  tsiKey,
  tsiOf,
} from "../../src/pgm/packet.ts";
import { bytes, hex } from "../support/bytes.ts";
import { generator } from "../../adapters/simulated/random.ts";

const GSI = bytes("fc982a932a0c");
const SENDER = { gsi: GSI, port: 0xd61f };
const REPAIRER = { gsi: GSI, port: 0x37cc };
const STRANGER = { gsi: bytes("0a0b0c0d0e0f"), port: 0x1234 };
const SESSION = 0x15b3;
const HERE = [127, 0, 0, 1];
const GROUP = [239, 192, 1, 1];

/** Packets as captured, and how we make them. */
const CAPTURED: Record<string, [bytes: string, ours: Uint8Array]> = {
  "an SPM of an empty window": [
    "d61f15b3000043f2fc982a932a0c00000000000000000000ffffffff000100007f000001",
    spmPacket(SENDER, SESSION, 0, 0, 0xffffffff, HERE, false),
  ],
  "ODATA with one message": [
    "d61f15b304007519fc982a932a0c0009000000000000000000000600" + "68656c6c6f",
    dataPacket(
      ODATA,
      SENDER,
      SESSION,
      0,
      0,
      bytes("0000060068656c6c6f"),
    ),
  ],
  "ODATA with a message of two frames": [
    "d61f15b30400f983fc982a932a0c0009000000010000000000000201610300" + "6262",
    dataPacket(
      ODATA,
      SENDER,
      SESSION,
      1,
      0,
      bytes("0000020161" + "03006262"),
    ),
  ],
  "an SPMR": [
    "15b312340c00a7f10a0b0c0d0e0f0000",
    spmrPacket(STRANGER, SESSION),
  ],
  "a NAK": [
    "15b3123408003bc50a0b0c0d0e0f000000000066000100007f00000200010000efc00101",
    nakPacket(NAK, STRANGER, SESSION, [0x66], [127, 0, 0, 2], GROUP),
  ],
  "an NCF": [
    "37cc15b30a00e781fc982a932a0c000000000001000100007f00000100010000efc00101",
    nakPacket(NCF, REPAIRER, SESSION, [1], HERE, GROUP),
  ],
  "RDATA": [
    "37cc15b30500b6d2fc982a932a0c0007000000010000000000000400706d31",
    dataPacket(
      RDATA,
      REPAIRER,
      SESSION,
      1,
      0,
      bytes("00000400706d31"),
    ),
  ],
  "an SPM that says goodbye": [
    "37cc15b300015428fc982a932a0c00000000000a0000000000000002000100007f000001" +
    "000400088e040000",
    spmPacket(REPAIRER, SESSION, 10, 0, 2, HERE, true),
  ],
};

for (const [what, [seen, ours]] of Object.entries(CAPTURED)) {
  test(`${what} is made byte for byte, and understood`, () => {
    assert.equal(hex(ours), seen);
    assert.equal(typeof parsePacket(bytes(seen)), "object");
  });
}

test("a NAK with a list is understood, whatever stands in reserved bytes", () => {
  const packet = parsePacket(bytes(
    "15b312340803abe50a0b0c0d0e0f000000000068000100007f00000200010000efc00101" +
      "0004001882140c00000000690000006a0000006b0000006c",
  )) as Packet;
  assert.equal(packet.type, NAK);
  assert.equal(packet.sqn, 0x68);
  assert.deepEqual(packet.list, [0x69, 0x6a, 0x6b, 0x6c]);
  assert.equal(packet.source, "127.0.0.2");
  assert.equal(tsiKey(tsiOf(packet)), "0a0b0c0d0e0f.4660");
});

test("our own list of a NAK is understood", () => {
  const sqns = Array.from({ length: 63 }, (_, i) => i * 7);
  const made = nakPacket(NAK, STRANGER, SESSION, sqns, HERE, GROUP);
  const packet = parsePacket(made) as Packet;
  assert.deepEqual([packet.sqn, ...packet.list], sqns);
});

test("what an SPM tells is read", () => {
  const made = spmPacket(SENDER, SESSION, 7, 4294967290, 3, HERE, true);
  const packet = parsePacket(made) as Packet;
  assert.equal(packet.type, SPM);
  assert.equal(packet.sqn, 7);
  assert.equal(packet.trail, 4294967290);
  assert.equal(packet.lead, 3);
  assert.equal(packet.source, "127.0.0.1");
  assert.equal(packet.fin, true);
});

test("a checksum that is wrong, or 0 for none, is refused", () => {
  const good = dataPacket(ODATA, SENDER, SESSION, 1, 0, new Uint8Array(9));
  assert.equal(checksum(good), 0);
  for (let i = 0; i < good.length; i++) {
    const bad = good.slice();
    bad[i] ^= 0x10;
    assert.equal(parsePacket(bad), "the checksum is wrong", `byte ${i}`);
  }
  const none = good.slice();
  none[6] = none[7] = 0;
  assert.equal(parsePacket(none), "the checksum is wrong");
});

test("a packet cut anywhere is refused, and noise never throws", () => {
  const whole = nakPacket(NAK, STRANGER, SESSION, [1, 2, 3], HERE, GROUP);
  for (let length = 0; length < whole.length; length++) {
    const cut = sealed(whole.slice(0, length));
    assert.equal(typeof parsePacket(cut), "string", `${length} bytes`);
  }
  const random = generator(11);
  for (let i = 0; i < 20_000; i++) {
    const noise = new Uint8Array(random() * 80).map(() => random() * 256);
    if (noise.length > 16) noise[4] = [0, 4, 5, 8, 10, 12][i % 6];
    parsePacket(sealed(noise));
  }
  assert.equal((parsePacket(spmrPacket(SENDER, SESSION)) as Packet).type, SPMR);
});

/** Makes the checksum right, so that what lies behind it is looked at. */
function sealed(packet: Uint8Array): Uint8Array {
  if (packet.length < 8) return packet;
  packet[6] = packet[7] = 0;
  const sum = checksum(packet);
  packet[6] = sum >>> 8;
  packet[7] = sum;
  return packet;
}
