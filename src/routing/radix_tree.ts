// A tree of prefixes for subscriptions: what several prefixes share is kept
// once, and a topic meets every prefix of its own on one way down. Nodes are rows
// of numbers in one array, with labels of up to eight bytes in the row itself.
// The children of a node lie in a row of rows, by their first bytes, so that a step
// down costs one look at memory however many prefixes there are; where they would
// leave most of it empty, a table says where each is, which is a look more.

import { latin1 } from "../base/utf8.ts";

/** What stands at a prefix; `node` is where, which changes as the tree does. */
export interface Rooted {
  node: number;
}

// A row: the label's first bytes in two words, its length, the mark of what stands
// here or 0, where the children are (the first one's node, inverted, or a
// table), the lowest first byte among them and how many bytes from there to the
// highest, and the node above. Where a child would be and isn't the length is 0.
const WORDS = 0;
const LENGTH = 2;
const MARK = 3;
const CHILDREN = 4;
const LOWEST = 5;
const WIDTH = 6;
const ABOVE = 7;
const ROW_BITS = 3;
/** Bytes of a label that a row has room for. */
const INLINE = 8;
/** Sizes of tables and of rows of rows: powers of two up to 256. */
const SIZES = 9;
/** Letters of a label that are made into text in one go. */
const PIECE = 4096;
/** A tree with fewer rows than this is not packed. */
const FEWEST_ROWS = 1024;

/** So many rows may be moved or written to, of those that needn't, for each change. */
const EARNED = 16;
const MOST_CREDIT = 1 << 17;

/** The empty prefix; as a child it is none. */
export const ROOT = 0;
/** There is no such node. */
export const NOWHERE = -1;

/** Runs of cells in one array. Those that are given back are taken again. */
class Runs {
  words: Int32Array;
  /** How many cells are taken. */
  live = 0;
  #used = 0;
  readonly #cellBits: number;
  /** Runs that are free, by size: each has the next one's place in its first word. */
  readonly #free: number[] = new Array(SIZES).fill(NOWHERE);

  constructor(cellBits: number) {
    this.#cellBits = cellBits;
    this.words = new Int32Array(16 << cellBits);
  }

  /** Takes 2 to the `size` cells, with zeros in them. */
  take(size: number): number {
    const cells = 1 << size;
    this.live += cells;
    let at = this.#free[size];
    if (at === NOWHERE) {
      at = this.#used;
      this.#used += cells;
      const need = this.#used << this.#cellBits;
      if (need > this.words.length) this.words = larger(this.words, need);
    } else {
      this.#free[size] = this.words[at << this.#cellBits];
      this.clear(at, cells);
    }
    return at;
  }

