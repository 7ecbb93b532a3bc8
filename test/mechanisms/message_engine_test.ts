// The program that hides and shows MESSAGEs beside the TypeScript that does the same:
// to the byte, to the fault, and to what is left in memory. And the program's source
// beside its bytes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Fault } from "../../src/base/fault.ts";
import { poly1305 } from "../../src/crypto/poly1305.ts";
import { plainRoom, seal } from "../../src/crypto/secretbox.ts";
import { Cipher } from "../../src/mechanisms/cipher.ts";
import {
  MessageEngine,
  messageEngine,
} from "../../src/mechanisms/message_engine.ts";
import {
  IN,
  MULTIPLIES,
  OUT,
  TAG,
} from "../../src/mechanisms/message_layout.ts";
import { Reserve } from "../../src/zmtp/reserve.ts";
import { SecureDecoder } from "../../src/zmtp/secure_framing.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { frame } from "../support/zmtp.ts";
import { assembled } from "./wasm/message_program.ts";
import { moduleText } from "./wasm/module_text.ts";

const random = generator(17);
const below = (end: number) => Math.floor(random() * end);
const noise = (length: number) =>
  new Uint8Array(length).map(() => random() * 256);
const KEY = new Int32Array(noise(32).buffer);

/** What the program exports, its inner functions too. */
interface Inner {
  readonly memory: WebAssembly.Memory;
  begin(key: number): void;
  absorb(from: number, length: number): void;
  tag(into: number): void;
}

/** An instance of its own, into whose memory a test may look. */
function instance(inner: boolean): Inner {
  const module = new WebAssembly.Module(assembled(inner).slice());
  return new WebAssembly.Instance(module).exports as unknown as Inner;
}

type Engine = MessageEngine | null;

const engines = (): [Engine, Engine][] => {
  const program = messageEngine();
  return [[program, null], [null, program], [program, program]];
};

const cipher = (engine: Engine, sent = 0, heard = sent) =>
  new Cipher(KEY.slice(), KEY.slice(), sent, heard, engine);

const decoder = (engine: Engine, heard = 0) =>
  new SecureDecoder(
    cipher(engine, 0, heard),
    Infinity,
    new Reserve(1e12),
  );

const same = (one: Uint8Array, other: Uint8Array, what: string) =>
  assert.equal(Buffer.compare(one, other), 0, what);

/** What a decoder makes of pieces, and the fault it ends with. */
function decoded(
  engine: Engine,
  pieces: readonly Uint8Array[],
): [frames: Uint8Array, code: string, rule: string] {
  const one = decoder(engine);
  const frames = concat(
    ...pieces.map((piece) => {
      const given = piece.slice();
      const made = one.decode(given);
      // Nothing of what was given is kept.
      given.fill(0xee);
      return made.slice();
    }),
  );
  return [frames, one.fault?.code ?? "", one.fault?.rule ?? ""];
}

/** The same bytes, in pieces of about so many. */
function cut(whole: Uint8Array, about: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < whole.length;) {
    const end = at + 1 + below(2 * about);
    pieces.push(whole.slice(at, end));
    at = end;
  }
  return pieces;
}

/** Frames of all kinds that a log may have. */
function mixed(lengths: readonly number[]): Uint8Array {
  return concat(
    ...lengths.map((length) => frame([0, 1, 4][below(3)], noise(length))),
  );
}

const FILE = fileURLToPath(
  new URL("../../src/mechanisms/message_module.ts", import.meta.url),
);

test("the program that is shipped is the one that its source says", async () => {
  assert.equal(await readFile(FILE, "utf8"), moduleText(assembled()));
});

test("every runtime takes it, and it asks for nothing of the world", () => {
  assert.notEqual(messageEngine(), null);
  const module = new WebAssembly.Module(assembled().slice());
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  assert.deepEqual(
    WebAssembly.Module.exports(module).map(({ name }) => name),
    ["memory", "piece", "finish", "hide", "show"],
  );
});

test("without WebAssembly, or where it is forbidden, there is no engine", async () => {
  const there = globalThis as { WebAssembly?: unknown };
  const { WebAssembly } = there;
  const forbidden = {
    Module: class {
      constructor() {
        throw new Error("Refused to compile");
      }
    },
  };
  for (const instead of [undefined, {}, forbidden]) {
    // A module of its own looks for itself.
    const file = `../../src/mechanisms/message_engine.ts?${below(1e9)}`;
    const fresh = await import(file) as { messageEngine(): Engine };
    if (instead === undefined) delete there.WebAssembly;
    else there.WebAssembly = instead;
    try {
      assert.equal(fresh.messageEngine(), null);
    } finally {
      there.WebAssembly = WebAssembly;
    }
    assert.equal(fresh.messageEngine(), null, "it looks once");
  }
});

