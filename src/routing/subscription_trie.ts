// The prefixes a subscriber asked for, counted: two subscriptions to a topic
// need two unsubscriptions (zmq_setsockopt(3), ZMQ_SUBSCRIBE).

import { RadixTree, startsWith } from "./radix_tree.ts";

export class SubscriptionTrie {
  /** How many different prefixes there are. */
  size = 0;
  readonly #tree = new RadixTree<number>();

  /** Counts one more; true if the prefix is new. */
  add(prefix: Uint8Array): boolean {
    const node = this.#tree.insert(prefix);
    node.value = (node.value ?? 0) + 1;
    if (node.value > 1) return false;
    this.size++;
    return true;
  }

  /** Counts one less; true if it was the last, false if some are left or none was there. */
  remove(prefix: Uint8Array): boolean {
    const node = this.#tree.find(prefix);
    if (node === null || node.value === null) return false;
    if (--node.value > 0) return false;
    node.value = null;
    this.size--;
    this.#tree.prune(node);
    return true;
  }

  /** Whether a prefix of bytes[start..end] is asked for. */
  matches(bytes: Uint8Array, start: number, end: number): boolean {
    let node = this.#tree.root;
    for (;;) {
      if (node.value !== null) return true;
      if (start >= end) return false;
      const child = node.child(bytes[start]);
      if (child === null || !startsWith(bytes, start, child.label, end)) {
        return false;
      }
      start += child.label.length;
      node = child;
    }
  }

  /** Every different prefix. */
  prefixes(): Iterable<Uint8Array> {
    return this.#tree.prefixes();
  }
}
