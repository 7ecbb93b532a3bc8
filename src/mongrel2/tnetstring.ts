// Tagged netstrings: values of JSON's kind, in which every length is told ahead.
//
//     5:hello,     bytes          4:true!   a boolean
//     2:42#        an integer     0:~       null
//     3:1.5^       a float        8:1:a,1:b,]   a list
//                                 8:1:a,1:1#}   a dictionary, name and value in turn

import { isBytes } from "../base/message.ts";
import { ZmqError } from "../base/errors.ts";
import { decodeText, latin1 } from "../base/utf8.ts";
import { MalformedError } from "./malformed.ts";
import { around, spanAt } from "./netstring.ts";
import { concatBytes, type Piece } from "./pieces.ts";

/**
 * What a tnetstring stands for. Integers that a number can't hold are bigints;
 * dictionaries are Maps, so that no name of theirs means anything to the language.
 */
export type TnetValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TnetValue[]
  | Map<string, TnetValue>;

/** What can be written as a tnetstring: objects count as dictionaries too. */
export type TnetWritable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly TnetWritable[]
  | ReadonlyMap<string, TnetWritable>
  | { readonly [name: string]: TnetWritable };

/** How to read a tnetstring. */
export interface TnetOptions {
  /** What strings become: text (UTF-8), or views of the bytes. Default: text. */
  strings?: "text" | "bytes";
  /** How many lists and dictionaries may lie in one another. Default: 64. */
  maxDepth?: number;
  /** How many values there may be, each in a list counted. Default: 65,536. */
  maxValues?: number;
}

const STRING = 0x2c; // ,
const INTEGER = 0x23; // #
const FLOAT = 0x5e; // ^
const BOOLEAN = 0x21; // !
const NULL = 0x7e; // ~
const LIST = 0x5d; // ]
const DICTIONARY = 0x7d; // }
const LONGEST_INTEGER = 1024;
const LONGEST_FLOAT = 400;
const DEPTH = 64;
const VALUES = 65_536;

/**
 * Reads a tnetstring, all of the bytes.
 *
 * @throws {MalformedError} if they are none.
 *
 * @example
 * ```ts
 * import { text } from "@nought/zeromq";
 * import { formatTnetstring, parseTnetstring } from "@nought/zeromq/mongrel2";
 *
 * const bytes = formatTnetstring(["hello", 42, null]);
 * console.log(text(bytes)); // 16:5:hello,2:42#0:~]
 * console.log(JSON.stringify(parseTnetstring(bytes))); // ["hello",42,null]
 * ```
 */
export function parseTnetstring(
  bytes: Uint8Array,
  options: TnetOptions = {},
): TnetValue {
  const { value, end } = readTnetstring(bytes, 0, options);
  if (end < bytes.length) {
    throw new MalformedError("Something stands behind the value", bytes, end);
  }
  return value;
}

/**
 * Reads the tnetstring that begins at `at`; what comes next begins at `end`.
 *
 * @throws {MalformedError} if there is none.
 */