test("bodies of every length to 1,100 bytes are hidden alike and shown, one by one", () => {
  for (let length = 0; length <= 1100; length++) {
    const clear = frame(length % 2, noise(length));
    const hidden = cipher(null).hide(clear);
    same(cipher(messageEngine()).hide(clear), hidden, `hide ${length}`);
    const body = clear.subarray(clear.length - length);
    const apart = cipher(messageEngine()).hideFrame(clear[0], body);
    same(apart, hidden, `hideFrame ${length}`);
    for (const engine of [null, messageEngine()]) {
      same(decoded(engine, [hidden])[0], clear, `show ${length}`);
      const halves = [hidden.subarray(0, 20), hidden.subarray(20)];
      same(decoded(engine, halves)[0], clear, `put together ${length}`);
    }
  }
});

test("words that are shifted and words that are multiplied make the same stream", () => {
  const [one, other] = [false, true].map((multiplies) =>
    // deno-lint-ignore no-explicit-any
    new MessageEngine(instance(false) as any, multiplies)
  );
  for (let i = 0; i < 50; i++) {
    const clear = mixed(Array.from({ length: 1 + i }, () => below(40 * i)));
    const hidden = cipher(one, i).hide(clear);
    same(cipher(other, i).hide(clear), hidden, `hide ${i}`);
    same(hidden, cipher(null, i).hide(clear), `hide ${i} in TypeScript`);
  }
});

test("words are multiplied on Bun, and shifted elsewhere", () => {
  const own = instance(false);
  // deno-lint-ignore no-explicit-any
  new MessageEngine(own as any);
  const [multiplies] = new Int32Array(own.memory.buffer, MULTIPLIES, 1);
  assert.equal(multiplies, "Bun" in globalThis ? 1 : 0);
});

test("blocks of frames of every kind and length are hidden alike and shown, however they are cut", () => {
  for (let i = 0; i < 300; i++) {
    const longest = [4, 70, 400, 1300, 20_000][i % 5];
    const clear = mixed(
      Array.from(
        { length: 1 + below(400_000 / (longest + 40)) % 900 },
        () => below(longest),
      ),
    );
    const first = i % 7 === 0 ? 2 ** 32 - 5 : below(1000);
    const hidden = cipher(null, first).hide(clear);
    same(cipher(messageEngine(), first).hide(clear), hidden, `block ${i}`);
    for (const about of [hidden.length, 65_536, 3000]) {
      for (const engine of [null, messageEngine()]) {
        const [shown, code] = decoded(engine, cut(hidden, about));
        same(shown, clear, `block ${i} in pieces of ${about}`);
        assert.equal(code, "");
      }
    }
  }
});

test("large bodies are hidden alike and shown, at the edges of what goes at a time too", () => {
  const lengths = [16_383, 16_384, 65_439, 65_440, 65_472, 81_846, 81_900];
  for (let i = 0; i < 12; i++) lengths.push(below(600_000));
  for (const length of lengths) {
    const clear = frame(1, noise(length));
    const hidden = cipher(null).hide(clear);
    same(cipher(messageEngine()).hide(clear), hidden, `hide ${length}`);
    const apart = cipher(messageEngine()).hideFrame(1, clear.subarray(9));
    same(apart, hidden, `hideFrame ${length}`);
    for (const about of [hidden.length, 65_536]) {
      for (const engine of [null, messageEngine()]) {
        same(decoded(engine, cut(hidden, about))[0], clear, `${length}`);
      }
    }
  }
});

test("both count nonces in one row, and either goes on where the other was", () => {
  for (const [ours, theirs] of engines()) {
    const hiding = cipher(ours);
    const one = decoder(theirs);
    for (let i = 0; i < 40; i++) {
      const clear = mixed(Array.from({ length: below(9) }, () => below(900)));
      same(one.decode(hiding.hide(clear)), clear, `turn ${i}`);
      const large = noise(below(200_000));
      const hidden = hiding.hideFrame(0, large);
      same(one.decode(hidden), frame(0, large), `large ${i}`);
    }
    assert.equal(one.fault, null);
  }
});

/** A block of MESSAGEs, and where each begins. */
function messages(lengths: readonly number[]): [Uint8Array[], Cipher] {
  const hiding = cipher(null, 7);
  return [
    lengths.map((length) => hiding.hide(frame(0, noise(length)))),
    hiding,
  ];
}

/** Bytes with one of them changed. */
function spoilt(whole: Uint8Array, at: number, by = 1): Uint8Array {
  const other = whole.slice();
  other[at] ^= by;
  return other;
}

