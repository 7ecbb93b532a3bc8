// The WebSocket codec: upgrades, masks and frames, at every cut.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { FrameDecoder } from "../../src/zws/frame_decoder.ts";
import { applyMask, FrameWriter } from "../../src/zws/frame_writer.ts";
import { base64, sha1 } from "../../src/zws/sha1.ts";
import { chosen } from "../../src/zws/subprotocol.ts";
import {
  acceptOf,
  ClientUpgrade,
  ServerUpgrade,
} from "../../src/zws/upgrade.ts";
import type { ByteStream } from "../../src/runtime/adapter.ts";
import { ZwsStream } from "../../src/zws/zws_stream.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { chunkings } from "../support/chunkings.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { frame, request } from "../support/websocket.ts";

/** What a WebSocket is told of a socket that receives. */
const PULLS = {
  socketType: "PULL",
  routingId: new Uint8Array(0),
  maxMessageSize: -1,
} as const;

const text = (value: Uint8Array) => new TextDecoder().decode(value);
const encode = (value: string) => new TextEncoder().encode(value);

test("SHA-1 and Base64 are those of the platform, for every length", () => {
  for (let length = 0; length < 200; length++) {
    const value = new Uint8Array(randomBytes(length));
    const digest = createHash("sha1").update(value).digest("hex");
    assert.equal(hex(sha1(value)), digest);
    assert.equal(base64(value), Buffer.from(value).toString("base64"));
  }
});

