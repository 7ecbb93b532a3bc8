// A tree of prefixes for subscriptions: what several prefixes share is kept
// once, and a topic meets every prefix of its own on one way down. Nodes are rows
// of numbers in one array, with labels of up to eight bytes in the row itself and
// the children in a table from the lowest to the highest first byte, so that a
// step down costs two looks at memory however many prefixes there are.

import { latin1 } from "../base/utf8.ts";

/** What stands at a prefix; `node` is where, which changes when the tree is packed. */
export interface Rooted {
  node: number;
}

// A row: the label's first bytes in two words, its length, whether something
// stands here, where the table of children begins, the lowest first byte in it
// and its length, and the node above.
const WORDS = 0;
const LENGTH = 2;
const STANDS = 3;
const TABLE = 4;
const LOWEST = 5;
const WIDTH = 6;
const ABOVE = 7;
const ROW_BITS = 3;
/** Bytes of a label that a row has room for. */
const INLINE = 8;
/** Sizes of tables: powers of two up to 256. */
const TABLE_SIZES = 9;
/** A tree with fewer rows than this is not packed. */
const FEWEST_ROWS = 1024;

/** The empty prefix. */
export const ROOT = 0;
/** There is no such node. */
export const NOWHERE = -1;

export class RadixTree<V extends Rooted> {
  /** What stands at each node. */
  values: (V | null)[] = [null];
  /** What the last `meet` met. */
  readonly met: V[] = [];
  #rows: Int32Array = new Int32Array(16 << ROW_BITS);
  #rowsUsed = 1;
  #rowsLive = 1;
  /** Rows that are free: each has the next one's number in its first word. */
  #freeRow = NOWHERE;
  #tables: Int32Array = new Int32Array(32);
  #tablesUsed = 0;
  /** Tables that are free, by size, chained the same way. */
  #freeTables: number[] = new Array(TABLE_SIZES).fill(NOWHERE);
  /** Labels that don't fit a row. */
  #labels: string[] = [""];

  constructor() {
    this.#rows[TABLE] = NOWHERE;
  }

  /**
   * Goes down as far as bytes[start..end] lead and leaves in `met` what stands on
   * the way, so many things; without `all` it only says whether there is one.
   */
  meet(bytes: Uint8Array, start: number, end: number, all: boolean): number {
    const rows = this.#rows;
    const tables = this.#tables;
    let found = 0;
    let row = ROOT;
    let at = start;
    for (;;) {
      if (rows[row + STANDS] !== 0) {
        if (!all) return 1;
        this.met[found++] = this.values[row >> ROW_BITS]!;
      }
      if (at >= end) break;
      const place = bytes[at] - rows[row + LOWEST];
      if (place < 0 || place >= rows[row + WIDTH]) break;
      const child = tables[rows[row + TABLE] + place];
      if (child === NOWHERE) break;
      row = child << ROW_BITS;
      const length = rows[row + LENGTH];
      if (length > end - at) break;
      if (length > 1 && !this.#stands(row, length, bytes, at)) break;
      at += length;
    }
    return found;
  }

  /** Whether the rest of a label stands in `bytes` behind its first byte at `at`. */
  #stands(row: number, length: number, bytes: Uint8Array, at: number): boolean {
    if (length > INLINE) {
      const label = this.#labels[row >> ROW_BITS];
      for (let i = 1; i < length; i++) {
        if (bytes[at + i] !== label.charCodeAt(i)) return false;
      }
      return true;
    }
    let word = this.#rows[row] >>> 8;
    for (let i = 1; i < length; i++) {
      if (i === 4) word = this.#rows[row + 1];
      if (bytes[at + i] !== (word & 0xff)) return false;
      word >>>= 8;
    }
    return true;
  }