export function readTnetstring(
  bytes: Uint8Array,
  at: number = 0,
  options: TnetOptions = {},
): { value: TnetValue; end: number } {
  const reader = new Reader(bytes, options);
  const value = reader.read(at, bytes.length, 0);
  return { value, end: reader.end };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #text: boolean;
  readonly #maxDepth: number;
  #left: number;
  /** Where what was read last ends. */
  end = 0;

  constructor(bytes: Uint8Array, options: TnetOptions) {
    this.#bytes = bytes;
    this.#text = options.strings !== "bytes";
    this.#maxDepth = options.maxDepth ?? DEPTH;
    this.#left = options.maxValues ?? VALUES;
  }

  read(at: number, limit: number, depth: number): TnetValue {
    const { start, end, type } = spanAt(this.#bytes, at, limit);
    if (this.#left-- <= 0) this.#fail("There are too many values", at);
    this.end = end + 1;
    switch (type) {
      case STRING: {
        const bytes = this.#bytes.subarray(start, end);
        return this.#text ? decodeText(bytes) : bytes;
      }
      case INTEGER:
        return this.#integer(start, end);
      case FLOAT:
        return this.#float(start, end);
      case BOOLEAN: {
        const word = this.#word(start, end, 5);
        if (word === "true") return true;
        if (word === "false") return false;
        return this.#fail("A boolean is neither true nor false", start);
      }
      case NULL:
        if (start === end) return null;
        return this.#fail("A null isn't empty", start);
      case LIST:
        this.#goDown(depth, at);
        return this.#list(start, end, depth + 1);
      case DICTIONARY:
        this.#goDown(depth, at);
        return this.#dictionary(start, end, depth + 1);
      default:
        return this.#fail("There is no such type", end);
    }
  }

  #integer(start: number, end: number): number | bigint {
    const word = this.#word(start, end, LONGEST_INTEGER);
    if (!/^-?\d+$/.test(word)) this.#fail("An integer is none", start);
    const number = Number(word);
    return Number.isSafeInteger(number) ? number : BigInt(word);
  }

  #float(start: number, end: number): number {
    const word = this.#word(start, end, LONGEST_FLOAT);
    if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(word)) {
      this.#fail("A float is none", start);
    }
    const number = Number(word);
    if (!Number.isFinite(number)) this.#fail("A float is too large", start);
    return number;
  }

  #list(start: number, end: number, depth: number): TnetValue[] {
    const values: TnetValue[] = [];
    for (let at = start; at < end; at = this.end) {
      values.push(this.read(at, end, depth));
    }
    this.end = end + 1;
    return values;
  }

  #dictionary(
    start: number,
    end: number,
    depth: number,
  ): Map<string, TnetValue> {
    const values = new Map<string, TnetValue>();
    for (let at = start; at < end; at = this.end) {
      const name = spanAt(this.#bytes, at, end);
      if (name.type !== STRING) this.#fail("A name is no string", at);
      const value = this.read(name.end + 1, end, depth);
      values.set(
        decodeText(this.#bytes.subarray(name.start, name.end)),
        value,
      );
    }
    this.end = end + 1;
    return values;
  }

  #goDown(depth: number, at: number): void {
    if (depth >= this.#maxDepth) {
      this.#fail("Too many lists lie in one another", at);
    }
  }

  #word(start: number, end: number, longest: number): string {
    if (end - start > longest) this.#fail("A value is too long", start);
    return latin1(this.#bytes, start, end);
  }

  #fail(message: string, at: number): never {
    throw new MalformedError(message, this.#bytes, at);
  }
}

/**
 * Writes a value as a tnetstring: text as its UTF-8, whole numbers as integers,
 * others as floats.
 *
 * Throws a `ZmqError` EINVAL for what it can't hold, such as NaN or a value that
 * contains itself.
 */
export function formatTnetstring(value: TnetWritable): Uint8Array {
  return concatBytes(pieces(value, 0));
}

function pieces(value: TnetWritable, depth: number): Piece[] {
  if (value === null) return ["0:~"];
  if (typeof value === "string") return around(value, ",");
  if (typeof value === "boolean") return around(`${value}`, "!");
  if (typeof value === "bigint") return around(`${value}`, "#");
  if (typeof value === "number") {
    if (!Number.isFinite(value)) unfit(`${value}`);
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      return around(`${value}`, "#");
    }
    return around(Object.is(value, -0) ? "-0.0" : `${value}`, "^");
  }
  if (isBytes(value)) return around(value, ",");
  if (depth >= DEPTH) unfit("more than 64 lists in one another");
  if (Array.isArray(value)) {
    const items = (value as readonly TnetWritable[])
      .flatMap((item) => pieces(item, depth + 1));
    return around(concatBytes(["", ...items]), "]");
  }
  if (typeof value !== "object") unfit(typeof value);
  const entries = value instanceof Map
    ? [...value as ReadonlyMap<string, TnetWritable>]
    : Object.entries(value as { readonly [name: string]: TnetWritable });
  const items = entries.flatMap(([name, item]) => [
    ...around(name, ","),
    ...pieces(item, depth + 1),
  ]);
  return around(concatBytes(["", ...items]), "}");
}

function unfit(what: string): never {
  throw new ZmqError("EINVAL", `A tnetstring can't hold ${what}`);
}
