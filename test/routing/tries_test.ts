import assert from "node:assert/strict";
import { test } from "node:test";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import { Pipe } from "../../src/routing/pipe.ts";
import { decodeText } from "../../src/base/utf8.ts";
import { RadixTree } from "../../src/routing/radix_tree.ts";
import { SubscriberTrie } from "../../src/routing/subscriber_trie.ts";
import { SubscriptionTrie } from "../../src/routing/subscription_trie.ts";
import { generator } from "../../adapters/simulated/random.ts";

const text = (value: string) => new TextEncoder().encode(value);
const pipe = () =>
  new Pipe(new InboundQueue(0, false), new OutboundLog(0, false));

function matches(trie: SubscriptionTrie, topic: string): boolean {
  const bytes = text(topic);
  return trie.matches(bytes, 0, bytes.length);
}

test("a topic matches every prefix of its own, and the empty one", () => {
  const trie = new SubscriptionTrie();
  assert.ok(!matches(trie, ""));
  trie.add(text("ab"));
  assert.ok(matches(trie, "ab"));
  assert.ok(matches(trie, "abc"));
  assert.ok(!matches(trie, "a"));
  assert.ok(!matches(trie, "b"));
  trie.add(text(""));
  assert.ok(matches(trie, ""));
  assert.ok(matches(trie, "b"));
});

test("subscriptions are counted: two take two to go", () => {
  const trie = new SubscriptionTrie();
  assert.ok(trie.add(text("a")));
  assert.ok(!trie.add(text("a")));
  assert.equal(trie.size, 1);
  assert.ok(!trie.remove(text("a")));
  assert.ok(matches(trie, "a"));
  assert.ok(trie.remove(text("a")));
  assert.ok(!matches(trie, "a"));
  assert.ok(!trie.remove(text("a")));
  assert.equal(trie.size, 0);
});

test("prefixes of any bytes are kept apart and listed", () => {
  const trie = new SubscriptionTrie();
  const topics = [[0], [0, 0], [255], [128, 0, 255], []];
  for (const topic of topics) trie.add(Uint8Array.from(topic));
  const listed = [...trie.prefixes()].map((prefix) => [...prefix].join());
  assert.deepEqual(listed.sort(), topics.map((t) => t.join()).sort());
});

test("each peer is found once, whatever number of its prefixes match", () => {
  const trie = new SubscriberTrie();
  const [a, b] = [pipe(), pipe()];
  assert.ok(trie.add(text("x"), a));
  assert.ok(trie.add(text("xy"), a));
  assert.ok(!trie.add(text("x"), b));
  assert.equal(trie.match(text("xyz")), 2);
  assert.deepEqual(new Set(trie.matches.slice(0, 2)), new Set([a, b]));
  assert.equal(trie.match(text("x")), 2);
  assert.equal(trie.match(text("y")), 0);
});

test("a peer has a topic or hasn't: the publisher doesn't count", () => {
  const trie = new SubscriberTrie();
  const a = pipe();
  trie.add(text("x"), a);
  assert.ok(!trie.add(text("x"), a));
  assert.ok(trie.remove(text("x"), a));
  assert.equal(trie.match(text("x")), 0);
  assert.ok(!trie.remove(text("x"), a));
});

test("a peer that goes takes all its subscriptions and nobody else's", () => {
  const trie = new SubscriberTrie();
  const [a, b] = [pipe(), pipe()];
  for (const topic of ["", "a", "ab", "abc", "b"]) trie.add(text(topic), a);
  trie.add(text("ab"), b);
  trie.removeAll(a);
  assert.equal(trie.match(text("abc")), 1);
  assert.equal(trie.matches[0], b);
  assert.equal(trie.size, 1);
  trie.removeAll(b);
  assert.equal(trie.size, 0);
});