test("whatever is wrong with a MESSAGE within a block, what is before it comes, and the fault is the same", () => {
  const head = (message: Uint8Array) => (message[0] & 2) === 0 ? 2 : 9;
  const wrongs: Record<
    string,
    (message: Uint8Array, before: Uint8Array) => Uint8Array
  > = {
    "a wrong tag": (m) => spoilt(m, head(m) + 16 + below(16)),
    "a wrong box": (m) =>
      spoilt(m, head(m) + 32 + below(m.length - head(m) - 32)),
    "another name": (m) => spoilt(m, head(m) + below(8)),
    "the nonce of the one before": (_, before) => before,
    "a nonce too large": (m) => spoilt(m, head(m) + 8, 0x40),
    "a nonce of all ones": (m) => {
      const other = m.slice();
      other.fill(255, head(m) + 8, head(m) + 16);
      return other;
    },
    "another nonce": (m) => spoilt(m, head(m) + 12, 1),
    "a body too short": (m) =>
      frame(0, m.subarray(head(m), head(m) + 8 + below(25))),
    "no name at all": () => frame(0, new Uint8Array(0)),
    "a command": (m) => spoilt(m, 0, 4),
    "another flag": (m) => spoilt(m, 0, 1),
    "a size of eight bytes for a short body": (m) => {
      const body = m.subarray(head(m));
      const size = new Uint8Array(8);
      new DataView(size.buffer).setBigUint64(0, BigInt(body.length));
      return concat(Uint8Array.of(2), size, body);
    },
    "a size beyond all": () => bytes("02 0000010000000040 00x80"),
    "the end": (m) => m.subarray(0, below(m.length)),
  };
  const seen = new Set<string>();
  for (const [name, wrong] of Object.entries(wrongs)) {
    for (let i = 0; i < 60; i++) {
      const longest = [60, 300, 1300, 9000][i % 4];
      const [all] = messages(Array.from({ length: 12 }, () => below(longest)));
      const at = 1 + below(11);
      all[at] = wrong(all[at], all[at - 1]);
      if (name === "the end") all.length = at + 1;
      const whole = concat(...all);
      const pieces = i % 3 === 0 ? cut(whole, 5000) : [whole];
      const expected = decoded(null, pieces);
      const found = decoded(messageEngine(), pieces);
      same(found[0], expected[0], `${name}, message ${at}`);
      assert.deepEqual(found.slice(1), expected.slice(1), name);
      seen.add(expected[1]);
    }
  }
  assert.deepEqual([...seen].sort(), [
    "",
    "EMSGSIZE",
    "ERR_ZMTP_CRYPTOGRAPHIC",
    "ERR_ZMTP_INVALID_SEQUENCE",
    "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    "ERR_ZMTP_UNEXPECTED_COMMAND",
  ]);
});

test("a peer whose handshake used the greatest nonce can say nothing more", () => {
  const hidden = cipher(null).hide(frame(0, "one"));
  for (const heard of [2 ** 53 - 1, 2 ** 53 + 2, 2 ** 64 - 2048, 2 ** 64]) {
    for (const engine of [null, messageEngine()]) {
      const one = decoder(engine, heard);
      assert.equal(one.decode(hidden.slice()).length, 0);
      assert.equal(one.fault?.code, "ERR_ZMTP_INVALID_SEQUENCE");
    }
  }
});

test("a changed byte anywhere in a block makes no difference between the two", () => {
  const [all] = messages([0, 1, 30, 31, 32, 200, 222, 223, 300, 700, 5]);
  const whole = concat(...all);
  for (let at = 0; at < whole.length; at++) {
    const pieces = [spoilt(whole, at, 1 << below(8))];
    const expected = decoded(null, pieces);
    const found = decoded(messageEngine(), pieces);
    same(found[0], expected[0], `byte ${at}`);
    assert.deepEqual(found.slice(1), expected.slice(1), `byte ${at}`);
  }
});