  /** How many bytes lead from the node above to this one. */
  #lengthOf(node: number): number {
    return this.#rows[(node << ROW_BITS) + LENGTH];
  }

  /** The node of a prefix, or `NOWHERE`. */
  find(prefix: Uint8Array): number {
    let node = ROOT;
    let at = 0;
    while (at < prefix.length) {
      node = this.#child(node, prefix[at]);
      if (node === NOWHERE) return NOWHERE;
      const length = this.#lengthOf(node);
      const whole = length <= prefix.length - at &&
        this.#stands(node << ROW_BITS, length, prefix, at);
      if (!whole) return NOWHERE;
      at += length;
    }
    return node;
  }

  /** The node of a prefix, made if it isn't there. */
  insert(prefix: Uint8Array): number {
    let node = ROOT;
    let at = 0;
    while (at < prefix.length) {
      const child = this.#child(node, prefix[at]);
      if (child === NOWHERE) {
        const leaf = this.#make(node);
        this.#setLabel(leaf, latin1(prefix, at, prefix.length));
        this.#place(node, leaf, prefix[at]);
        return leaf;
      }
      const label = this.#labelOf(child);
      const shared = sharedLength(prefix, at, label);
      at += shared;
      node = shared < label.length ? this.#split(child, label, shared) : child;
    }
    return node;
  }

  /** Puts something at a node. */
  set(node: number, value: V): void {
    this.values[node] = value;
    this.#rows[(node << ROW_BITS) + STANDS] = 1;
    value.node = node;
  }

  /** Takes what stands at a node away, and with it what it alone held up. */
  remove(node: number): void {
    this.values[node] = null;
    this.#rows[(node << ROW_BITS) + STANDS] = 0;
    while (node !== ROOT && this.values[node] === null) {
      const row = node << ROW_BITS;
      const above = this.#rows[row + ABOVE];
      const width = this.#rows[row + WIDTH];
      if (width > 1) break;
      if (width === 1) {
        this.#joinWithChild(node, above);
        break;
      }
      this.#displace(above, this.#firstByte(node));
      this.#freeNode(node);
      node = above;
    }
    const capacity = this.#rows.length >> ROW_BITS;
    if (capacity > FEWEST_ROWS && this.#rowsLive < capacity >> 3) this.#pack();
  }

  /** The prefix that a node stands for. */
  prefixOf(node: number): Uint8Array {
    let text = "";
    for (let at = node; at !== ROOT;) {
      text = this.#labelOf(at) + text;
      at = this.#rows[(at << ROW_BITS) + ABOVE];
    }
    return bytesOf(text);
  }

  /** Every prefix at which something stands. */
  *prefixes(): Generator<Uint8Array> {
    for (const [node, prefix] of this.#walk()) {
      if (this.values[node] !== null) yield bytesOf(prefix);
    }
  }

  *#walk(): Generator<[node: number, prefix: string]> {
    const stack: [number, string][] = [[ROOT, ""]];
    while (stack.length > 0) {
      const [node, before] = stack.pop()!;
      const prefix = node === ROOT ? "" : before + this.#labelOf(node);
      yield [node, prefix];
      const row = node << ROW_BITS;
      const width = this.#rows[row + WIDTH];
      const table = this.#rows[row + TABLE];
      for (let i = 0; i < width; i++) {
        const child = this.#tables[table + i];
        if (child !== NOWHERE) stack.push([child, prefix]);
      }
    }
  }

  #child(node: number, byte: number): number {
    const rows = this.#rows;
    const row = node << ROW_BITS;
    const at = byte - rows[row + LOWEST];
    return at >= 0 && at < rows[row + WIDTH]
      ? this.#tables[rows[row + TABLE] + at]
      : NOWHERE;
  }

  #firstByte(node: number): number {
    const row = node << ROW_BITS;
    return this.#rows[row + LENGTH] > INLINE
      ? this.#labels[node].charCodeAt(0)
      : this.#rows[row] & 0xff;
  }

  #labelOf(node: number): string {
    const row = node << ROW_BITS;
    const length = this.#rows[row + LENGTH];
    if (length > INLINE) return this.#labels[node];
    let label = "";
    for (let i = 0; i < length; i++) {
      const word = this.#rows[row + WORDS + (i >> 2)];
      label += String.fromCharCode((word >>> ((i & 3) << 3)) & 0xff);
    }
    return label;
  }

  #setLabel(node: number, label: string): void {
    const row = node << ROW_BITS;
    this.#rows[row + LENGTH] = label.length;
    if (label.length > INLINE) {
      this.#labels[node] = label;
      return;
    }
    this.#labels[node] = "";
    const words = [0, 0];
    for (let i = 0; i < label.length; i++) {
      words[i >> 2] |= label.charCodeAt(i) << ((i & 3) << 3);
    }
    this.#rows[row + WORDS] = words[0];
    this.#rows[row + WORDS + 1] = words[1];
  }

  /** Puts a node in front of `node` for the first `length` bytes of its label. */
  #split(node: number, label: string, length: number): number {
    const above = this.#rows[(node << ROW_BITS) + ABOVE];
    const upper = this.#make(above);
    this.#setLabel(upper, label.slice(0, length));
    this.#setLabel(node, label.slice(length));
    this.#replace(above, label.charCodeAt(0), upper);
    this.#rows[(node << ROW_BITS) + ABOVE] = upper;
    this.#place(upper, node, label.charCodeAt(length));
    return upper;
  }

  /** A node without a value and with one child gives way to the child. */
  #joinWithChild(node: number, above: number): void {
    const row = node << ROW_BITS;
    const child = this.#tables[this.#rows[row + TABLE]];
    const label = this.#labelOf(node) + this.#labelOf(child);
    this.#setLabel(child, label);
    this.#rows[(child << ROW_BITS) + ABOVE] = above;
    this.#replace(above, label.charCodeAt(0), child);
    this.#freeNode(node);
  }

  #make(above: number): number {
    let node = this.#freeRow;
    if (node !== NOWHERE) {
      this.#freeRow = this.#rows[node << ROW_BITS];
    } else {
      node = this.#rowsUsed++;
      const need = this.#rowsUsed << ROW_BITS;
      if (need > this.#rows.length) this.#rows = larger(this.#rows, need);
    }
    this.#rowsLive++;
    const row = node << ROW_BITS;
    this.#rows.fill(0, row, row + ABOVE);
    this.#rows[row + TABLE] = NOWHERE;
    this.#rows[row + ABOVE] = above;
    this.values[node] = null;
    this.#labels[node] = "";
    return node;
  }

  #freeNode(node: number): void {
    const row = node << ROW_BITS;
    this.#freeTable(row);
    this.#labels[node] = "";
    this.#rows[row] = this.#freeRow;
    this.#rows[row + WIDTH] = 0;
    this.#freeRow = node;
    this.#rowsLive--;
  }

  #replace(above: number, byte: number, child: number): void {
    const row = above << ROW_BITS;
    this.#tables[this.#rows[row + TABLE] + byte - this.#rows[row + LOWEST]] =
      child;
  }

  /** Adds a child, in a wider table if its byte lies outside. */
  #place(above: number, child: number, byte: number): void {
    const row = above << ROW_BITS;
    const width = this.#rows[row + WIDTH];
    const first = width === 0 ? byte : this.#rows[row + LOWEST];
    const lowest = Math.min(first, byte);
    this.#resize(row, lowest, Math.max(first + width, byte + 1) - lowest);
    this.#replace(above, byte, child);
  }

  /** Takes a child out, and its place if that was the first or the last. */
  #displace(above: number, byte: number): void {
    const row = above << ROW_BITS;
    if (this.#rows[row + WIDTH] === 1) {
      this.#freeTable(row);
      return;
    }
    this.#replace(above, byte, NOWHERE);
    const table = this.#rows[row + TABLE];
    let from = 0;
    let to = this.#rows[row + WIDTH];
    while (this.#tables[table + from] === NOWHERE) from++;
    while (this.#tables[table + to - 1] === NOWHERE) to--;
    if (from > 0 || to < this.#rows[row + WIDTH]) {
      this.#resize(row, this.#rows[row + LOWEST] + from, to - from);
    }
  }

  /** Gives a row a table of another width, with the children there are. */
  #resize(row: number, lowest: number, width: number): void {
    const rows = this.#rows;
    const [oldWidth, oldLowest] = [rows[row + WIDTH], rows[row + LOWEST]];
    if (oldWidth === width && oldLowest === lowest) return;
    const old = rows[row + TABLE];
    const table = this.#takeTable(sizeOf(width));
    const tables = this.#tables;
    for (let i = 0; i < width; i++) {
      const at = lowest + i - oldLowest;
      tables[table + i] = at >= 0 && at < oldWidth ? tables[old + at] : NOWHERE;
    }
    this.#freeTable(row);
    rows[row + TABLE] = table;
    rows[row + LOWEST] = lowest;
    rows[row + WIDTH] = width;
  }

  #takeTable(size: number): number {
    const free = this.#freeTables[size];
    if (free !== NOWHERE) {
      this.#freeTables[size] = this.#tables[free];
      return free;
    }
    const table = this.#tablesUsed;
    this.#tablesUsed += 1 << size;
    if (this.#tablesUsed > this.#tables.length) {
      this.#tables = larger(this.#tables, this.#tablesUsed);
    }
    return table;
  }

  #freeTable(row: number): void {
    const table = this.#rows[row + TABLE];
    if (table === NOWHERE) return;
    const size = sizeOf(this.#rows[row + WIDTH]);
    this.#tables[table] = this.#freeTables[size];
    this.#freeTables[size] = table;
    this.#rows[row + TABLE] = NOWHERE;
    this.#rows[row + WIDTH] = 0;
  }

  /** Makes the tree anew in as little memory as it needs. */
  #pack(): void {
    const kept: [prefix: string, value: V][] = [];
    for (const [node, prefix] of this.#walk()) {
      const value = this.values[node];
      if (value !== null) kept.push([prefix, value]);
    }
    const fresh = new RadixTree<V>();
    for (const [prefix, value] of kept) {
      fresh.set(fresh.insert(bytesOf(prefix)), value);
    }
    this.values = fresh.values;
    this.#rows = fresh.#rows;
    this.#rowsUsed = fresh.#rowsUsed;
    this.#rowsLive = fresh.#rowsLive;
    this.#freeRow = fresh.#freeRow;
    this.#tables = fresh.#tables;
    this.#tablesUsed = fresh.#tablesUsed;
    this.#freeTables = fresh.#freeTables;
    this.#labels = fresh.#labels;
  }
}

/** The size of a table that has room for so many children. */
function sizeOf(width: number): number {
  return width === 1 ? 0 : 32 - Math.clz32(width - 1);
}

function larger(array: Int32Array, need: number): Int32Array {
  const grown = new Int32Array(Math.max(need, array.length * 2));
  grown.set(array);
  return grown;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}

function sharedLength(bytes: Uint8Array, at: number, label: string): number {
  const most = Math.min(label.length, bytes.length - at);
  let shared = 0;
  while (shared < most && bytes[at + shared] === label.charCodeAt(shared)) {
    shared++;
  }
  return shared;
}