test("both tries agree with plain lists over random topics", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = generator(seed);
    // Children that lie together, or some far apart and some labels that are long.
    const any = () => String.fromCharCode(random() * 128);
    const piece = () => {
      const which = Math.floor(random() * (seed % 2 === 0 ? 3 : 6));
      return which < 3 ? "abc"[which] : which < 5 ? any() : "a long piece";
    };
    const topic = () =>
      Array.from({ length: Math.floor(random() * 5) }, piece).join("");
    const counted = new SubscriptionTrie();
    const counts = new Map<string, number>();
    const peers = [pipe(), pipe(), pipe()];
    const routed = new SubscriberTrie();
    const wanted = peers.map(() => new Set<string>());
    for (let step = 0; step < 400; step++) {
      const one = topic();
      const count = counts.get(one) ?? 0;
      const who = Math.floor(random() * 3);
      if (random() < 0.55) {
        assert.equal(counted.add(text(one)), count === 0);
        counts.set(one, count + 1);
        const first = !wanted.some((set) => set.has(one));
        assert.equal(routed.add(text(one), peers[who]), first);
        wanted[who].add(one);
      } else {
        assert.equal(counted.remove(text(one)), count === 1);
        counts.set(one, Math.max(0, count - 1));
        const had = wanted[who].delete(one);
        const last = had && !wanted.some((set) => set.has(one));
        assert.equal(routed.remove(text(one), peers[who]), last);
      }
      const asked = topic();
      const expected = [...counts].some(([t, n]) =>
        n > 0 && asked.startsWith(t)
      );
      assert.equal(matches(counted, asked), expected, `seed ${seed}: ${asked}`);
      const found = new Set(routed.matches.slice(0, routed.match(text(asked))));
      peers.forEach((peer, i) => {
        const wants = [...wanted[i]].some((t) => asked.startsWith(t));
        assert.equal(found.has(peer), wants, `seed ${seed}: ${asked} for ${i}`);
      });
      assert.equal(
        counted.size,
        [...counts.values()].filter((n) => n > 0).length,
      );
      assert.equal(counted.all, (counts.get("") ?? 0) > 0);
      peers.forEach((peer, i) =>
        assert.equal(routed.countOf(peer), wanted[i].size)
      );
      if (step % 50 === 49) {
        const left = [...counts.keys()].filter((t) => counts.get(t)! > 0);
        const listed = [...counted.prefixes()].map((p) => decodeText(p));
        assert.deepEqual(listed.sort(), left.sort());
        const gone = new Set<string>();
        routed.removeAll(peers[who], (p) => gone.add(decodeText(p)), true);
        assert.deepEqual(gone, wanted[who]);
        wanted[who].clear();
      }
    }
  }
});

test("a hundred thousand topics that came and went leave the tree as it was", () => {
  const trie = new SubscriptionTrie();
  trie.add(text("stays"));
  for (let i = 0; i < 100000; i++) trie.add(text(`topic-${i}`));
  assert.equal(trie.size, 100001);
  for (let i = 0; i < 100000; i++) trie.remove(text(`topic-${i}`));
  assert.deepEqual([...trie.prefixes()].length, 1);
  assert.ok(matches(trie, "stays here"));
});

/** What counts how often it is moved. */
class Moved {
  static times = 0;
  #node = 0;
  get node(): number {
    return this.#node;
  }
  set node(node: number) {
    Moved.times++;
    this.#node = node;
  }
}

test("one prefix that comes and goes doesn't have all others moved each time", () => {
  const tree = new RadixTree<Moved>();
  const add = (...prefix: number[]) =>
    tree.set(tree.insert(Uint8Array.from(prefix)), new Moved(), 1);
  for (let first = 0; first < 126; first++) {
    add(first);
    for (let next = 0; next < 256; next++) add(first, next);
  }
  Moved.times = 0;
  for (let i = 0; i < 1000; i++) {
    add(255);
    tree.remove(tree.find(Uint8Array.of(255)));
  }
  assert.ok(Moved.times < 10_000, `${Moved.times} were moved`);
  assert.equal(tree.meet(Uint8Array.of(7, 9, 1), 0, 3, true), 2);
});

test("rows that are left are taken again: a tree that is emptied and filled grows no further", () => {
  const next = generator(11);
  const random = (below: number) => Math.floor(next() * below);
  const tree = new RadixTree<{ node: number }>();
  const sizes: number[] = [];
  for (let round = 0; round < 100; round++) {
    const added = new Map<string, Uint8Array>();
    for (let i = 0; i < 300; i++) {
      const letters = random(2) === 0 ? 4 : 256;
      const prefix = Uint8Array.from(
        { length: 1 + random(12) },
        () => random(letters),
      );
      const node = tree.insert(prefix);
      if (tree.values[node] === null) tree.set(node, { node }, 1);
      added.set(String(prefix), prefix);
    }
    for (const prefix of added.values()) tree.remove(tree.find(prefix));
    assert.ok(tree.values.every((value) => value === null));
    sizes.push(tree.values.length);
  }
  assert.ok(sizes[99] <= 3 * sizes[9], `${sizes}`);
});

test("the tree is packed as topics go, and what is left still matches", () => {
  const trie = new SubscriberTrie();
  const [a, b] = [pipe(), pipe()];
  const topic = (i: number) => text(`${i % 7}/a long part that is shared/${i}`);
  for (let i = 0; i < 20000; i++) trie.add(topic(i), i % 2 === 0 ? a : b);
  trie.removeAll(a);
  for (let i = 1; i < 19900; i += 2) assert.ok(trie.remove(topic(i), b));
  assert.equal(trie.size, 50);
  for (let i = 19901; i < 20000; i += 2) {
    assert.equal(trie.match(topic(i)), 1);
    assert.ok(trie.has(topic(i)));
  }
  assert.equal(trie.match(topic(3)), 0);
  for (let i = 19901; i < 20000; i += 2) assert.ok(trie.remove(topic(i), b));
  assert.equal(trie.size, 0);
});
