import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue } from "../../src/routing/fair_queue.ts";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { LoadBalancer } from "../../src/routing/load_balancer.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import { Partition } from "../../src/routing/partition.ts";
import { FULL, NO_PEER, SENT } from "../../src/routing/pattern.ts";
import { IN, Pipe } from "../../src/routing/pipe.ts";
import { generator } from "../../adapters/simulated/random.ts";

const body = [new Uint8Array(1)];

/** A pipe to a wire that takes nothing unless it is let. */
function pipe(hwm: number): Pipe & { drain: () => void } {
  const pipe = new Pipe(
    new InboundQueue(0, false),
    new OutboundLog(hwm, false),
  );
  pipe.wire = {
    wantsWrite: () => {},
    flush: () => {},
    control: () => {},
    refuse: () => {},
    adjust: () => {},
    close: () => {},
  };
  const drain = () => {
    for (let next = pipe.log!.next(); next !== null; next = pipe.log!.next()) {
      pipe.log!.took(next.length);
    }
  };
  return Object.assign(pipe, { drain });
}

test("messages go round the peers that have room", () => {
  const balancer = new LoadBalancer();
  const pipes = [pipe(0), pipe(0), pipe(0)];
  pipes.forEach((pipe) => balancer.add(pipe));
  for (let i = 0; i < 9; i++) assert.equal(balancer.send(body, null), SENT);
  assert.deepEqual(pipes.map((pipe) => pipe.log!.count), [3, 3, 3]);
});

test("a full peer is passed over until it has room again", () => {
  const balancer = new LoadBalancer();
  const [slow, fast] = [pipe(1), pipe(0)];
  balancer.add(slow);
  balancer.add(fast);
  for (let i = 0; i < 5; i++) balancer.send(body, null);
  assert.deepEqual([slow.log!.count, fast.log!.count], [1, 4]);
  slow.drain();
  balancer.activate(slow);
  for (let i = 0; i < 4; i++) balancer.send(body, null);
  assert.equal(slow.log!.count, 1);
});

test("with every peer full a message is refused, with none it has nowhere to go", () => {
  const balancer = new LoadBalancer();
  assert.equal(balancer.send(body, null), NO_PEER);
  assert.ok(!balancer.ready());
  const only = pipe(1);
  balancer.add(only);
  assert.ok(balancer.ready());
  balancer.send(body, null);
  assert.equal(balancer.send(body, null), FULL);
  assert.ok(!balancer.ready());
  balancer.remove(only);
  assert.equal(balancer.send(body, null), NO_PEER);
});

test("a peer that leaves is left out, the others stay in turn", () => {
  const balancer = new LoadBalancer();
  const pipes = [pipe(0), pipe(0), pipe(0)];
  pipes.forEach((pipe) => balancer.add(pipe));
  balancer.send(body, null);
  balancer.remove(pipes[1]);
  for (let i = 0; i < 6; i++) balancer.send(body, null);
  assert.equal(pipes[1].log!.count, 0);
  assert.equal(pipes[0].log!.count + pipes[2].log!.count, 7);
  assert.ok(Math.abs(pipes[0].log!.count - pipes[2].log!.count) <= 1);
});

test("messages are received from the peers in turn, however many each has", () => {
  const queue = new FairQueue();
  const pipes = [pipe(0), pipe(0)];
  pipes.forEach((pipe, i) => {
    queue.add(pipe);
    for (let n = 0; n < (i === 0 ? 10 : 2); n++) {
      pipe.inbound.push(Uint8Array.of(i), 0);
    }
    queue.activate(pipe);
  });
  const order = Array.from({ length: 12 }, () => queue.take()![0][0]);
  assert.deepEqual(order.slice(0, 4).sort(), [0, 0, 1, 1]);
  assert.equal(queue.take(), null);
});