test("the answer to the key of RFC 6455 is the one it gives", () => {
  assert.equal(
    acceptOf("dGhlIHNhbXBsZSBub25jZQ=="),
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
});

test("a listener answers the request of libzmq as libzmq does, at every cut", () => {
  const tail = bytes("82 01 00");
  for (const [how, chunks] of chunkings(concat(request(), tail))) {
    const upgrade = new ServerUpgrade("NULL");
    let said = "";
    let rest = new Uint8Array(0) as Uint8Array;
    for (const chunk of chunks) {
      if (upgrade.done) {
        rest = concat(rest, chunk);
        continue;
      }
      const word = upgrade.receive(chunk);
      if (word !== null) said += text(word);
      if (upgrade.done) rest = upgrade.rest;
    }
    assert.equal(upgrade.fault, null, how);
    assert.equal(upgrade.protocol, "ZWS2.0/NULL");
    assert.equal(
      said,
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
        "Sec-WebSocket-Protocol: ZWS2.0/NULL\r\n\r\n",
    );
    assert.equal(hex(rest), hex(tail), how);
  }
});

test("the request is that of libzmq, but for the key", () => {
  const upgrade = new ClientUpgrade(
    "127.0.0.1",
    "/",
    ["ZWS2.0/NULL", "ZWS2.0"],
    encode("the sample nonce"),
  );
  assert.equal(text(upgrade.begin()), text(request()));
});

test("two of ours understand each other, with each mechanism", () => {
  for (const mechanism of ["NULL", "PLAIN", "CURVE"]) {
    const client = new ClientUpgrade(
      "h",
      "/a?b=c",
      [`ZWS2.0/${mechanism}`],
      new Uint8Array(16),
    );
    const server = new ServerUpgrade(mechanism);
    assert.equal(client.receive(server.receive(client.begin())!), null);
    assert.equal(client.fault, null);
    assert.equal(client.done && server.done, true);
    assert.equal(client.protocol, `ZWS2.0/${mechanism}`);
  }
});

test("a mechanism is chosen before none, and no other mechanism", () => {
  assert.equal(chosen(["ZWS2.0", "ZWS2.0/NULL"], "NULL"), "ZWS2.0/NULL");
  assert.equal(chosen(["ZWS2.0"], "NULL"), "ZWS2.0");
  assert.equal(chosen(["ZWS2.0-CURVE"], "CURVE"), "ZWS2.0-CURVE");
  assert.equal(chosen(["ZWS2.0", "ZWS2.0/NULL"], "CURVE"), null);
  assert.equal(chosen(["ZWS1.0", "zws2.0"], "NULL"), null);
});

const REFUSED: Record<string, Uint8Array> = {
  "another version of HTTP": encode(
    text(request()).replace("HTTP/1.1", "HTTP/1.0"),
  ),
  "a POST": encode(text(request()).replace("GET", "POST")),
  "no Upgrade": encode(text(request()).replace("Upgrade: websocket\r\n", "")),
  "no key": encode(
    text(request()).replace(/Sec-WebSocket-Key.*?\r\n/, ""),
  ),
  "no protocol of ours": request("chat, ZWS1.0"),
  "a header without a name": request(undefined, [": x"]),
  "a value of 3000 bytes": request(undefined, [`X: ${"x".repeat(3000)}`]),
  "a head of 9000 bytes": request(
    undefined,
    Array(9).fill(`X: ${"y".repeat(1000)}`),
  ),
  "a head without an end": encode("GET /" + "x".repeat(9000)),
  "garbage": bytes("ff 00x8 7f"),
};

const ANSWERED = [
  "another version of HTTP",
  "a POST",
  "no Upgrade",
  "no key",
  "no protocol of ours",
];

for (const [what, head] of Object.entries(REFUSED)) {
  test(`a listener refuses ${what}`, () => {
    const upgrade = new ServerUpgrade("NULL");
    const said = upgrade.receive(head);
    // Who asks as HTTP has it hears why nothing comes.
    if (said !== null) {
      assert.match(text(said), /^HTTP\/1\.1 400 [^]*\r\n\r\n$/);
    }
    assert.equal(said !== null, ANSWERED.includes(what));
    assert.notEqual(upgrade.fault, null);
    assert.equal(upgrade.done, false);
    assert.equal(upgrade.receive(request()), null);
  });
}

test("a connector refuses answers that are none to its request", () => {
  const key = encode("the sample nonce");
  const good = text(new ServerUpgrade("NULL").receive(request())!);
  const bad = {
    "another status": good.replace("101 Switching Protocols", "200 OK"),
    "another key": good.replace("s3pP", "AAAA"),
    "no subprotocol": good.replace(/Sec-WebSocket-Protocol.*?\r\n/, ""),
    "one that was not offered": good.replace("ZWS2.0/NULL", "ZWS2.0/CURVE"),
    "an extension": good.replace(
      "\r\n\r\n",
      "\r\nSec-WebSocket-Extensions: x\r\n\r\n",
    ),
    "garbage": "\x00\x01\x02",
  };
  for (const [what, answer] of Object.entries(bad)) {
    const upgrade = new ClientUpgrade("h", "/", ["ZWS2.0/NULL"], key);
    upgrade.receive(encode(answer));
    assert.notEqual(upgrade.fault, null, what);
  }
  const upgrade = new ClientUpgrade("h", "/", ["ZWS2.0/NULL"], key);
  // Another reason phrase, more headers and a list are fine.
  upgrade.receive(encode(
    good.replace("Switching Protocols", "Fine")
      .replace(
        "Connection: Upgrade",
        "Connection: keep-alive, Upgrade\r\nServer: x",
      ),
  ));
  assert.equal(upgrade.fault, null);
});

test("a mask is applied at any place and alignment as byte by byte", () => {
  const random = generator(9);
  const memory = new Uint8Array(400);
  for (let round = 0; round < 3000; round++) {
    const start = Math.floor(random() * 40);
    const end = start + Math.floor(random() * 200);
    const mask = random() * 2 ** 32 | 0;
    const at = Math.floor(random() * 8);
    memory.forEach((_, i) => memory[i] = i * 31);
    const want = memory.slice();
    for (let i = start; i < end; i++) {
      want[i] ^= mask >>> (24 - 8 * (i - start + at & 3));
    }
    const view = memory.subarray(round & 3);
    applyMask(view, start - (round & 3) < 0 ? start : start, end, mask, at);
    if ((round & 3) === 0) assert.equal(hex(memory), hex(want));
    else {
      const shifted = memory.slice();
      for (let i = start; i < end; i++) {
        shifted[i + (round & 3)] ^= mask >>> (24 - 8 * (i - start + at & 3));
      }
      const plain = memory.map((_, i) => i * 31);
      assert.equal(hex(shifted), hex(plain));
    }
  }
});

/** ZMTP frames, and the frames of ZWS that they are. */
const FRAMES: [zmtp: string, zws: string][] = [
  ["00 00", "82 01 00"],
  ['00 05 "hello"', '82 06 00 "hello"'],
  ["01 01 61 00 02 6262", "82 02 01 61 82 03 00 6262"],
  ['04 06 05 "READY"', '82 07 02 05 "READY"'],
  [`00 7d ${"41".repeat(125)}`, `82 7e 007e 00 ${"41".repeat(125)}`],
];

test("frames of ZMTP are made over into those of libzmq, and back at every cut", () => {
  for (const [zmtp, zws] of FRAMES) {
    assert.equal(
      hex(new FrameWriter(null).write(bytes(zmtp))),
      hex(bytes(zws)),
    );
    for (const [how, chunks] of chunkings(bytes(zws), 5)) {
      const decoder = new FrameDecoder(false, Infinity, () => {});
      const made = concat(...chunks.map((chunk) => decoder.decode(chunk)));
      assert.equal(decoder.fault, null);
      assert.equal(hex(made), hex(bytes(zmtp)), how);
    }
  }
});

test("what a client writes in blocks, cut within bodies, a listener reads", () => {
  const random = generator(12);
  const noise = new Uint8Array(400_000).map(() => random() * 256);
  for (let round = 0; round < 40; round++) {
    const writer = new FrameWriter(() => random() * 2 ** 32 | 0);
    const decoder = new FrameDecoder(true, Infinity, () => {});
    const sent: Uint8Array[] = [];
    const got: Uint8Array[] = [];
    const pass = (block: Uint8Array) => {
      const wire = writer.write(block);
      for (let at = 0; at < wire.length;) {
        const end = at + 1 + Math.floor(random() * 70_000);
        got.push(decoder.decode(wire.slice(at, end)));
        at = end;
      }
    };
    for (let i = 0; i < 20; i++) {
      const length = Math.floor(random() ** 4 * 200_000);
      const from = Math.floor(random() * 200_000);
      const body = noise.subarray(from, from + length);
      const head = length < 256
        ? Uint8Array.of(i & 1, length)
        : bytes(`0${2 + (i & 1)} ${length.toString(16).padStart(16, "0")}`);
      sent.push(head, body);
      // A large body goes on in blocks of its own, as the outgoing queue has it.
      const half = length > 4096 ? length >> 1 : length;
      pass(concat(head, body.subarray(0, half)));
      if (half < length) pass(body.subarray(half));
    }
    assert.equal(decoder.fault, null);
    assert.equal(Buffer.compare(concat(...got), concat(...sent)), 0);
  }
});

test("a message in fragments is put together, with control frames between them", () => {
  const controls: string[] = [];
  const decoder = new FrameDecoder(
    true,
    Infinity,
    (opcode, data) => controls.push(`${opcode} ${text(data)}`),
  );
  const wire = concat(
    frame(0x02, bytes('01 "he"'), true),
    frame(0x89, encode("ping"), true),
    frame(0x00, bytes('"ll"'), true),
    frame(0x00, new Uint8Array(0), true),
    frame(0x80, bytes('"o"'), true),
    frame(0x8a, encode("pong"), true),
    frame(0x82, bytes("00"), true),
  );
  for (const [how, chunks] of chunkings(wire, 10)) {
    controls.length = 0;
    const made = concat(...chunks.map((chunk) => decoder.decode(chunk)));
    assert.equal(hex(made), hex(bytes('01 05 "hello" 00 00')), how);
    assert.deepEqual(controls, ["9 ping", "10 pong"]);
  }
});

const BROKEN: Record<string, [masked: boolean, wire: Uint8Array]> = {
  "text": [true, frame(0x81, encode("hi"), true)],
  "an unmasked frame of a client": [true, frame(0x82, bytes("00 61"))],
  "a masked frame of a server": [false, frame(0x82, bytes("00 61"), true)],
  "a reserved bit": [false, frame(0xc2, bytes("00 61"))],
  "an unknown opcode": [false, frame(0x83, bytes("00"))],
  "a message without flags": [false, frame(0x82, new Uint8Array(0))],
  "fragments without flags": [
    false,
    concat(frame(0x02, new Uint8Array(0)), frame(0x80, new Uint8Array(0))),
  ],
  "a continuation of nothing": [false, frame(0x80, bytes("00"))],
  "a message between fragments": [
    false,
    concat(frame(0x02, bytes("00")), frame(0x82, bytes("00"))),
  ],
  "a long control frame": [false, frame(0x89, new Uint8Array(126))],
  "a control frame in fragments": [false, frame(0x09, bytes("00"))],
  "a frame above the limit": [false, frame(0x82, new Uint8Array(1002))],
  "fragments above the limit": [
    false,
    concat(frame(0x02, new Uint8Array(800)), frame(0x80, new Uint8Array(300))),
  ],
  "a frame of 2^60 bytes": [false, bytes("82 7f 1000000000000000")],
};

for (const [what, [masked, wire]] of Object.entries(BROKEN)) {
  test(`${what} breaks the stream for good, at every cut`, () => {
    const good = frame(0x82, bytes("00 61"), masked);
    for (const [how, chunks] of chunkings(concat(good, wire), 5)) {
      const decoder = new FrameDecoder(masked, 1000, () => {});
      const made = concat(...chunks.map((chunk) => decoder.decode(chunk)));
      assert.notEqual(decoder.fault, null, how);
      assert.equal(hex(made.subarray(0, 3)), "000161", "what came before it");
      assert.equal(decoder.decode(good.slice()).length, 0);
    }
  });
}

test("what comes behind a goodbye doesn't count, whether or not it comes with it", () => {
  const wire = concat(
    frame(0x82, bytes('00 "a"'), true),
    frame(0x88, Uint8Array.of(3, 232), true),
    frame(0x82, bytes('00 "b"'), true),
    frame(0x89, encode("ping"), true),
  );
  for (const [how, chunks] of chunkings(wire, 5)) {
    const controls: number[] = [];
    const decoder = new FrameDecoder(
      true,
      Infinity,
      (opcode) => controls.push(opcode),
    );
    const made = concat(...chunks.map((chunk) => decoder.decode(chunk)));
    assert.equal(hex(made), hex(bytes('00 01 "a"')), how);
    assert.deepEqual(controls, [8], how);
  }
});

test("a length with the first of its 64 bits set is none, and makes no frame", () => {
  const decoder = new FrameDecoder(false, Infinity, () => {});
  const made = decoder.decode(bytes("82 7f ffx8 00 0001 41"));
  assert.equal(made.length, 0);
  assert.equal(decoder.fault?.code, "ERR_WS_UNSPECIFIED");
});

/** A stream that takes what is written only when it is told to. */
class SlowStream implements ByteStream {
  readonly exact = true;
  readonly local = "";
  readonly remote = "";
  readonly written: Uint8Array[] = [];
  /** How much was written before it was ended. */
  endedAfter = -1;
  write(bytes: Uint8Array): void {
    this.written.push(bytes.slice());
  }
  pause(): void {}
  resume(): void {}
  end(): void {
    this.endedAfter = this.written.length;
  }
  abort(): void {}
  ref(): void {}
  unref(): void {}
}

test("a flood of pings from a peer that reads nothing waits for one answer, of the last", () => {
  const zws = new ZwsStream(PULLS, new ServerUpgrade("NULL"), null).behind({
    opened: () => {},
    data: () => {},
    sent: () => {},
    closed: () => {},
  });
  const below = new SlowStream();
  zws.opened(below);
  zws.data(request());
  zws.sent(below.written[0].length);
  for (let i = 0; i < 5000; i++) {
    zws.data(frame(0x89, encode(`${i}`), true));
  }
  assert.equal(below.written.length, 2);
  zws.sent(below.written[1].length);
  assert.equal(hex(below.written[2]), hex(frame(0x8a, encode("4999"))));
  zws.sent(below.written[2].length);
  assert.equal(below.written.length, 3);
});

test("a pong never goes into the middle of a body", () => {
  const writes: Uint8Array[] = [];
  const settings = { ...PULLS, socketType: "PUSH" } as const;
  const zws = new ZwsStream(settings, new ServerUpgrade("NULL"), null).behind({
    opened: () => {},
    data: () => {},
    sent: () => {},
    closed: () => {},
  });
  const below = new SlowStream();
  zws.opened(below);
  zws.data(request());
  zws.sent(below.written[0].length);
  zws.write(new Uint8Array(64));
  const body = new Uint8Array(5000).fill(7);
  zws.write(bytes("02 0000000000001388"));
  zws.data(frame(0x89, encode("p"), true));
  zws.sent(below.written[1].length);
  zws.write(body);
  zws.sent(below.written[2].length);
  writes.push(...below.written.slice(1));
  assert.equal(
    hex(concat(...writes)),
    hex(concat(bytes("82 7e 1389 00"), body, frame(0x8a, encode("p")))),
  );
});

test("of a stranger no more is read at once than it may say", () => {
  const zws = new ZwsStream(PULLS, new ServerUpgrade("NULL"), null);
  const target = zws.readTarget();
  assert.equal(target.length, 8192);
  assert.equal(zws.readTarget(), target);
  zws.established();
  assert.equal(zws.readTarget().length, 65536);
  assert.equal(zws.readTarget(), zws.readTarget());
});

test("streams whose runtime hands over what it reads at once read into one memory", () => {
  const [one, other, third, fourth] = [0, 1, 2, 3].map(() =>
    new ZwsStream(PULLS, new ServerUpgrade("NULL"), null)
  );
  assert.equal(one.readTarget(true).length, 8192);
  assert.equal(one.readTarget(true).buffer, other.readTarget(true).buffer);
  assert.notEqual(third.readTarget().buffer, fourth.readTarget().buffer);
  one.established();
  assert.equal(one.readTarget(true).length, 65536);
});

/** One that takes what is written at once. */
class QuickStream extends SlowStream {
  taken = (_bytes: number) => {};
  override write(bytes: Uint8Array): void {
    super.write(bytes);
    this.taken(bytes.length);
  }
}

/** One that has been upgraded, without a mechanism: what goes below, and what comes up. */
function upgraded(below = new SlowStream()) {
  const given: Uint8Array[] = [];
  const settings = { ...PULLS, socketType: "PUSH" } as const;
  const zws = new ZwsStream(settings, new ServerUpgrade("NULL"), null).behind({
    opened: () => {},
    data: (piece) => void given.push(piece.slice()),
    sent: () => {},
    closed: () => {},
  });
  if (below instanceof QuickStream) below.taken = (bytes) => zws.sent(bytes);
  zws.opened(below);
  zws.data(
    encode(
      text(request()).replace(
        /Sec-WebSocket-Protocol: .*/,
        "Sec-WebSocket-Protocol: ZWS2.0",
      ),
    ),
  );
  if (!(below instanceof QuickStream)) zws.sent(below.written[0].length);
  return { zws, below, given };
}

test("a name that comes in pieces is one, at every cut", () => {
  const name = new Uint8Array(200).fill(65);
  const all = concat(
    frame(0x82, concat(bytes("00"), name), true),
    frame(0x82, concat(bytes("00"), encode("hello")), true),
  );
  let expected: string | null = null;
  for (const [how, chunks] of chunkings(all)) {
    const { zws, given } = upgraded();
    for (const chunk of chunks) zws.data(chunk.slice());
    const heard = hex(concat(...given));
    expected ??= heard;
    assert.equal(heard, expected, how);
    assert.ok(heard.includes(hex(name)), how);
    assert.ok(heard.endsWith(hex(concat(bytes("00 05"), encode("hello")))));
  }
});

for (const quick of [false, true]) {
  for (const begun of [false, true]) {
    test(`once the peer has said goodbye no message follows${begun ? ", but the end of one" : ""}, and then it ends${quick ? ", at once" : ""}`, () => {
      const { zws, below } = upgraded(
        quick ? new QuickStream() : new SlowStream(),
      );
      let told = below.written.length;
      const drain = () => {
        while (!quick && told < below.written.length) {
          zws.sent(below.written[told++].length);
        }
      };
      zws.write(new Uint8Array(64));
      // Our READY, which is played.
      zws.write(concat(bytes("04 07 05"), encode("READY!")));
      drain();
      const before = below.written.length;
      const body = new Uint8Array(5000).fill(7);
      if (begun) zws.write(bytes("02 0000000000001388"));
      drain();
      zws.data(frame(0x88, bytes("03 e8"), true));
      drain();
      if (begun) {
        assert.equal(below.endedAfter, -1);
        zws.write(body);
      }
      zws.write(bytes("00 01 00"));
      zws.write(bytes("00 01 00"));
      drain();
      const rest = concat(...below.written.slice(before));
      const goodbye = frame(0x88, bytes("03 e8"));
      assert.equal(
        hex(rest),
        hex(begun ? concat(bytes("82 7e 1389 00"), body, goodbye) : goodbye),
      );
      assert.equal(below.endedAfter, below.written.length);
    });
  }
}