  give(at: number, size: number): void {
    this.live -= 1 << size;
    this.words[at << this.#cellBits] = this.#free[size];
    this.#free[size] = at;
  }

  clear(at: number, cells: number): void {
    this.words.fill(0, at << this.#cellBits, (at + cells) << this.#cellBits);
  }
}

export class RadixTree<V extends Rooted> {
  /** What stands at each node. */
  values: (V | null)[] = [];
  /** What the last `meet` met: marks, and for those below 0 where they stand, inverted. */
  readonly met: number[] = [];
  #rows: Runs = new Runs(ROW_BITS);
  #tables: Runs = new Runs(0);
  /** Labels that don't fit a row. */
  #labels: string[] = [];
  /** What changes have paid for. */
  #credit = 0;

  constructor() {
    this.#takeRows(0);
  }

  /**
   * Goes down as far as bytes[start..end] lead and leaves in `met` what stands on
   * the way, so many things; without `all` it only says whether there is one.
   */
  meet(bytes: Uint8Array, start: number, end: number, all: boolean): number {
    const rows = this.#rows.words;
    let found = 0;
    let row = ROOT;
    let at = start;
    for (;;) {
      const mark = rows[row + MARK];
      if (mark !== 0) {
        if (!all) return 1;
        this.met[found++] = mark > 0 ? mark : ~(row >> ROW_BITS);
      }
      if (at >= end) break;
      const place = bytes[at] - rows[row + LOWEST];
      if (place < 0 || place >= rows[row + WIDTH]) break;
      const children = rows[row + CHILDREN];
      row = children < 0
        ? (~children + place) << ROW_BITS
        : this.#tables.words[children + place] << ROW_BITS;
      const length = rows[row + LENGTH];
      if (length === 0 || length > end - at) break;
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
    let word = this.#rows.words[row] >>> 8;
    for (let i = 1; i < length; i++) {
      if (i === 4) word = this.#rows.words[row + 1];
      if (bytes[at + i] !== (word & 0xff)) return false;
      word >>>= 8;
    }
    return true;
  }

  #get(node: number, field: number): number {
    return this.#rows.words[(node << ROW_BITS) + field];
  }

  #put(node: number, field: number, value: number): void {
    this.#rows.words[(node << ROW_BITS) + field] = value;
  }

  /** The node of a prefix, or `NOWHERE`. */
  find(prefix: Uint8Array): number {
    let node = ROOT;
    let at = 0;
    while (at < prefix.length) {
      node = this.#child(node, prefix[at]);
      if (node === ROOT) return NOWHERE;
      const length = this.#get(node, LENGTH);
      const whole = length <= prefix.length - at &&
        this.#stands(node << ROW_BITS, length, prefix, at);
      if (!whole) return NOWHERE;
      at += length;
    }
    return node;
  }

  /** The node of a prefix, made if it isn't there. */
  insert(prefix: Uint8Array): number {
    this.#earn();
    let node = ROOT;
    let at = 0;
    while (at < prefix.length) {
      const child = this.#child(node, prefix[at]);
      if (child === ROOT) {
        const leaf = this.#addChild(node, prefix[at]);
        this.#setLabel(leaf, latin1(prefix, at, prefix.length));
        return leaf;
      }
      const label = this.#labelOf(child);
      const shared = sharedLength(prefix, at, label);
      if (shared < label.length) this.#split(child, label, shared);
      at += shared;
      node = child;
    }
    return node;
  }

  /** Puts something at a node, with a mark that isn't 0. */
  set(node: number, value: V, mark: number): void {
    this.values[node] = value;
    value.node = node;
    this.mark(node, mark);
  }

  /** Marks what stands at a node anew. */
  mark(node: number, mark: number): void {
    this.#put(node, MARK, mark);
  }

  /** Takes what stands at a node away, and with it what it alone held up. */
  remove(node: number): void {
    this.#earn();
    this.values[node] = null;
    this.mark(node, 0);
    while (node !== ROOT && this.values[node] === null) {
      const width = this.#get(node, WIDTH);
      if (width > 1) break;
      if (width === 1) {
        this.#joinWithChild(node);
        break;
      }
      const above = this.#get(node, ABOVE);
      this.#removeChild(above, node);
      node = above;
    }
    const capacity = this.#rows.words.length >> ROW_BITS;
    if (capacity > FEWEST_ROWS && this.#rows.live < capacity >> 3) this.#pack();
  }

  #earn(): void {
    this.#credit = Math.min(this.#credit + EARNED, MOST_CREDIT);
  }

  /** The prefix that a node stands for. */
  prefixOf(node: number): Uint8Array {
    let text = "";
    for (let at = node; at !== ROOT;) {
      text = this.#labelOf(at) + text;
      at = this.#get(at, ABOVE);
    }
    return bytesOf(text);
  }

  /** Where something stands, and the prefixes. */
  *#walk(): Generator<[node: number, prefix: Uint8Array]> {
    const stack: [number, string][] = [[ROOT, ""]];
    while (stack.length > 0) {
      const [node, before] = stack.pop()!;
      const prefix = before + this.#labelOf(node);
      if (this.values[node] !== null) yield [node, bytesOf(prefix)];
      for (let i = 0; i < this.#get(node, WIDTH); i++) {
        const child = this.#childAt(node, i);
        if (child !== ROOT) stack.push([child, prefix]);
      }
    }
  }