test("many messages come from the peers in turn, too, and from the last that has any without a break", () => {
  const pipes = [pipe(0), pipe(0)];
  const queue = new FairQueue();
  pipes.forEach((pipe, i) => {
    queue.add(pipe);
    const run = Uint8Array.of(
      ...new Array(i === 0 ? 9 : 3).fill([0, 1, i]).flat(),
    );
    pipe.inbound.pushRun(run, 0, run.length, run.length / 3, run.length);
    queue.activate(pipe);
  });
  const messages: Uint8Array[][] = [];
  queue.takeMany(messages, 8);
  queue.takeMany(messages, 100);
  const order = messages.map(([body]) => body[0]);
  assert.deepEqual(order.slice(0, 6).sort(), [0, 0, 0, 1, 1, 1]);
  assert.notEqual(order[0], order[1]);
  assert.equal(order.length, 12);
  assert.equal(queue.last, pipes[0]);
  assert.equal(queue.current(), null);
});

test("where a message is one frame, others are thrown away among many as well", () => {
  const queue = new FairQueue(true);
  const one = pipe(0);
  queue.add(one);
  const run = Uint8Array.of(0, 1, 1, 0, 1, 2, 1, 1, 3, 0, 1, 3, 0, 1, 4);
  one.inbound.pushRun(run, 0, run.length, 4, run.length);
  queue.activate(one);
  const messages: Uint8Array[][] = [];
  queue.takeMany(messages, 100);
  assert.deepEqual(messages.map(([body]) => body[0]), [1, 2, 4]);
});

test("a peer that has gone is read empty, then forgotten", () => {
  const queue = new FairQueue();
  const gone = pipe(0);
  queue.add(gone);
  gone.inbound.push(Uint8Array.of(7), 0);
  queue.activate(gone);
  gone.open = false;
  queue.retire(gone);
  assert.equal(queue.take()![0][0], 7);
  assert.equal(queue.take(), null);
  assert.equal(gone.slots[IN], -1);
});

test("a partition keeps every pipe's place true, whatever is done to it", () => {
  const random = generator(11);
  const partition = new Partition(IN);
  const active = new Set<Pipe>();
  const members: Pipe[] = [];
  for (let step = 0; step < 5000; step++) {
    const dice = random();
    const one = members[Math.floor(random() * members.length)];
    if (one === undefined || dice < 0.2) {
      const fresh = pipe(0);
      members.push(fresh);
      partition.add(fresh);
    } else if (dice < 0.5) {
      assert.equal(partition.activate(one), !active.has(one));
      active.add(one);
    } else if (dice < 0.8) {
      partition.deactivate(one);
      active.delete(one);
    } else {
      partition.remove(one);
      active.delete(one);
      members.splice(members.indexOf(one), 1);
      assert.ok(!partition.has(one));
    }
    assert.equal(partition.active, active.size);
    partition.pipes.forEach((pipe, i) => {
      assert.equal(pipe.slots[IN], i);
      assert.equal(i < partition.active, active.has(pipe));
    });
  }
});

test("a peer that leaves while its last message is taken takes no other's place with it", () => {
  const queue = new FairQueue();
  const [leaves, stays, other] = [pipe(0), pipe(0), pipe(0)];
  for (const peer of [leaves, stays, other]) queue.add(peer);
  const put = (peer: Pipe) => {
    peer.inbound.push(new Uint8Array(1), 0);
    queue.activate(peer);
  };
  put(leaves);
  put(stays);
  leaves.inbound.starved = true;
  leaves.inbound.producer = {
    resume: () => {
      leaves.open = false;
      queue.retire(leaves);
    },
  };
  assert.ok(queue.take() !== null);
  assert.equal(queue.has(leaves), false);
  for (let i = 0; i < 3; i++) {
    put(other);
    if (i > 0) put(stays);
    const taken = new Set<Pipe | null>();
    for (let j = 0; j < 2; j++) {
      assert.ok(queue.take() !== null);
      taken.add(queue.last);
    }
    assert.deepEqual(taken, new Set([stays, other]));
    assert.equal(queue.take(), null);
  }
});
