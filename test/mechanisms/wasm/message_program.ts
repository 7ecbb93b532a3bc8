// The program that hides and shows MESSAGE commands of CURVE: Salsa20 with four
// blocks at a time in vectors, whichever messages they are for, and Poly1305 with
// limbs of 32 bits in words of 64. `deno task wasm` assembles it and writes its bytes
// into src/mechanisms/message_module.ts; message_engine.ts calls it. The same stands
// in TypeScript in src/crypto/ and src/mechanisms/cipher.ts, which it is tested by.
//
// Nothing it does depends on a secret but the values of bytes: neither where it
// reads nor which way it goes. No key, stream or sum stays behind a call, but for
// what `piece` leaves for the next one and `finish`.

import {
  BLOCKS,
  KEY,
  MADE,
  MULTIPLIES,
  NONCE,
  PAGES,
  STREAM,
  TAG,
} from "../../../src/mechanisms/message_layout.ts";
import {
  all,
  clear,
  type Code,
  code,
  either,
  F64,
  f64,
  type Func,
  I32,
  i32,
  I64,
  i64,
  leave,
  type Local,
  loop,
  Module,
  type Place,
  V128,
  v128,
  when,
  whilst,
} from "./assembler.ts";

// The memory of the module's own, behind what message_layout.ts has.
/** Ones, then zeros: what masks the last block begins in the midst of them. */
const MASKS = 80;
/** Bits by which the words of Salsa20 are turned; and 2 to these powers, four times each. */
const TURNS = [7, 9, 13, 18];
const POWERS = 112;
/** What blocks of stream are asked for: first words of nonces, second ones, counts. */
const ASKED = 176;
const ASKED_APART = 4 * BLOCKS;
// From here on all is secret, the stream behind it too.
const SECRETS = 1728;
/**
 * Of Poly1305: the first half of a key, clamped, in four limbs; these by 2^128, the
 * lowest excepted: as they are multiples of 4, and 2^130 is 5, limbs as well. All in
 * words of 64 bits. And the second half.
 */
const R = SECRETS;
const PAD = 1792;
/** The sum: four limbs in words of 64 bits. */
const SUM = 1808;
/** The last, short block. */
const TAIL = 1840;
/** Words of four blocks of stream that are being made. */
const WORDS = 1856;

const MORE = 1;
const LONG = 2;
const COMMAND = 4;
/** Messages of so many blocks of stream share what makes four at a time. */
const SHORT = 5;
/** A body that lies in a MESSAGE has so many bytes around it. */
const AROUND = 33;
/** `07 "MESSAGE"` as a word. */
const NAME = 0x4547415353454d07n;
const MAX_NONCE = BigInt(Number.MAX_SAFE_INTEGER);

const word = i32.of;

function addTo(place: Local | Place, value: Code): Code {
  return place.set(i32.add(place.get, value));
}

const program: Module = new Module(PAGES);
program.data(
  POWERS,
  TURNS.flatMap((by) => [
    ...new Uint8Array(Uint32Array.of(...Array(4).fill(1 << by)).buffer),
  ]),
);
program.data(MASKS, Array.from({ length: 16 }, () => 0xff));

/** Turns the order of the bytes of a word around. */
const turn: Func = program.func(I64);
{
  const value = turn.parameter(I64);
  const order = [7, 6, 5, 4, 3, 2, 1, 0];
  const splat = v128.splat64(value.get);
  turn.body = v128.first64(v128.shuffle(splat, splat, [...order, ...order]));
}
const turned = (value: Code): Code => turn.call(value);

