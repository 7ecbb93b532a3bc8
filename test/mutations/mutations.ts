// Mistakes that the simulation has to catch: what is changed in which file, and
// the invariant that must break for it. `deno task mutations` makes them one by
// one in a copy of the tree and plays random worlds until one breaks.

import type { Invariant } from "../simulation/invariants.ts";

/** One mistake. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** What is there, once, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** What has to break, in the first world that breaks. */
  readonly caughtBy: readonly Invariant[];
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "a Subscriber forgets to subscribe again after a reconnect",
    file: "src/patterns/subscriber.ts",
    from:
      "for (const prefix of this.trie.prefixes()) pipe.control(SUBSCRIBE, prefix);",
    to:
      "if (this.queue.last === null) for (const prefix of this.trie.prefixes()) pipe.control(SUBSCRIBE, prefix);",
    caughtBy: ["pubsub: subscriptions are complete after a reconnect"],
  },
  {
    name: "a Subscriber takes one unsubscription for all",
    file: "src/routing/subscription_trie.ts",
    from: "if (--subscription.count > 0) return false;",
    to: "subscription.count = 0;",
    caughtBy: [
      "pubsub: nothing is lost below the high-water mark",
      "pubsub: subscriptions are complete after a reconnect",
    ],
  },
  {
    name: "a Subscriber trusts its publishers to filter",
    file: "src/patterns/subscriber.ts",
    from:
      "if (this.trie.matches(buffer, start, end) !== inverted) return true;",
    to: "if (this.trie.size >= 0 || inverted) return true;",
    caughtBy: ["pubsub: only what was asked for is received"],
  },
  {
    name:
      "subscribers get a message in the memory that the next one is written to",
    file: "src/routing/outbound_log.ts",
    from: "this.#block.set(encoded, this.#at);",
    to:
      "if (encoded.length < 64) this.#block.set(encoded, this.#at); else { this.#seal(false); this.#midMessage = false; this.#add(new Segment(encoded, 0, length, 0, false)); this.#last!.messages = 1; this.count++; return; }",
    caughtBy: [
      "pubsub: messages are whole",
      "pubsub: only what was asked for is received",
      "pubsub: messages of one Publisher are in order and once",
    ],
  },
  {
    name: "the mark of an outgoing queue is off by one",
    file: "src/routing/outbound_log.ts",
    from: "return this.#hwm !== 0 && this.count + this.away >= this.#hwm ||",
    to: "return this.#hwm !== 0 && this.count + this.away > this.#hwm ||",
    caughtBy: ["all: queues stay within their high-water marks"],
  },
  {
    name: "the mark of an incoming queue is off by one",
    file: "src/routing/inbound_queue.ts",
    from: "return this.#hwm === 0 ? Infinity : this.#hwm - this.count;",
    to: "return this.#hwm === 0 ? Infinity : this.#hwm + 1 - this.count;",
    caughtBy: ["all: queues stay within their high-water marks"],
  },
  {
    name: "a message that was half sent is sent again",
    file: "src/routing/outbound_log.ts",
    from: "      this.#finish(handed, false);\n    }\n    this.#dropBegun();",
    to:
      "      handed.at = handed.from;\n      handed.next = this.#first;\n      this.#first = handed;\n      this.#last ??= handed;\n      return;\n    }\n    this.#dropBegun();",
    caughtBy: [
      "pipeline: no message arrives twice",
      "pubsub: messages of one Publisher are in order and once",
      "reqrep: a request is served at most once",
      "pipeline: messages are whole",
      "pubsub: messages are whole",
      "reqrep: a socket goes on after a round that failed",
      "pipeline: a cut loses only what was handed over",
      "pubsub: subscriptions are complete after a reconnect",
    ],
  },
  {
    name: "the rest of a message goes to the next connection",
    file: "src/routing/outbound_log.ts",
    from: "    this.#dropBegun();\n    this.#tell(false);",
    to: "    this.#tell(false);",
    caughtBy: [
      "pipeline: messages are whole",
      "pubsub: messages are whole",
      "reqrep: a reply is to its own request",
    ],
  },
  {
    name: "the beginning of a message is kept when its connection dies",
    file: "src/routing/inbound_queue.ts",
    from: "    if (!this.#midMessage) return;\n    this.#midMessage = false;",
    to: "    return;\n    this.#midMessage = false;",
    caughtBy: [
      "pipeline: messages are whole",
      "pubsub: messages are whole",
      "reqrep: a reply is to its own request",
    ],
  },
  {
    name: "a Push gives all to the peer that came first",
    file: "src/routing/load_balancer.ts",
    from: "if (++this.#next >= pipes.active) this.#next = 0;",
    to: "this.#next = 0;",
    caughtBy: ["pipeline: shares are equal"],
  },
  {
    name:
      "a given-up request leaves its connection, and the late reply comes by it",
    file: "src/patterns/request.ts",
    from: "asked.refuse(",
    to: "((_: unknown) => {})(",
    caughtBy: ["reqrep: a reply is to its own request"],
  },
  {
    name: "a full queue forgets to ask for more",
    file: "src/routing/inbound_queue.ts",
    from: "return this.count <= this.#low &&",
    to: "return this.count < this.#low &&",
    caughtBy: [
      "pipeline: nothing is lost while connections hold",
      "pipeline: a cut loses only what was handed over",
      "reqrep: a socket goes on after a round that failed",
    ],
  },
  {
    name:
      "a frame that begins in one waiting chunk is not looked for in the next",
    file: "src/zmtp/frame_reader.ts",
    from: "return begun === NEED ? this.#straddled() : begun;",
    to: "return begun;",
    caughtBy: [
      "pipeline: nothing is lost while connections hold",
      "pipeline: a cut loses only what was handed over",
    ],
  },
  {
    name:
      "whatever comes where a frame like the last is awaited is taken for one",
    file: "src/zmtp/frame_reader.ts",
    from: "readSize(ahead, 1) === this.#last && this.#last <= this.limit &&",
    to: "this.#last <= this.limit &&",
    caughtBy: [
      "pipeline: messages are whole",
      "pipeline: a cut loses only what was handed over",
    ],
  },
  {
    name: "a sender that was muted is not told of room",
    file: "src/routing/pipe.ts",
    from: "if (this.muted && this.log!.relaxed) {",
    to: "if (this.muted && this.log!.count < 0) {",
    caughtBy: [
      "pipeline: nothing is lost while connections hold",
      "pipeline: a cut loses only what was handed over",
    ],
  },
  {
    name: "what the kernel had not got to is thrown away with its connection",
    file: "src/routing/outbound_log.ts",
    from: "if (exact && !handed.forsaken && this.#salvage(handed)) return;",
    to: "",
    caughtBy: ["pipeline: a cut loses only what was handed over"],
  },
  {
    name: "a request that was given up is forgotten only if it is on a wire",
    file: "src/transports/inproc.ts",
    from: "near.out!.clear(); if (far === null) return; near.inbound.clear();",
    to: "if (far === null) return; near.out!.clear(); near.inbound.clear();",
    caughtBy: ["reqrep: a reply is to its own request"],
  },
  {
    name: "a Router answers whoever it heard last",
    file: "src/patterns/router.ts",
    from: "const pipe = this.#find(message[0]);",
    to: "const pipe = this.queue.last ?? this.#find(message[0]);",
    caughtBy: [
      "router: a reply goes to the peer that asked, or nowhere",
      "router: nothing is lost while connections hold",
    ],
  },
  {
    name: "a subscription acts though the application is to decide",
    file: "src/patterns/xpublisher.ts",
    from: "const first = (manual ? this.#words : this.trie).add(prefix, pipe);",
    to:
      "const first = (manual ? this.#words : this.trie).add(prefix, pipe); if (manual) this.trie.add(prefix, pipe);",
    caughtBy: ["xpub manual: a peer gets what the application gave it"],
  },
  {
    name: "an XPublisher doesn't tell of the topics of a peer that is lost",
    file: "src/patterns/xpublisher.ts",
    from: "this.trie.removeAll(pipe, this.#manual ? null : tell, all);",
    to: "this.trie.removeAll(pipe, all && !this.#manual ? tell : null);",
    caughtBy: ["xpub: the application hears what is asked for"],
  },
  {
    name: "a Pair takes up with the newest peer",
    file: "src/patterns/pair.ts",
    from: "if (this.#peer !== null) return;",
    to: "if (this.#peer === pipe) return;",
    caughtBy: [
      "pair: a third is never heard",
      "pair: nothing is lost while connections hold",
    ],
  },
  {
    name: "a Server takes every question for that of the latest peer",
    file: "src/patterns/server.ts",
    from: "message.unshift(this.queue.last!.number);",
    to: "message.unshift(this.latest);",
    caughtBy: [
      "server: a reply goes to the peer that asked, or nowhere",
      "server: nothing is lost while connections hold",
    ],
  },
  {
    name: "a Dish trusts its Radios to filter",
    file: "src/patterns/dish.ts",
    from: "if (this.#groups.has(latin1(message[0], 0, message[0].length))) {",
    to: "if (message.length > 0) {",
    caughtBy: ["groups: only messages of joined groups are received"],
  },
  {
    name: "a Dish forgets to join again after a reconnect",
    file: "src/patterns/dish.ts",
    from:
      "for (const group of this.#groups.values()) pipe.control(SUBSCRIBE, group);",
    to:
      "if (this.queue.last === null) for (const group of this.#groups.values()) pipe.control(SUBSCRIBE, group);",
    caughtBy: ["groups: groups are complete after a reconnect"],
  },
  {
    name: "a Stream tells twice of a connection's end",
    file: "src/patterns/stream.ts",
    from: "override ended(pipe: Pipe): void { this.#notice(pipe);",
    to:
      "override ended(pipe: Pipe): void { this.#notice(pipe); this.#notice(pipe);",
    caughtBy: ["stream: a connection begins once and ends once"],
  },
  {
    name: "a message stays in the memory that everybody reads into",
    file: "src/endpoints/pump.ts",
    from: "if (common || length < size >> 1 && size <= SMALLEST_READ) {",
    to: "if (!common && length < size >> 1 && size <= SMALLEST_READ) {",
    // What is overwritten may look like another message as well.
    caughtBy: [
      "pubsub: messages are whole",
      "pubsub: subscriptions are complete after a reconnect",
    ],
  },
];