  /** The child that begins with a byte, or `ROOT`. */
  #child(node: number, byte: number): number {
    const place = byte - this.#get(node, LOWEST);
    return place >= 0 && place < this.#get(node, WIDTH)
      ? this.#childAt(node, place)
      : ROOT;
  }

  /** The child in one of the places for children, or `ROOT`. */
  #childAt(node: number, place: number): number {
    const children = this.#get(node, CHILDREN);
    if (children >= 0) return this.#tables.words[children + place];
    const child = ~children + place;
    return this.#get(child, LENGTH) === 0 ? ROOT : child;
  }

  #childCount(node: number): number {
    const width = this.#get(node, WIDTH);
    let count = 0;
    for (let i = 0; i < width; i++) {
      if (this.#childAt(node, i) !== ROOT) count++;
    }
    return count;
  }

  #labelOf(node: number): string {
    const length = this.#get(node, LENGTH);
    if (length > INLINE) return this.#labels[node];
    let label = "";
    for (let i = 0; i < length; i++) {
      const word = this.#get(node, WORDS + (i >> 2));
      label += String.fromCharCode((word >>> ((i & 3) << 3)) & 0xff);
    }
    return label;
  }

  #setLabel(node: number, text: string): void {
    const { length } = text;
    this.#put(node, LENGTH, length);
    this.#labels[node] = length > INLINE ? flat(text) : "";
    const words = [0, 0];
    for (let i = 0; i < length && i < INLINE; i++) {
      words[i >> 2] |= text.charCodeAt(i) << ((i & 3) << 3);
    }
    this.#put(node, WORDS, words[0]);
    this.#put(node, WORDS + 1, words[1]);
  }

  /** Leaves a node the first `length` bytes of its label; the rest is a child's, with all that was here. */
  #split(node: number, label: string, length: number): void {
    const above = this.#get(node, ABOVE);
    const lower = this.#takeRows(0);
    this.#move(node, lower);
    this.#rows.clear(node, 1);
    this.#setLabel(node, label.slice(0, length));
    this.#setLabel(lower, label.slice(length));
    this.#put(node, CHILDREN, ~lower);
    this.#put(node, LOWEST, label.charCodeAt(length));
    this.#put(node, WIDTH, 1);
    this.#put(node, ABOVE, above);
    this.#put(lower, ABOVE, node);
  }

  /** A node without a value and with one child becomes the child. */
  #joinWithChild(node: number): void {
    const above = this.#get(node, ABOVE);
    const child = this.#childAt(node, 0);
    const label = this.#labelOf(node) + this.#labelOf(child);
    this.#move(child, node);
    this.#rows.give(child, 0);
    this.#put(node, ABOVE, above);
    this.#setLabel(node, label);
  }

  /** Makes a child that begins with a byte; its label is to be set. */
  #addChild(above: number, byte: number): number {
    const width = this.#get(above, WIDTH);
    const first = width === 0 ? byte : this.#get(above, LOWEST);
    const lowest = Math.min(first, byte);
    const wider = Math.max(first + width, byte + 1) - lowest;
    const sparse = this.#sparse(above);
    if (wider > width || sparse) {
      const fits = wider <= 2 * (this.#childCount(above) + 1);
      const dense = fits && (!sparse || this.#affords(above));
      if (wider > width || dense) this.#arrange(above, lowest, wider, dense);
    }
    const children = this.#get(above, CHILDREN);
    let child = ~children + byte - lowest;
    if (children >= 0) {
      child = this.#takeRows(0);
      this.#tables.words[children + byte - lowest] = child;
    }
    this.#put(child, ABOVE, above);
    return child;
  }

  /** Takes a child without children out, and in time its place. */
  #removeChild(above: number, child: number): void {
    const width = this.#get(above, WIDTH);
    const lowest = this.#get(above, LOWEST);
    const sparse = this.#sparse(above);
    if (sparse) {
      const place = this.#labelOf(child).charCodeAt(0) - lowest;
      this.#tables.words[this.#get(above, CHILDREN) + place] = ROOT;
      this.#rows.give(child, 0);
    } else this.#rows.clear(child, 1);
    this.#labels[child] = "";
    const count = this.#childCount(above);
    if (count === 0) this.#giveChildren(above);
    // Rows aren't moved each time that one at an end comes and goes.
    if (count === 0 || !sparse && count > 1 && width <= 4 * count) return;
    let from = 0;
    let to = width;
    while (this.#childAt(above, from) === ROOT) from++;
    while (this.#childAt(above, to - 1) === ROOT) to--;
    const narrower = to - from;
    if (sparse && narrower === width) return;
    const dense = narrower <= 2 * count &&
      (!sparse || count === 1 || this.#affords(above));
    this.#arrange(above, lowest + from, narrower, dense);
  }

  /** Whether a table says where the children are. */
  #sparse(node: number): boolean {
    return this.#get(node, WIDTH) > 0 && this.#get(node, CHILDREN) >= 0;
  }

  /**
   * Whether children in a table may be moved to lie side by side, which is paid for: or
   * somebody could have them moved to and fro by one that comes and goes.
   */
  #affords(node: number): boolean {
    let cost = 0;
    for (let i = 0; i < this.#get(node, WIDTH); i++) {
      const child = this.#childAt(node, i);
      if (child !== ROOT) cost += 1 + this.#get(child, WIDTH);
    }
    if (cost > this.#credit) return false;
    this.#credit -= cost;
    return true;
  }

  /** Gives the children of a node other places: side by side, or in a table. */
  #arrange(node: number, lowest: number, width: number, dense: boolean): void {
    const size = sizeOf(width);
    const sparse = this.#sparse(node);
    const fresh = dense ? this.#takeRows(size) : this.#tables.take(size);
    const shift = this.#get(node, LOWEST) - lowest;
    for (let i = 0; i < this.#get(node, WIDTH); i++) {
      let child = this.#childAt(node, i);
      if (child === ROOT) continue;
      if (dense || !sparse) {
        const to = dense ? fresh + shift + i : this.#takeRows(0);
        this.#move(child, to);
        if (sparse) this.#rows.give(child, 0);
        child = to;
      }
      if (!dense) this.#tables.words[fresh + shift + i] = child;
    }
    this.#giveChildren(node);
    this.#put(node, CHILDREN, dense ? ~fresh : fresh);
    this.#put(node, LOWEST, lowest);
    this.#put(node, WIDTH, width);
  }

  /** A node has no children there any more. */
  #giveChildren(node: number): void {
    const width = this.#get(node, WIDTH);
    if (width === 0) return;
    const children = this.#get(node, CHILDREN);
    if (children >= 0) this.#tables.give(children, sizeOf(width));
    else this.#rows.give(~children, sizeOf(width));
    this.#put(node, WIDTH, 0);
  }

  #takeRows(size: number): number {
    const node = this.#rows.take(size);
    for (let at = this.values.length; at < node + (1 << size); at++) {
      this.values.push(null);
      this.#labels.push("");
    }
    return node;
  }

  /** Puts a node into another row. */
  #move(from: number, to: number): void {
    const rows = this.#rows.words;
    const row = from << ROW_BITS;
    rows.copyWithin(to << ROW_BITS, row, row + (1 << ROW_BITS));
    const value = this.values[from];
    this.values[from] = null;
    this.values[to] = value;
    if (value !== null) value.node = to;
    this.#labels[to] = this.#labels[from];
    this.#labels[from] = "";
    for (let i = 0; i < this.#get(to, WIDTH); i++) {
      const child = this.#childAt(to, i);
      if (child !== ROOT) this.#put(child, ABOVE, to);
    }
  }

  /** Makes the tree anew in as little memory as it needs. */
  #pack(): void {
    const fresh = new RadixTree<V>();
    for (const [node, prefix] of this.#walk()) {
      const value = this.values[node]!;
      fresh.set(fresh.insert(prefix), value, this.#get(node, MARK));
    }
    this.values = fresh.values;
    this.#rows = fresh.#rows;
    this.#tables = fresh.#tables;
    this.#labels = fresh.#labels;
  }
}

/** The size of what has room for so many children. */
function sizeOf(width: number): number {
  return width === 1 ? 0 : 32 - Math.clz32(width - 1);
}

function larger(array: Int32Array, need: number): Int32Array {
  const grown = new Int32Array(Math.max(need, array.length * 2));
  grown.set(array);
  return grown;
}

/** The same text as one piece: engines cut and join without copying, and read that slowly. */
function flat(text: string): string {
  const bytes = bytesOf(text);
  let whole = "";
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    whole += String.fromCharCode.apply(null, piece as unknown as number[]);
  }
  return whole;
}

function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function sharedLength(bytes: Uint8Array, at: number, label: string): number {
  const most = Math.min(label.length, bytes.length - at);
  let shared = 0;
  while (shared < most && bytes[at + shared] === label.charCodeAt(shared)) {
    shared++;
  }
  return shared;
}
