// The patterns at work on pipes whose wire takes everything at once: what a
// message costs without sockets. `core.ts CURVE COUNT MESSAGES`; COUNT is of peers
// or of subscriptions. As in an endpoint, a wire is written when it is full or has
// a block together, and otherwise at the end of a turn.

import process from "node:process";
import { SUBSCRIBE } from "../../src/base/frame.ts";
import type { Message } from "../../src/base/message.ts";
import { encodeText } from "../../src/base/utf8.ts";
import { PublisherPattern } from "../../src/patterns/publisher.ts";
import { PushPattern } from "../../src/patterns/push.ts";
import { PullPattern } from "../../src/patterns/pull.ts";
import { SubscriberPattern } from "../../src/patterns/subscriber.ts";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import { type Pattern, SENT } from "../../src/routing/pattern.ts";
import { Pipe } from "../../src/routing/pipe.ts";
import { CountingHost } from "../../test/support/pipes.ts";

/** Messages of a turn, where it is not said otherwise. */
const TURN = 1000;
/** Messages to each peer between writes. */
const EACH = 64;
const HWM = 1000;
/** Messages of those curves that match topics. */
const TOPICS = 1000;
const WARM_UP = 0.2;

const [curve, ...numbers] = process.argv.slice(2);
const [count, messages] = numbers.map(Number);
const host = new CountingHost();
const written: Pipe[] = [];
let sentBytes = 0;

/** A peer whose wire takes everything. */
function peer(pattern: Pattern): Pipe {
  const log = new OutboundLog(HWM, false);
  const pipe = new Pipe(new InboundQueue(0, false), log);
  pipe.wire = {
    wantsWrite: () => void written.push(pipe),
    flush: () => flush(pipe),
    control: () => {},
    refuse: () => {},
    adjust: () => {},
    close: () => {},
  };
  pipe.pattern = pattern;
  pattern.attached(pipe);
  return pipe;
}

function flush(pipe: Pipe): void {
  const log = pipe.log!;
  for (let next = log.next(); next !== null; next = log.next()) {
    sentBytes += next.length;
    log.took(next.length);
  }
  log.armed = false;
  pipe.taken();
}

function endOfTurn(): void {
  for (let i = 0; i < written.length; i++) flush(written[i]);
  written.length = 0;
}

/** A topic as people make them: a few levels, some of them shared. */
function topic(number: number): Uint8Array {
  return encodeText(
    `sensors/building-${number % 37}/room-${number % 1009}/${number}`,
  ).slice();
}

/** Sends with turns of so many messages, and returns what sends some. */
function sender(
  pattern: Pattern,
  turn: number,
  bodies: readonly Message[],
): (amount: number) => void {
  return (amount) => {
    for (let i = 0, inTurn = 0, at = 0; i < amount; i++) {
      if (pattern.trySend(bodies[at]) !== SENT) throw new Error("it is full");
      if (++at === bodies.length) at = 0;
      if (++inTurn === turn) {
        inTurn = 0;
        endOfTurn();
      }
    }
    endOfTurn();
  };
}

function subscribe(pattern: PublisherPattern, pipe: Pipe, to: Uint8Array) {
  pipe.inbound.push(to, SUBSCRIBE);
  pattern.readable(pipe);
}

const PUBLISHING = {
  noDrop: false,
  invertMatching: false,
  onlyFirstSubscribe: false,
  maxSubscriptions: Infinity,
  maxSubscriptionLength: Infinity,
};
const BODY = new Uint8Array(10);

/** Messages on topics from all over: as many with few, so that these are no nearer. */
function someTopics(): Message[] {
  return Array.from(
    { length: TOPICS },
    (_, i) => [topic(Math.floor((i * count) / TOPICS))],
  );
}

/** What does so many operations; `per` of them are one step. */
const curves: Record<
  string,
  () => { run: (steps: number) => void; per: number }
> = {
  push() {
    const pattern = new PushPattern(host);
    for (let i = 0; i < count; i++) peer(pattern);
    return { run: sender(pattern, EACH * count, [[BODY]]), per: 1 };
  },
  turn() {
    const pattern = new PushPattern(host);
    for (let i = 0; i < count; i++) peer(pattern);
    return { run: sender(pattern, TURN, [[BODY]]), per: 1 };
  },
  /** Peers that send runs of 64 messages, in the wire form, as a reader gives them. */
  pull() {
    const pattern = new PullPattern(host);
    const pipes = Array.from({ length: count }, () => peer(pattern));
    const run = new Uint8Array(EACH * (BODY.length + 2));
    for (let i = 0; i < EACH; i++) run[i * (BODY.length + 2) + 1] = BODY.length;
    const receive = (amount: number) => {
      let left = amount;
      while (left > 0) {
        for (let i = 0; i < pipes.length && i * EACH < left; i++) {
          const { inbound } = pipes[i];
          inbound.pushRun(run, 0, run.length, EACH, run.length);
          pattern.readable(pipes[i]);
        }
        while (pattern.tryReceive() !== null) left--;
      }
    };
    return { run: receive, per: 1 };
  },
  pub() {
    const pattern = new PublisherPattern(host, PUBLISHING);
    pattern.configured();
    for (let i = 0; i < count; i++) {
      subscribe(pattern, peer(pattern), new Uint8Array(0));
    }
    const body = [new Uint8Array(100)];
    return { run: sender(pattern, EACH, [body]), per: count };
  },
  match() {
    const pattern = new PublisherPattern(host, PUBLISHING);
    pattern.configured();
    const pipes = [peer(pattern), peer(pattern)];
    for (let i = 0; i < count; i++) subscribe(pattern, pipes[i % 2], topic(i));
    return { run: sender(pattern, TURN, someTopics()), per: 1 };
  },
  filter() {
    const pattern = new SubscriberPattern(host, { invertMatching: false });
    const pipe = peer(pattern);
    for (let i = 0; i < count; i++) pattern.subscribe(topic(i));
    endOfTurn();
    const bodies = someTopics();
    const receive = (amount: number) => {
      for (let i = 0, at = 0; i < amount; i++) {
        pipe.inbound.push(bodies[at][0], 0);
        if (++at === bodies.length) at = 0;
        pattern.readable(pipe);
        if (pattern.tryReceive() === null) throw new Error("it was filtered");
      }
    };
    return { run: receive, per: 1 };
  },
};

const make = curves[curve];
if (make === undefined || !(count > 0) || !(messages > 0)) {
  console.error("usage: see the head of core.ts");
  process.exit(1);
}
const { run, per } = make();
const steps = Math.ceil(messages / per);
// At least as often as a compiler wants to see it, however many peers there are.
run(Math.ceil(Math.max(steps * WARM_UP, Math.min(messages, 20_000) / per)));
const began = process.hrtime.bigint();
run(steps);
console.log(`measured ${steps * per} ${process.hrtime.bigint() - began}`);
if (sentBytes < 0) throw new Error("nothing was sent");