/** Begins the sum of Poly1305 under a key. */
const begin: Func = program.func();
{
  const key = begin.parameter(I32);
  const zero = word(0);
  const limb = begin.local(I64);
  begin.body = code(
    ...[0, 1, 2, 3].flatMap((i) => [
      limb.set(i64.and(
        i64.load32(key.get, 4 * i),
        i64.of(i === 0 ? 0x0fffffffn : 0x0ffffffcn),
      )),
      i64.store(zero, limb.get, R + 8 * i),
      i === 0 ? [] : i64.store(
        zero,
        i64.add(limb.get, i64.shr(limb.get, i64.of(2n))),
        R + 8 * (3 + i),
      ),
    ]),
    v128.store(zero, v128.load(key.get, 16), PAD),
    ...[0, 16].map((at) => v128.store(zero, v128.of(0, 0, 0, 0), SUM + at)),
  );
}

const LIMB = i64.of(0xffffffffn);
/** What a whole block has above its words, in the last limb: its bit 128. */
const WHOLE = i64.of(1n << 32n);
const limbs = (func: Func, count: number): Local[] =>
  Array.from({ length: count }, () => func.local(I64));
const loadSum = (h: Local[]): Code =>
  code(...h.map((limb, i) => limb.set(i64.load(word(0), SUM + 8 * i))));

/**
 * What sums blocks up in a function. Between blocks the sum has four limbs, the last
 * of 34 bits. Everything stays below 2^64: limbs and what is added to them are below
 * 3.1, 2, 2, and 6 times 2^32, the limbs of a key below 2^28, or 5/4 of that where
 * they wrap around; so the largest of what is multiplied comes to 15.6 * 2^60.
 */
class Summing {
  readonly #h: Local[];
  readonly #d: Local[];

  constructor(func: Func) {
    this.#h = limbs(func, 4);
    this.#d = limbs(func, 4);
  }

