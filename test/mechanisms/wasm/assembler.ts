// A small assembler for WebAssembly: expressions are arrays of bytes, put together
// by functions named after the instructions, so that TypeScript is the language of
// macros. It knows what message_module.ts needs, and no more.

/** Instructions, as they stand in a module. */
export type Code = readonly number[];

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
export const V128 = 0x7b;
const NOTHING = 0x40;

/** A number of a module's own, without a sign (LEB128). */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 0x7f; value >>>= 7) bytes.push(value & 0x7f | 0x80);
  return [...bytes, value];
}

/** One with a sign. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value < -64n || value > 63n; value >>= 7n) {
    bytes.push(Number(value & 0x7fn) | 0x80);
  }
  return [...bytes, Number(value & 0x7fn)];
}

const one = (...opcode: number[]) => (a: Code): Code => [...a, ...opcode];
const two = (...opcode: number[]) => (a: Code, b: Code): Code => [
  ...a,
  ...b,
  ...opcode,
];
const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];

/** Reads at an address and a distance from it; nothing is known of alignment. */
const reads = (...opcode: number[]) => (at: Code, offset = 0): Code => [
  ...at,
  ...opcode,
  0,
  ...unsigned(offset),
];
const writes =
  (...opcode: number[]) => (at: Code, value: Code, offset = 0): Code => [
    ...at,
    ...value,
    ...opcode,
    0,
    ...unsigned(offset),
  ];

export const i32 = {
  of: (value: number): Code => [0x41, ...signed(BigInt(value | 0))],
  load: reads(0x28),
  load8: reads(0x2d),
  store: writes(0x36),
  store8: writes(0x3a),
  store16: writes(0x3b),
  eqz: one(0x45),
  lt: two(0x49),
  gt: two(0x4b),
  le: two(0x4d),
  add: two(0x6a),
  sub: two(0x6b),
  mul: two(0x6c),
  and: two(0x71),
  or: two(0x72),
  xor: two(0x73),
  shl: two(0x74),
  shr: two(0x76),
  wrap: one(0xa7),
} as const;

export const i64 = {
  of: (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))],
  load: reads(0x29),
  load32: reads(0x35),
  store: writes(0x37),
  store32: writes(0x3e),
  eqz: one(0x50),
  eq: two(0x51),
  gt: two(0x56),
  le: two(0x58),
  add: two(0x7c),
  sub: two(0x7d),
  mul: two(0x7e),
  and: two(0x83),
  or: two(0x84),
  xor: two(0x85),
  shl: two(0x86),
  shr: two(0x88),
  extend: one(0xad),
  /** The nearest there is of what is too large. */
  ofF64: one(0xfc, 0x07),
} as const;

export const f64 = { store: writes(0x39), ofI64: one(0xba) } as const;

export const v128 = {
  load: reads(...simd(0x00)),
  store: writes(...simd(0x0b)),
  /** Four words. */
  of: (...words: number[]): Code => [
    ...simd(0x0c),
    ...new Uint8Array(Int32Array.from(words).buffer),
  ],
  /** Bytes of one (0 to 15) and another (16 to 31). */
  shuffle: (a: Code, b: Code, lanes: readonly number[]): Code => [
    ...a,
    ...b,
    ...simd(0x0d),
    ...lanes,
  ],
  splat32: one(...simd(0x11)),
  splat64: one(...simd(0x12)),
  /** Four times the word that is read. */
  load32Splat: reads(...simd(0x09)),
  /** Writes one half of a vector. */
  store64: (at: Code, vector: Code, lane: number, offset = 0): Code => [
    ...at,
    ...vector,
    ...simd(0x5b),
    0,
    ...unsigned(offset),
    lane,
  ],
  first64: one(...simd(0x1d), 0),
  and: two(...simd(0x4e)),
  or: two(...simd(0x50)),
  xor: two(...simd(0x51)),
  shl32: two(...simd(0xab)),
  shr32: two(...simd(0xad)),
  add32: two(...simd(0xae)),
  mul32: two(...simd(0xb5)),
} as const;

/** Something that holds a value. */
export interface Place {
  readonly get: Code;
  set(value: Code): Code;
}

/** A place of one call. */
export interface Local extends Place {
  /** Sets it, and is the value. */
  tee(value: Code): Code;
}

/** A do-while loop. */
export function loop(body: Code, goOn: Code): Code {
  return [0x03, NOTHING, ...body, ...goOn, 0x0d, 0, 0x0b];
}

/** A while loop. */
export function whilst(condition: Code, body: Code): Code {
  return when(condition, loop(body, condition));
}

export function when(condition: Code, then: Code, otherwise?: Code): Code {
  return [
    ...condition,
    0x04,
    NOTHING,
    ...then,
    ...(otherwise === undefined ? [] : [0x05, ...otherwise]),
    0x0b,
  ];
}