test("a nonce that is greater than numbers go is refused, also in a box that is sound", () => {
  for (const nonce of [2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
    const message = new Uint8Array(36);
    message.set(bytes('00 22 07 "MESSAGE"'));
    new DataView(message.buffer).setBigUint64(10, nonce);
    plainRoom(2).set([0, 9]);
    seal(KEY.slice(), message, 10, 2, message, 18);
    const sound = nonce < 2n ** 53n;
    for (const engine of [null, messageEngine()]) {
      const [shown, code] = decoded(engine, [message]);
      assert.equal(hex(shown), sound ? "000109" : "");
      assert.equal(code, sound ? "" : "ERR_ZMTP_INVALID_SEQUENCE");
    }
  }
});

test("a large body whose tag is wrong shows nothing of itself", () => {
  for (const length of [20_000, 70_000, 300_000]) {
    const hidden = cipher(null).hide(frame(0, noise(length)));
    const wrong = spoilt(hidden, hidden.length - 1);
    for (const pieces of [[wrong], cut(wrong, 60_000)]) {
      const one = decoder(messageEngine());
      const given = pieces.map((piece) => piece.slice());
      for (const piece of given) assert.equal(one.decode(piece).length, 0);
      assert.equal(one.fault?.code, "ERR_ZMTP_CRYPTOGRAPHIC");
    }
    // Not even where it was to be shown.
    const body = wrong.slice(9);
    const found = cipher(messageEngine()).showInPlace(body, 0, body.length);
    assert.ok(found instanceof Fault);
    assert.ok(body.subarray(33).every((byte) => byte === 0));
  }
});

test("no key, stream or clear text stays in the program's memory", () => {
  const own = instance(false);
  // deno-lint-ignore no-explicit-any
  const engine = new MessageEngine(own as any);
  const memory = new Uint8Array(own.memory.buffer);
  const secret = new Uint8Array(900).fill(0x5a);
  const clear = concat(...Array.from({ length: 20 }, () => frame(0, secret)));
  const holds = (part: Uint8Array) =>
    Buffer.from(memory.buffer).includes(Buffer.from(part));
  const check = (what: string) => {
    for (let at = 0; at < 32; at += 4) {
      assert.ok(!holds(new Uint8Array(KEY.buffer, at, 4)), `${what}: key`);
    }
    assert.ok(!holds(secret.subarray(0, 16)), `${what}: clear text`);
    // Masks and what blocks were asked for are no secret.
    assert.ok(
      memory.subarray(1728, IN).every((byte) => byte === 0),
      `${what}: sums and stream`,
    );
  };
  const hiding = cipher(engine);
  const hidden = hiding.hide(clear).slice();
  check("hide");
  const short = hiding.hide(frame(0, secret.subarray(0, 40))).slice();
  check("hide of a short one");
  const large = hiding.hideFrame(0, new Uint8Array(100_000).fill(0x5a)).slice();
  check("hideFrame");
  const one = decoder(engine);
  same(one.decode(hidden), clear, "shown");
  check("show");
  one.decode(short);
  check("show of a short one");
  one.decode(large.subarray(0, 50_000));
  assert.equal(one.decode(large.subarray(50_000)).length, 100_009);
  check("show of a large one");
  for (const wrong of [hidden, short, large]) {
    decoder(engine).decode(spoilt(wrong, wrong.length - 1));
    check("a wrong tag");
  }
});

test("Poly1305 of the program gives what RFC 8439 says where carries and the modulus meet", () => {
  const { memory, begin, absorb, tag } = instance(true);
  const room = new Uint8Array(memory.buffer);
  const tagOf = (key: Uint8Array, said: Uint8Array) => {
    room.set(key, OUT);
    room.fill(255, IN, IN + said.length + 64);
    room.set(said, IN);
    begin(OUT);
    absorb(IN, said.length);
    tag(TAG);
    return hex(room.subarray(TAG, TAG + 16));
  };
  for (
    const [key, said, expected] of [
      ["02 00x31", "ffx16", "03 00x15"],
      ["02 00x15 ffx16", "02 00x15", "03 00x15"],
      ["01 00x31", "ffx16 f0 ffx15 11 00x15", "05 00x15"],
      ["01 00x31", "ffx16 fb fex15 01x16", "00x16"],
      ["02 00x31", "fd ffx15", "fa ffx15"],
      [
        "01 00x7 04 00x23",
        "e33594d7505e43b9 00x8 33 94d7505e4379cd01 00x7 00x16 01 00x15",
        "14 00x7 55 00x7",
      ],
      [
        "01 00x7 04 00x23",
        "e33594d7505e43b9 00x8 33 94d7505e4379cd01 00x7 00x16",
        "13 00x15",
      ],
    ]
  ) assert.equal(tagOf(bytes(key), bytes(said)), hex(bytes(expected)));
  // The largest products there can be, and random ones.
  for (let i = 0; i < 400; i++) {
    const length = below(200);
    const extreme = (length: number) =>
      i % 2 === 0
        ? noise(length)
        : noise(length).map((byte) => byte < 200 ? 255 : byte);
    const key = extreme(32);
    const said = extreme(length);
    const words = new Int32Array(80);
    const into = new Int32Array(4);
    new Uint8Array(words.buffer).set(said);
    poly1305(
      new Int32Array(key.slice().buffer),
      words,
      new Uint8Array(words.buffer),
      0,
      length,
      into,
    );
    assert.equal(tagOf(key, said), hex(new Uint8Array(into.buffer)));
  }
});