  load(): Code {
    return loadSum(this.#h);
  }

  store(): Code {
    return code(
      ...this.#h.map((limb, i) => i64.store(word(0), limb.get, SUM + 8 * i)),
    );
  }

  /** Adds a block, of which is given what it has above its words, and multiplies. */
  block(from: Code, top: Code): Code {
    const [h, d] = [this.#h, this.#d];
    // Loaded each time, as registers are needed for the products.
    const times = (i: number, by: number) =>
      i64.mul(h[i].get, i64.load(word(0), R + 8 * by));
    const sum = (...parts: Code[]) =>
      parts.reduce((all, part) => i64.add(all, part));
    const above = (place: Local) => i64.shr(place.get, i64.of(32n));
    return code(
      ...[0, 1].flatMap((half) => [
        d[0].set(i64.load(from, 8 * half)),
        h[2 * half].set(i64.add(h[2 * half].get, i64.and(d[0].get, LIMB))),
        h[2 * half + 1].set(
          i64.add(h[2 * half + 1].get, i64.shr(d[0].get, i64.of(32n))),
        ),
      ]),
      h[3].set(i64.add(h[3].get, top)),
      ...[0, 1, 2, 3].map((i) =>
        d[i].set(sum(
          ...[0, 1, 2, 3].map((j) => times(j, (i - j + 7) % 7)),
          ...(i === 0 ? [] : [above(d[i - 1])]),
        ))
      ),
      // What is above 2^130 comes back five times.
      h[0].set(i64.add(
        i64.and(d[0].get, LIMB),
        i64.mul(i64.shr(d[3].get, i64.of(34n)), i64.of(5n)),
      )),
      ...[1, 2].map((i) => h[i].set(i64.and(d[i].get, LIMB))),
      h[3].set(i64.and(d[3].get, i64.of(0x3ffffffffn))),
    );
  }
}

/** Adds blocks to the sum, of which is given what they have above their words. */
const blocks: Func = program.func();
{
  const from = blocks.parameter(I32);
  const end = blocks.parameter(I32);
  const top = blocks.parameter(I64);
  const summing = new Summing(blocks);
  blocks.body = code(
    summing.load(),
    whilst(
      i32.lt(from.get, end.get),
      code(summing.block(from.get, top.get), addTo(from, word(16))),
    ),
    summing.store(),
  );
}

/** Blocks of stream that are made at once: one word of each in a vector. */
const AT_ONCE = 4;
const STREAMED = 64 * AT_ONCE;

/** What goes into a block of stream: words of the key, of what is asked for, and others. */
const GIVEN: readonly Code[] = [
  // "expand 32-byte k"
  v128.splat32(word(0x61707865)),
  ...[0, 1, 2, 3].map((i) => v128.load32Splat(word(0), KEY + 4 * i)),
  v128.splat32(word(0x3320646e)),
  [],
  [],
  [],
  v128.of(0, 0, 0, 0),
  v128.splat32(word(0x79622d32)),
  ...[4, 5, 6, 7].map((i) => v128.load32Splat(word(0), KEY + 4 * i)),
  v128.splat32(word(0x6b206574)),
];
/** Words of a block that go together in a round over columns, and in one over rows. */
const COLUMNS = [[0, 4, 8, 12], [5, 9, 13, 1], [10, 14, 2, 6], [15, 3, 7, 11]];
const ROWS = [[0, 1, 2, 3], [5, 6, 7, 4], [10, 11, 8, 9], [15, 12, 13, 14]];

/**
 * Writes the blocks of stream to `into` that are asked for at `at`. And adds up to 20
 * blocks of 16 bytes to the sum: what does the one leaves most of the processor
 * alone that does the other, and so both take little longer than one.
 *
 * To shift words left, it multiplies them where MULTIPLIES says so: JavaScriptCore
 * moves how far to shift to a vector each time, constant or not, and that takes longer.
 */
const quad: Func = program.func();
{
  const at = quad.parameter(I32);
  const into = quad.parameter(I32);
  const from = quad.parameter(I32);
  const end = quad.parameter(I32);
  const round = quad.local(I32);
  const x = Array.from({ length: 16 }, () => quad.local(V128));
  const t = quad.local(V128);
  const multiplies = quad.local(I32);
  const summing = new Summing(quad);
  const lying = (i: number) => WORDS + 16 * i;
  const lies = (i: number) => COLUMNS.some((which) => which[2] === i);
  const given = GIVEN.map((given, i) =>
    given.length > 0 ? given : v128.load(at.get, ASKED + ASKED_APART * (i - 6))
  );
  /** Turns the sum of two left and adds it to a third without carry. */
  const step = (
    [to, one, other]: Local[],
    by: number,
    left: (by: number) => Code,
  ) =>
    code(
      t.set(v128.add32(one.get, other.get)),
      to.set(
        v128.xor(
          v128.xor(to.get, v128.shr32(t.get, word(32 - by))),
          left(by),
        ),
      ),
    );
  const shifted = (by: number) => v128.shl32(t.get, word(by));
  const multiplied = (by: number) =>
    v128.mul32(
      t.get,
      v128.load(word(0), POWERS + 16 * TURNS.indexOf(by)),
    );
  /** The third word, as all have no room in 16 registers, lies in memory between. */
  const quarter = (which: readonly number[], left: (by: number) => Code) => {
    const [a, b, c, d] = which.map((i) => x[i]);
    const at = lying(which[2]);
    return code(
      step([b, a, d], 7, left),
      c.set(v128.load(word(0), at)),
      step([c, b, a], 9, left),
      v128.store(word(0), c.get, at),
      step([d, c, b], 13, left),
      step([a, d, c], 18, left),
    );
  };
  /** A round, in the way that is the faster here. */
  const turn = (which: readonly number[][]) =>
    when(
      multiplies.get,
      code(...which.map((which) => quarter(which, multiplied))),
      code(...which.map((which) => quarter(which, shifted))),
    );
  const sum = when(
    i32.lt(from.get, end.get),
    code(summing.block(from.get, WHOLE), addTo(from, word(16))),
  );
  /** The first words of two vectors, or the last, by turns. */
  const zipped = (one: Local, other: Local, half: number) =>
    v128.shuffle(
      one.get,
      other.get,
      [0, 16, 4, 20].flatMap((at) =>
        [0, 1, 2, 3].map((i) => at + i + 8 * half)
      ),
    );
  const [a, b, c, d] = x;
  quad.body = code(
    ...x.map((x, i) =>
      lies(i) ? v128.store(word(0), given[i], lying(i)) : x.set(given[i])
    ),
    summing.load(),
    multiplies.set(i32.load(word(0), MULTIPLIES)),
    round.set(word(10)),
    loop(
      code(turn(COLUMNS), sum, turn(ROWS), sum),
      round.tee(i32.sub(round.get, word(1))),
    ),
    summing.store(),
    ...x.map((x, i) =>
      v128.store(
        word(0),
        v128.add32(
          lies(i) ? v128.load(word(0), lying(i)) : x.get,
          given[i],
        ),
        lying(i),
      )
    ),
    round.set(word(0)),
    loop(
      code(
        ...[a, b, c, d].map((place, i) =>
          place.set(v128.load(round.get, WORDS + 16 * i))
        ),
        t.set(zipped(a, c, 0)),
        c.set(zipped(a, c, 1)),
        a.set(zipped(b, d, 0)),
        d.set(zipped(b, d, 1)),
        ...[[t, a], [c, d]].flatMap(([one, other], two) =>
          [0, 1].map((half) =>
            v128.store(
              into.get,
              zipped(one, other, half),
              128 * two + 64 * half,
            )
          )
        ),
        addTo(into, word(16)),
      ),
      i32.lt(round.tee(i32.add(round.get, word(64))), word(256)),
    ),
  );
}

/** Adds stream to bytes; up to 15 more are read and written. */
const mix: Func = program.func();
{
  const from = mix.parameter(I32);
  const stream = mix.parameter(I32);
  const to = mix.parameter(I32);
  const length = mix.parameter(I32);
  const end = mix.local(I32);
  mix.body = code(
    end.set(i32.add(from.get, length.get)),
    whilst(
      i32.lt(from.get, end.get),
      code(
        v128.store(
          to.get,
          v128.xor(v128.load(from.get), v128.load(stream.get)),
        ),
        addTo(from, word(16)),
        addTo(stream, word(16)),
        addTo(to, word(16)),
      ),
    ),
  );
}

/** Adds bytes to the sum: whole blocks, and, at the end of all, a short one. */
const absorb: Func = program.func();
{
  const from = absorb.parameter(I32);
  const length = absorb.parameter(I32);
  const whole = absorb.local(I32);
  const rest = absorb.local(I32);
  absorb.body = code(
    whole.set(i32.add(from.get, i32.and(length.get, word(~15)))),
    blocks.call(from.get, whole.get, WHOLE),
    when(
      rest.tee(i32.and(length.get, word(15))),
      code(
        // The short block ends with a 1, and zeros.
        v128.store(
          word(TAIL),
          v128.and(
            v128.load(whole.get),
            v128.load(i32.sub(word(MASKS + 16), rest.get)),
          ),
        ),
        i32.store8(rest.get, word(1), TAIL),
        blocks.call(word(TAIL), word(TAIL + 16), i64.of(0n)),
      ),
    ),
  );
}

/** Writes the tag: the sum, reduced for good, and the second half of the key. */
const tag: Func = program.func();
{
  const into = tag.parameter(I32);
  const h = limbs(tag, 5);
  const g = limbs(tag, 5);
  const mask = tag.local(I64);
  const carry = (limbs: Local[], last: number) =>
    code(
      ...limbs.slice(0, last).flatMap((limb, i) => [
        limbs[i + 1].set(
          i64.add(limbs[i + 1].get, i64.shr(limb.get, i64.of(32n))),
        ),
        limb.set(i64.and(limb.get, LIMB)),
      ]),
    );
  tag.body = code(
    loadSum(h.slice(0, 4)),
    carry(h, 4),
    // Less 2^130 - 5, if it is not below that; chosen without a branch.
    ...h.map((limb, i) =>
      g[i].set(i === 0 ? i64.add(limb.get, i64.of(5n)) : limb.get)
    ),
    carry(g, 4),
    mask.set(i64.sub(i64.of(0n), i64.shr(g[4].get, i64.of(2n)))),
    ...h.slice(0, 4).map((limb, i) =>
      limb.set(i64.add(
        i64.xor(
          limb.get,
          i64.and(i64.xor(limb.get, g[i].get), mask.get),
        ),
        i64.load32(word(0), PAD + 4 * i),
      ))
    ),
    carry(h, 3),
    ...h.slice(0, 4).map((limb, i) => i64.store32(into.get, limb.get, 4 * i)),
  );
}

/** Where the stream ends that was made. */
const streamEnd: Place = program.global();

/** Makes note of where stream ends. */
const noteEnd: Func = program.func();
{
  const end = noteEnd.parameter(I32);
  noteEnd.body = when(
    i32.gt(end.get, streamEnd.get),
    streamEnd.set(end.get),
  );
}

/** Forgets all that is secret but what was given and made. */
const forget: Func = program.func();
{
  forget.body = code(
    ...[0, 8, 16, 24].map((at) => i64.store(word(0), i64.of(0n), KEY + at)),
    clear(
      word(SECRETS),
      i32.sub(
        either(streamEnd.get, streamEnd.get, word(STREAM)),
        word(SECRETS),
      ),
    ),
    streamEnd.set(word(0)),
  );
}

/** The length of the body that `measure` found last. */
const bodyLength: Place = program.global();

/** Where the body begins of the frame at `at`; 0 if the frame doesn't end by `end`. */
const measure: Func = program.func(I32);
{
  const at = measure.parameter(I32);
  const end = measure.parameter(I32);
  const left = measure.local(I32);
  measure.body = code(
    left.set(i32.sub(end.get, at.get)),
    when(i32.lt(left.get, word(2)), [...word(0), ...leave]),
    when(
      i32.and(i32.load8(at.get), word(LONG)),
      code(
        when(
          i32.lt(left.get, word(9)),
          [...word(0), ...leave],
        ),
        when(i32.load(at.get, 1), [...word(0), ...leave]),
        bodyLength.set(i32.wrap(turned(i64.load(at.get, 1)))),
        addTo(at, word(9)),
        left.set(i32.sub(left.get, word(9))),
      ),
      code(
        bodyLength.set(i32.load8(at.get, 1)),
        addTo(at, word(2)),
        left.set(i32.sub(left.get, word(2))),
      ),
    ),
    when(i32.gt(bodyLength.get, left.get), [...word(0), ...leave]),
    at.get,
  );
}

/** Where to put the body of a frame, for which a header is written with these flags. */
const header: Func = program.func(I32);
{
  const at = header.parameter(I32);
  const flags = header.parameter(I32);
  const length = header.parameter(I32);
  header.body = code(
    when(
      i32.gt(length.get, word(255)),
      code(
        i32.store8(at.get, i32.or(flags.get, word(LONG))),
        i64.store(at.get, turned(i64.extend(length.get)), 1),
        i32.add(at.get, word(9)),
        leave,
      ),
    ),
    i32.store16(at.get, i32.or(flags.get, i32.shl(length.get, word(8)))),
    i32.add(at.get, word(2)),
  );
}

/** How many blocks of stream have been asked for. */
const asked: Place = program.global();

/** Asks for blocks of stream for a message, if it is short and there is room: 1, else 0. */
const ask: Func = program.func(I32);
{
  const low = ask.parameter(I32);
  const high = ask.parameter(I32);
  /** Bytes of stream. */
  const length = ask.parameter(I32);
  const at = ask.local(I32);
  const count = ask.local(I32);
  const last = ask.local(I32);
  ask.body = code(
    last.set(i32.shr(i32.add(length.get, word(63)), word(6))),
    when(
      i32.or(
        i32.gt(last.get, word(SHORT)),
        i32.gt(i32.add(asked.get, last.get), word(BLOCKS)),
      ),
      [...word(0), ...leave],
    ),
    at.set(i32.shl(asked.get, word(2))),
    asked.set(i32.add(asked.get, last.get)),
    loop(
      code(
        i32.store(at.get, low.get, ASKED),
        i32.store(at.get, high.get, ASKED + ASKED_APART),
        i32.store(at.get, count.get, ASKED + 2 * ASKED_APART),
        addTo(at, word(4)),
      ),
      i32.lt(count.tee(i32.add(count.get, word(1))), last.get),
    ),
    word(1),
  );
}

/** Makes the blocks that were asked for. */
const make: Func = program.func();
{
  const at = make.local(I32);
  const into = make.local(I32);
  const end = make.local(I32);
  make.body = code(
    into.set(word(STREAM)),
    end.set(i32.add(into.get, i32.shl(asked.get, word(6)))),
    loop(
      code(
        quad.call(at.get, into.get, word(0), word(0)),
        addTo(at, word(4 * AT_ONCE)),
        addTo(into, word(STREAMED)),
      ),
      i32.lt(into.get, end.get),
    ),
    noteEnd.call(into.get),
  );
}

// Where things lie in a MESSAGE: its name, nonce (8), tag (16), flags (1), body.
const NONCE_AT = 8;
const TAG_AT = 16;
const TEXT_AT = 32;
/** Bytes of a block of stream that key the tag. */
const AUTH = 32;

/** A place that is so many bytes of stream, in whole blocks, behind another. */
const behind = (stream: Code, length: Code): Code =>
  i32.and(i32.add(i32.add(stream, length), word(63)), word(~63));

/**
 * Hides or shows a text, or a piece of one: the first, if `count` is 0, and else the
 * one that begins with that block of stream. Each piece but the last ends with a
 * block; the first block begins with the key of the tag. What is summed is always
 * what is hidden, as much as is made at once, while stream is made for the next.
 */
const piece: Func = program.func(null, "piece");
{
  const low = piece.parameter(I32);
  const high = piece.parameter(I32);
  const count = piece.parameter(I32);
  const from = piece.parameter(I32);
  const to = piece.parameter(I32);
  const length = piece.parameter(I32);
  const shows = piece.parameter(I32);
  const skip = piece.local(I32);
  const take = piece.local(I32);
  const sum = piece.local(I32);
  const sumEnd = piece.local(I32);
  const room = i32.sub(word(STREAMED), skip.get);
  piece.body = code(
    skip.set(either(count.get, word(0), word(AUTH))),
    v128.store(word(0), v128.splat32(low.get), ASKED),
    v128.store(word(0), v128.splat32(high.get), ASKED + ASKED_APART),
    loop(
      code(
        v128.store(
          word(0),
          v128.add32(v128.splat32(count.get), v128.of(0, 1, 2, 3)),
          ASKED + 2 * ASKED_APART,
        ),
        quad.call(word(0), word(STREAM), sum.get, sumEnd.get),
        when(skip.get, begin.call(word(STREAM))),
        take.set(either(i32.lt(length.get, room), length.get, room)),
        mix.call(
          from.get,
          i32.add(word(STREAM), skip.get),
          to.get,
          take.get,
        ),
        sum.set(either(shows.get, from.get, to.get)),
        sumEnd.set(i32.add(sum.get, take.get)),
        addTo(from, take.get),
        addTo(to, take.get),
        addTo(count, word(AT_ONCE)),
        skip.set(word(0)),
      ),
      length.tee(i32.sub(length.get, take.get)),
    ),
    absorb.call(sum.get, take.get),
    noteEnd.call(word(STREAM + STREAMED)),
  );
}

/** Writes the tag of the pieces that there were. */
const finish: Func = program.func(null, "finish");
finish.body = code(tag.call(word(TAG)), forget.call());

/**
 * Hides the frames from `at` on that end by `end`: writes MESSAGEs to `to` as long
 * as they end by `toEnd`, with the nonces after `sent`. Gives where the first frame
 * begins that was left: one that is cut, or had no room.
 */
const hide: Func = program.func(I32, "hide");
{
  const at = hide.parameter(I32);
  const end = hide.parameter(I32);
  const to = hide.parameter(I32);
  const toEnd = hide.parameter(I32);
  const sent = hide.parameter(F64);
  const nonce = hide.local(I64);
  const next = hide.local(I64);
  const wire = hide.local(I64);
  /** How far the frames go that are hidden together. */
  const scan = hide.local(I32);
  const need = hide.local(I32);
  const body = hide.local(I32);
  const stream = hide.local(I32);
  /** Whether nothing is wrong with the frame that the scan stopped at but its length. */
  const sound = hide.local(I32);
  const hidden = i32.add(bodyLength.get, word(AROUND));
  const headed = either(i32.gt(hidden, word(255)), word(9), word(2));
  const text = i32.sub(body.get, word(1));
  const textLength = i32.add(bodyLength.get, word(1));
  // As many bytes of stream: a key for the tag instead of name, nonce and tag.
  const streamed = hidden;
  const bodyEnd = i32.add(body.get, bodyLength.get);
  const gather = code(
    asked.set(word(0)),
    sound.set(word(0)),
    scan.set(at.get),
    need.set(to.get),
    next.set(nonce.get),
    loop(
      [],
      all(
        body.tee(measure.call(scan.get, end.get)),
        code(
          addTo(need, i32.add(headed, hidden)),
          i32.le(need.get, toEnd.get),
        ),
        code(
          sound.set(word(1)),
          next.set(i64.add(next.get, i64.of(1n))),
          wire.set(turned(next.get)),
          ask.call(
            i32.wrap(wire.get),
            i32.wrap(i64.shr(wire.get, i64.of(32n))),
            streamed,
          ),
        ),
        code(sound.set(word(0)), scan.set(bodyEnd), word(1)),
      ),
    ),
    when(asked.get, make.call(), when(sound.get, scan.set(bodyEnd))),
  );
  const write = code(
    stream.set(word(STREAM)),
    loop(
      code(
        body.set(measure.call(at.get, end.get)),
        // The text begins where the header ends, with the flags.
        i32.store8(
          text,
          i32.or(
            i32.and(i32.load8(at.get), word(MORE)),
            i32.shr(i32.and(i32.load8(at.get), word(COMMAND)), word(1)),
          ),
        ),
        to.set(header.call(to.get, word(0), hidden)),
        nonce.set(i64.add(nonce.get, i64.of(1n))),
        i64.store(to.get, i64.of(NAME)),
        i64.store(to.get, turned(nonce.get), NONCE_AT),
        when(
          asked.get,
          code(
            mix.call(
              text,
              i32.add(stream.get, word(AUTH)),
              i32.add(to.get, word(TEXT_AT)),
              textLength,
            ),
            begin.call(stream.get),
            absorb.call(i32.add(to.get, word(TEXT_AT)), textLength),
          ),
          piece.call(
            i32.load(to.get, NONCE_AT),
            i32.load(to.get, NONCE_AT + 4),
            word(0),
            text,
            i32.add(to.get, word(TEXT_AT)),
            textLength,
            word(0),
          ),
        ),
        tag.call(i32.add(to.get, word(TAG_AT))),
        addTo(to, hidden),
        stream.set(behind(stream.get, streamed)),
        at.set(bodyEnd),
      ),
      i32.lt(at.get, scan.get),
    ),
  );
  hide.body = code(
    nonce.set(i64.ofF64(sent.get)),
    loop(
      code(gather, when(i32.lt(at.get, scan.get), write)),
      i32.or(asked.get, sound.get),
    ),
    f64.store(word(0), f64.ofI64(nonce.get), NONCE),
    i32.store(word(0), to.get, MADE),
    forget.call(),
    at.get,
  );
}

/**
 * Shows what the MESSAGEs hide that lie from `at` on and end by `end`: writes frames
 * in clear to `to`, where they take less room. Gives where the first frame begins
 * that was left: one that is cut, or no MESSAGE that may come after the nonce
 * `heard`, or whose tag is wrong.
 */
const show: Func = program.func(I32, "show");
{
  const at = show.parameter(I32);
  const end = show.parameter(I32);
  const to = show.parameter(I32);
  const heard = show.parameter(F64);
  const nonce = show.local(I64);
  const next = show.local(I64);
  const last = show.local(I64);
  const scan = show.local(I32);
  const body = show.local(I32);
  const stream = show.local(I32);
  const sound = show.local(I32);
  const text = show.local(I32);
  const good = show.local(I32);
  const shown = i32.sub(bodyLength.get, word(AROUND));
  const textLength = i32.sub(bodyLength.get, word(TEXT_AT));
  const hiddenText = i32.add(body.get, word(TEXT_AT));
  const bodyEnd = i32.add(body.get, bodyLength.get);
  const low = i32.load(body.get, NONCE_AT);
  const high = i32.load(body.get, NONCE_AT + 4);
  const gather = code(
    asked.set(word(0)),
    sound.set(word(0)),
    scan.set(at.get),
    last.set(nonce.get),
    loop(
      [],
      all(
        body.tee(measure.call(scan.get, end.get)),
        i32.gt(bodyLength.get, word(AROUND - 1)),
        i64.eq(i64.load(body.get), i64.of(NAME)),
        i64.gt(
          next.tee(turned(i64.load(body.get, NONCE_AT))),
          last.get,
        ),
        i64.le(next.get, i64.of(MAX_NONCE)),
        code(sound.set(word(1)), ask.call(low, high, bodyLength.get)),
        code(
          sound.set(word(0)),
          last.set(next.get),
          scan.set(bodyEnd),
          word(1),
        ),
      ),
    ),
    when(asked.get, make.call(), when(sound.get, scan.set(bodyEnd))),
  );
  const differs = (offset: number) =>
    i64.xor(
      i64.load(body.get, TAG_AT + offset),
      i64.load(word(0), TAG + offset),
    );
  const write = code(
    stream.set(word(STREAM)),
    loop(
      code(
        body.set(measure.call(at.get, end.get)),
        // The text begins where the header will end, with the flags.
        text.set(i32.add(
          to.get,
          either(i32.gt(shown, word(255)), word(8), word(1)),
        )),
        when(
          asked.get,
          code(
            begin.call(stream.get),
            absorb.call(hiddenText, textLength),
            mix.call(
              hiddenText,
              i32.add(stream.get, word(AUTH)),
              text.get,
              textLength,
            ),
          ),
          piece.call(
            low,
            high,
            word(0),
            hiddenText,
            text.get,
            textLength,
            word(1),
          ),
        ),
        tag.call(word(TAG)),
        when(
          good.tee(i64.eqz(i64.or(differs(0), differs(8)))),
          code(
            to.set(i32.add(
              header.call(
                to.get,
                i32.or(
                  i32.and(i32.load8(text.get), word(MORE)),
                  i32.and(i32.shl(i32.load8(text.get), word(1)), word(COMMAND)),
                ),
                shown,
              ),
              shown,
            )),
            nonce.set(turned(i64.load(body.get, NONCE_AT))),
            stream.set(behind(stream.get, bodyLength.get)),
            at.set(bodyEnd),
          ),
          clear(text.get, textLength),
        ),
      ),
      all(good.get, i32.lt(at.get, scan.get)),
    ),
  );
  show.body = code(
    nonce.set(i64.ofF64(heard.get)),
    good.set(word(1)),
    loop(
      code(gather, when(i32.lt(at.get, scan.get), write)),
      all(good.get, i32.or(asked.get, sound.get)),
    ),
    f64.store(word(0), f64.ofI64(nonce.get), NONCE),
    i32.store(word(0), to.get, MADE),
    forget.call(),
    at.get,
  );
}

/** The program as bytes; with its inner functions, for tests, if they are wanted. */
export function assembled(inner = false): Uint8Array {
  return program.bytes(inner ? { absorb, begin, tag } : {});
}
