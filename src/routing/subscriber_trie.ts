// Which peers asked for a topic: a prefix tree with the pipes at its nodes.
// A peer has a prefix or hasn't; the publisher doesn't count (libzmq's mtrie).

import {
  prefixOf,
  type RadixNode,
  RadixTree,
  startsWith,
} from "./radix_tree.ts";
import type { Pipe } from "./pipe.ts";

type Node = RadixNode<Pipe[]>;

/** Matches are numbered across tries, since a pipe can be in two. */
let stamps = 0;

function nextStamp(): number {
  return ++stamps;
}

export class SubscriberTrie {
  /** The pipes that the last `match` found; the first `found` count. */
  readonly matches: Pipe[] = [];
  found = 0;
  /** How many different prefixes there are. */
  size = 0;
  readonly #tree = new RadixTree<Pipe[]>();
  /** The nodes of each peer's subscriptions. */
  readonly #nodes = new Map<Pipe, Set<Node>>();
  #stamp = 0;

  /** A peer asks for a prefix; true if it is the first to. */
  add(prefix: Uint8Array, pipe: Pipe): boolean {
    const node = this.#tree.insert(prefix);
    let nodes = this.#nodes.get(pipe);
    if (nodes === undefined) this.#nodes.set(pipe, nodes = new Set());
    if (nodes.has(node)) return false;
    nodes.add(node);
    if (node.value !== null) {
      node.value.push(pipe);
      return false;
    }
    node.value = [pipe];
    this.size++;
    return true;
  }

  /** A peer asks no more; true if it was the last to. */
  remove(prefix: Uint8Array, pipe: Pipe): boolean {
    const node = this.#tree.find(prefix);
    if (node === null || !this.#nodes.get(pipe)?.delete(node)) return false;
    return this.#leave(node, pipe);
  }

  /** Whether any peer asks for a prefix. */
  has(prefix: Uint8Array): boolean {
    return (this.#tree.find(prefix)?.value ?? null) !== null;
  }

  /** Whether the last `match` found a pipe. */
  matched(pipe: Pipe): boolean {
    return pipe.stamp === this.#stamp;
  }

  /**
   * A peer has gone. Calls `gone` with each prefix that nobody asks for any more,
   * or with `all` each that the peer asked for.
   */
  removeAll(
    pipe: Pipe,
    gone: ((prefix: Uint8Array) => void) | null = null,
    all = false,
  ): void {
    this.matches.length = 0;
    const nodes = this.#nodes.get(pipe);
    if (nodes === undefined) return;
    this.#nodes.delete(pipe);
    for (const node of nodes) {
      const last = node.value!.length === 1;
      if (gone !== null && (last || all)) gone(prefixOf(node));
      this.#leave(node, pipe);
    }
  }

  /** Finds the peers that asked for a prefix of bytes, each once. */
  match(bytes: Uint8Array): number {
    const stamp = this.#stamp = nextStamp();
    let found = 0;
    let node = this.#tree.root;
    let at = 0;
    const end = bytes.length;
    for (;;) {
      const pipes = node.value;
      if (pipes !== null) {
        for (let i = 0; i < pipes.length; i++) {
          const pipe = pipes[i];
          if (pipe.stamp !== stamp) {
            pipe.stamp = stamp;
            this.matches[found++] = pipe;
          }
        }
      }
      if (at >= end) break;
      const child = node.child(bytes[at]);
      if (child === null || !startsWith(bytes, at, child.label)) break;
      at += child.label.length;
      node = child;
    }
    this.found = found;
    return found;
  }

  #leave(node: Node, pipe: Pipe): boolean {
    const pipes = node.value!;
    const at = pipes.indexOf(pipe);
    pipes[at] = pipes[pipes.length - 1];
    pipes.pop();
    if (pipes.length > 0) return false;
    node.value = null;
    this.size--;
    this.#tree.prune(node);
    return true;
  }
}
