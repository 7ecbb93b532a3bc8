// A tree of prefixes for subscriptions: what several prefixes share is kept
// once, and a topic meets every prefix of its own on one way down. Labels are
// strings of one character a byte, which engines store compactly; the children
// of a node stand in a table from the lowest to the highest first byte.

import { latin1 } from "../base/utf8.ts";

/** A place in the tree; it stays the same object as long as it has a value. */
export class RadixNode<V> {
  label: string;
  parent: RadixNode<V> | null;
  value: V | null = null;
  children: (RadixNode<V> | null)[] = NO_CHILDREN;
  /** The first byte of children[0]. */
  min = 0;
  /** How many children there are. */
  degree = 0;

  constructor(label: string, parent: RadixNode<V> | null) {
    this.label = label;
    this.parent = parent;
  }

  /** The child whose label begins with a byte. */
  child(byte: number): RadixNode<V> | null {
    const at = byte - this.min;
    return at >= 0 && at < this.children.length ? this.children[at] : null;
  }
}

const NO_CHILDREN: never[] = [];

export class RadixTree<V> {
  /** The empty prefix. */
  readonly root: RadixNode<V> = new RadixNode<V>("", null);

  /** The node of a prefix, or `null`. */
  find(prefix: Uint8Array): RadixNode<V> | null {
    let node: RadixNode<V> | null = this.root;
    let at = 0;
    while (at < prefix.length) {
      node = node.child(prefix[at]);
      if (node === null) return null;
      const label = node.label;
      if (!startsWith(prefix, at, label)) return null;
      at += label.length;
    }
    return node;
  }

  /** The node of a prefix, made if it isn't there. */
  insert(prefix: Uint8Array): RadixNode<V> {
    let node = this.root;
    let at = 0;
    while (at < prefix.length) {
      const child = node.child(prefix[at]);
      if (child === null) {
        const leaf = new RadixNode(latin1(prefix, at, prefix.length), node);
        place(node, leaf);
        return leaf;
      }
      const shared = sharedLength(prefix, at, child.label);
      at += shared;
      node = shared < child.label.length ? split(child, shared) : child;
    }
    return node;
  }

  /** Takes out a node that has lost its value, and what it alone held up. */
  prune(node: RadixNode<V>): void {
    while (node.parent !== null && node.value === null) {
      const parent: RadixNode<V> = node.parent;
      if (node.degree === 0) {
        displace(parent, node);
        node = parent;
      } else {
        if (node.degree === 1) joinWithChild(node);
        return;
      }
    }
  }

  /** Every prefix that has a value, as bytes. */
  *prefixes(): Generator<Uint8Array> {
    const stack: [RadixNode<V>, string][] = [[this.root, ""]];
    while (stack.length > 0) {
      const [node, before] = stack.pop()!;
      const prefix = before + node.label;
      if (node.value !== null) {
        yield Uint8Array.from(prefix, (unit) => unit.charCodeAt(0));
      }
      for (const child of node.children) {
        if (child !== null) stack.push([child, prefix]);
      }
    }
  }
}

/** The prefix that a node stands for. */
export function prefixOf<V>(node: RadixNode<V>): Uint8Array {
  let text = "";
  let at: RadixNode<V> | null = node;
  for (; at !== null; at = at.parent) text = at.label + text;
  return Uint8Array.from(text, (unit) => unit.charCodeAt(0));
}

/** Whether `label` stands in `bytes` at `at`, before `end`. */
export function startsWith(
  bytes: Uint8Array,
  at: number,
  label: string,
  end: number = bytes.length,
): boolean {
  const length = label.length;
  if (end - at < length) return false;
  for (let i = 0; i < length; i++) {
    if (bytes[at + i] !== label.charCodeAt(i)) return false;
  }
  return true;
}

function sharedLength(bytes: Uint8Array, at: number, label: string): number {
  const most = Math.min(label.length, bytes.length - at);
  let shared = 0;
  while (shared < most && bytes[at + shared] === label.charCodeAt(shared)) {
    shared++;
  }
  return shared;
}

/** Puts a node in front of `node` for the first `length` bytes of its label. */
function split<V>(node: RadixNode<V>, length: number): RadixNode<V> {
  const parent = node.parent!;
  const upper = new RadixNode<V>(node.label.slice(0, length), parent);
  parent.children[node.label.charCodeAt(0) - parent.min] = upper;
  node.label = node.label.slice(length);
  node.parent = upper;
  place(upper, node);
  return upper;
}

/** A node without value and with one child gives way to the child. */
function joinWithChild<V>(node: RadixNode<V>): void {
  const child = node.children.find((child) => child !== null)!;
  const parent = node.parent!;
  child.label = node.label + child.label;
  child.parent = parent;
  parent.children[child.label.charCodeAt(0) - parent.min] = child;
}

function place<V>(parent: RadixNode<V>, child: RadixNode<V>): void {
  const byte = child.label.charCodeAt(0);
  if (parent.degree === 0) {
    parent.children = [child];
    parent.min = byte;
  } else {
    const min = Math.min(parent.min, byte);
    const max = Math.max(parent.min + parent.children.length - 1, byte);
    if (max - min + 1 > parent.children.length) {
      const table: (RadixNode<V> | null)[] = new Array(max - min + 1).fill(
        null,
      );
      for (let i = 0; i < parent.children.length; i++) {
        table[parent.min - min + i] = parent.children[i];
      }
      parent.children = table;
      parent.min = min;
    }
    parent.children[byte - min] = child;
  }
  parent.degree++;
}

function displace<V>(parent: RadixNode<V>, child: RadixNode<V>): void {
  const byte = child.label.charCodeAt(0);
  parent.degree--;
  if (parent.degree === 0) {
    parent.children = NO_CHILDREN;
    parent.min = 0;
    return;
  }
  const table = parent.children;
  table[byte - parent.min] = null;
  let from = 0;
  while (table[from] === null) from++;
  let to = table.length;
  while (table[to - 1] === null) to--;
  if (from > 0 || to < table.length) {
    parent.children = table.slice(from, to);
    parent.min += from;
  }
}