/** 1 if all of these are not 0; none is looked at behind one that is. */
export function all(first: Code, ...others: Code[]): Code {
  if (others.length === 0) return [...first, ...i32.eqz([]), ...i32.eqz([])];
  const [next, ...rest] = others;
  return [...first, 0x04, I32, ...all(next, ...rest), 0x05, ...i32.of(0), 0x0b];
}

/** One of two values, both of which are worked out. */
export function either(condition: Code, value: Code, other: Code): Code {
  return [...value, ...other, ...condition, 0x1b];
}

export const leave: Code = [0x0f];

/** Sets bytes to 0. */
export function clear(at: Code, length: Code): Code {
  return [...at, ...i32.of(0), ...length, 0xfc, 0x0b, 0];
}

export const code = (...parts: Code[]): Code => parts.flat();

/** A function that is being written; its parameters are its first locals. */
export class Func {
  readonly index: number;
  readonly parameters: number[] = [];
  readonly locals: number[] = [];
  readonly result: number | null;
  body: Code = [];

  constructor(index: number, result: number | null) {
    this.index = index;
    this.result = result;
  }

  /** Parameters come before locals. */
  parameter(type: number): Local {
    this.parameters.push(type);
    return local(this.parameters.length - 1);
  }

  local(type: number): Local {
    this.locals.push(type);
    return local(this.parameters.length + this.locals.length - 1);
  }

  call(...given: Code[]): Code {
    return [...given.flat(), 0x10, ...unsigned(this.index)];
  }
}

function local(index: number): Local {
  const at = unsigned(index);
  return {
    get: [0x20, ...at],
    set: (value) => [...value, 0x21, ...at],
    tee: (value) => [...value, 0x22, ...at],
  };
}

/** A module with one memory, which it exports, and no imports. */
export class Module {
  readonly #pages: number;
  readonly #functions: Func[] = [];
  readonly #globals: number[] = [];
  readonly #exports: [string, number][] = [];
  readonly #data: [number, Code][] = [];

  constructor(pages: number) {
    this.#pages = pages;
  }

  /** A function; exported if it has a name. */
  func(result: number | null = null, name?: string): Func {
    const made = new Func(this.#functions.length, result);
    this.#functions.push(made);
    if (name !== undefined) this.#exports.push([name, made.index]);
    return made;
  }

  /** A number of 32 bits that lasts. */
  global(): Place {
    const at = unsigned(this.#globals.push(I32) - 1);
    return {
      get: [0x23, ...at],
      set: (value) => [...value, 0x24, ...at],
    };
  }

  /** Bytes that lie in memory from the beginning. */
  data(at: number, bytes: Code): void {
    this.#data.push([at, bytes]);
  }

  /** The module's bytes; others of its functions may be exported too. */
  bytes(others: Record<string, Func> = {}): Uint8Array {
    const functions = this.#functions;
    const exports = [
      ...this.#exports,
      ...Object.entries(others).map(([name, func]) =>
        [name, func.index] as const
      ),
    ];
    return Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(
        1,
        functions.map(({ parameters, result }) => [
          0x60,
          ...row(parameters.map((type) => [type])),
          ...row(result === null ? [] : [[result]]),
        ]),
      ),
      ...section(3, functions.map(({ index }) => unsigned(index))),
      ...section(5, [[1, ...unsigned(this.#pages), ...unsigned(this.#pages)]]),
      ...section(6, this.#globals.map((type) => [type, 1, ...i32.of(0), 0x0b])),
      ...section(7, [
        [...text("memory"), 2, 0],
        ...exports.map(([name, index]) => [
          ...text(name),
          0,
          ...unsigned(index),
        ]),
      ]),
      ...section(
        10,
        functions.map(({ locals, body }) => {
          const whole = [...runs(locals), ...body, 0x0b];
          return [...unsigned(whole.length), ...whole];
        }),
      ),
      ...section(
        11,
        this.#data.map(([at, bytes]) => [
          0,
          ...i32.of(at),
          0x0b,
          ...unsigned(bytes.length),
          ...bytes,
        ]),
      ),
    ]);
  }
}

function row(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, items: readonly Code[]): Code {
  const body = row(items);
  return [id, ...unsigned(body.length), ...body];
}

function text(value: string): Code {
  return row([...value].map((letter) => [letter.charCodeAt(0)]));
}

/** Types of locals: how many in a row are of one. */
function runs(types: readonly number[]): Code {
  const found: [number, number][] = [];
  for (const type of types) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === type) last[0]++;
    else found.push([1, type]);
  }
  return row(found.map(([count, type]) => [...unsigned(count), type]));
}
