// Which peers asked for a topic: a prefix tree with the pipes at its nodes.
// A peer has a prefix or hasn't; the publisher doesn't count (libzmq's mtrie).

import { NOWHERE, RadixTree, ROOT } from "./radix_tree.ts";
import type { Pipe } from "./pipe.ts";

/** A prefix and who asked for it. */
class Topic {
  node = ROOT;
  readonly pipes: Pipe[];

  constructor(pipe: Pipe) {
    this.pipes = [pipe];
  }
}

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
  readonly #tree = new RadixTree<Topic>();
  /** What each peer asked for. */
  readonly #topics = new Map<Pipe, Set<Topic>>();
  #stamp = 0;

  /** A peer asks for a prefix; true if it is the first to. */
  add(prefix: Uint8Array, pipe: Pipe): boolean {
    const node = this.#tree.insert(prefix);
    let topics = this.#topics.get(pipe);
    if (topics === undefined) this.#topics.set(pipe, topics = new Set());
    const topic = this.#tree.values[node];
    if (topic !== null) {
      if (!topics.has(topic)) {
        topics.add(topic);
        topic.pipes.push(pipe);
      }
      return false;
    }
    const first = new Topic(pipe);
    this.#tree.set(node, first);
    topics.add(first);
    this.size++;
    return true;
  }

  /** A peer asks no more; true if it was the last to. */
  remove(prefix: Uint8Array, pipe: Pipe): boolean {
    const topic = this.#find(prefix);
    if (topic === null || !this.#topics.get(pipe)?.delete(topic)) return false;
    return this.#leave(topic, pipe);
  }

  /** Whether any peer asks for a prefix. */
  has(prefix: Uint8Array): boolean {
    return this.#find(prefix) !== null;
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
    const topics = this.#topics.get(pipe);
    if (topics === undefined) return;
    this.#topics.delete(pipe);
    for (const topic of topics) {
      const last = topic.pipes.length === 1;
      if (gone !== null && (last || all)) {
        gone(this.#tree.prefixOf(topic.node));
      }
      this.#leave(topic, pipe);
    }
  }

  /** Finds the peers that asked for a prefix of bytes, each once. */
  match(bytes: Uint8Array): number {
    const stamp = this.#stamp = nextStamp();
    const tree = this.#tree;
    const met = tree.meet(bytes, 0, bytes.length, Infinity);
    let found = 0;
    for (let n = 0; n < met; n++) {
      const { pipes } = tree.met[n];
      for (let i = 0; i < pipes.length; i++) {
        const pipe = pipes[i];
        if (pipe.stamp !== stamp) {
          pipe.stamp = stamp;
          this.matches[found++] = pipe;
        }
      }
    }
    this.found = found;
    return found;
  }

  #find(prefix: Uint8Array): Topic | null {
    const node = this.#tree.find(prefix);
    return node === NOWHERE ? null : this.#tree.values[node];
  }

  #leave(topic: Topic, pipe: Pipe): boolean {
    const { pipes } = topic;
    const at = pipes.indexOf(pipe);
    pipes[at] = pipes[pipes.length - 1];
    pipes.pop();
    if (pipes.length > 0) return false;
    this.size--;
    this.#tree.remove(topic.node);
    return true;
  }
}
