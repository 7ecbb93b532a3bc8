// Which peers asked for a topic: a prefix tree with the pipes at its nodes.
// A peer has a prefix or hasn't; the publisher doesn't count (libzmq's mtrie).

import { NOWHERE, RadixTree, ROOT } from "./radix_tree.ts";
import type { Pipe } from "./pipe.ts";

/**
 * A prefix and who asked for it. Mostly that is one, whose number marks the prefix
 * in the tree, so that it is found without another look at memory.
 */
class Topic {
  node = ROOT;
  first: Pipe;
  more: Pipe[] | null = null;

  constructor(pipe: Pipe) {
    this.first = pipe;
  }

  add(pipe: Pipe): void {
    if (this.more === null) this.more = [pipe];
    else this.more.push(pipe);
  }

  /** Whether there is somebody left without this one. */
  remove(pipe: Pipe): boolean {
    const { more } = this;
    if (more === null) return false;
    const last = more.pop()!;
    if (pipe === this.first) this.first = last;
    else if (pipe !== last) more[more.indexOf(pipe)] = last;
    if (more.length === 0) this.more = null;
    return true;
  }
}

/** What marks a prefix that several asked for. */
const SEVERAL = -1;

/** A peer's number in a trie, and what it asked for. */
class Subscriber {
  readonly number: number;
  readonly topics = new Set<Topic>();

  constructor(number: number) {
    this.number = number;
  }
}

/** Matches are numbered across tries, since a pipe can be in two. */
let stamps = 0;

function nextStamp(): number {
  return ++stamps;
}

export class SubscriberTrie {
  /** The pipes that the last `match` found: as many as it said. */
  readonly matches: Pipe[] = [];
  /** How many different prefixes there are. */
  size = 0;
  readonly #tree = new RadixTree<Topic>();
  readonly #subscribers = new Map<Pipe, Subscriber>();
  /** The peers by their numbers, which begin at 1. */
  readonly #pipes: (Pipe | null)[] = [null];
  /** Numbers that nobody has any more. */
  readonly #free: number[] = [];
  #stamp = 0;

  /** A peer asks for a prefix; true if it is the first to. */
  add(prefix: Uint8Array, pipe: Pipe): boolean {
    const node = this.#tree.insert(prefix);
    const { number, topics } = this.#subscriberOf(pipe);
    const topic = this.#tree.values[node];
    if (topic !== null) {
      if (!topics.has(topic)) {
        topics.add(topic);
        topic.add(pipe);
        this.#tree.mark(node, SEVERAL);
      }
      return false;
    }
    const first = new Topic(pipe);
    this.#tree.set(node, first, number);
    topics.add(first);
    this.size++;
    return true;
  }

  /** A peer asks no more; true if it was the last to. */
  remove(prefix: Uint8Array, pipe: Pipe): boolean {
    const topic = this.#find(prefix);
    const topics = this.#subscribers.get(pipe)?.topics;
    if (topic === null || !topics?.delete(topic)) return false;
    return this.#leave(topic, pipe);
  }

  /** How many prefixes a peer asks for. */
  countOf(pipe: Pipe): number {
    return this.#subscribers.get(pipe)?.topics.size ?? 0;
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
    const subscriber = this.#subscribers.get(pipe);
    if (subscriber === undefined) return;
    this.#subscribers.delete(pipe);
    for (const topic of subscriber.topics) {
      const last = topic.more === null;
      if (gone !== null && (last || all)) {
        gone(this.#tree.prefixOf(topic.node));
      }
      this.#leave(topic, pipe);
    }
    this.#pipes[subscriber.number] = null;
    this.#free.push(subscriber.number);
  }

  /** Finds the peers that asked for a prefix of bytes, each once. */
  match(bytes: Uint8Array): number {
    const stamp = this.#stamp = nextStamp();
    const tree = this.#tree;
    const met = tree.meet(bytes, 0, bytes.length, true);
    let found = 0;
    for (let n = 0; n < met; n++) {
      const mark = tree.met[n];
      const topic = mark > 0 ? null : tree.values[~mark]!;
      const first = topic === null ? this.#pipes[mark]! : topic.first;
      if (first.stamp !== stamp) {
        first.stamp = stamp;
        this.matches[found++] = first;
      }
      if (topic === null) continue;
      const more = topic.more!;
      for (let i = 0; i < more.length; i++) {
        const pipe = more[i];
        if (pipe.stamp !== stamp) {
          pipe.stamp = stamp;
          this.matches[found++] = pipe;
        }
      }
    }
    return found;
  }

  #subscriberOf(pipe: Pipe): Subscriber {
    let subscriber = this.#subscribers.get(pipe);
    if (subscriber === undefined) {
      subscriber = new Subscriber(this.#free.pop() ?? this.#pipes.length);
      this.#subscribers.set(pipe, subscriber);
      this.#pipes[subscriber.number] = pipe;
    }
    return subscriber;
  }

  #find(prefix: Uint8Array): Topic | null {
    const node = this.#tree.find(prefix);
    return node === NOWHERE ? null : this.#tree.values[node];
  }

  #leave(topic: Topic, pipe: Pipe): boolean {
    if (topic.remove(pipe)) {
      if (topic.more === null) {
        const { number } = this.#subscribers.get(topic.first)!;
        this.#tree.mark(topic.node, number);
      }
      return false;
    }
    this.size--;
    this.#tree.remove(topic.node);
    return true;
  }
}
