// The prefixes a subscriber asked for, counted: two subscriptions to a topic
// need two unsubscriptions (zmq_setsockopt(3), ZMQ_SUBSCRIBE).

import { NOWHERE, RadixTree, ROOT } from "./radix_tree.ts";

/** A prefix that is asked for. */
class Subscription {
  node = ROOT;
  count = 0;
  /** How many had been asked for before it. */
  readonly place: number;

  constructor(place: number) {
    this.place = place;
  }
}

export class SubscriptionTrie {
  /** How many different prefixes there are. */
  size = 0;
  /** Whether the empty prefix, which every message has, is asked for. */
  all = false;
  readonly #tree = new RadixTree<Subscription>();
  #places = 0;

  /** Counts one more; true if the prefix is new. */
  add(prefix: Uint8Array): boolean {
    const node = this.#tree.insert(prefix);
    let subscription = this.#tree.values[node];
    if (subscription === null) {
      subscription = new Subscription(this.#places++);
      this.#tree.set(node, subscription, 1);
      this.size++;
      if (prefix.length === 0) this.all = true;
    }
    return ++subscription.count === 1;
  }

  /** Counts one less; true if it was the last, false if some are left or none was there. */
  remove(prefix: Uint8Array): boolean {
    const node = this.#tree.find(prefix);
    const subscription = node === NOWHERE ? null : this.#tree.values[node];
    if (subscription === null) return false;
    if (--subscription.count > 0) return false;
    this.size--;
    if (prefix.length === 0) this.all = false;
    this.#tree.remove(node);
    return true;
  }

  /** Whether a prefix of bytes[start..end] is asked for. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#tree.meet(bytes, start, end, false) > 0;
  }

  /** Every different prefix, in the order in which they were asked for. */
  prefixes(): Uint8Array[] {
    return this.#tree.values
      .filter((subscription) => subscription !== null)
      .sort((a, b) => a.place - b.place)
      .map(({ node }) => this.#tree.prefixOf(node));
  }
}
