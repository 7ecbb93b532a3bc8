import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyLength, headLength, MORE } from "../../src/base/frame.ts";
import type { Message } from "../../src/base/message.ts";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { concat, texts } from "../support/bytes.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { message } from "../support/zmtp.ts";
import { transferAway } from "../support/transfer.ts";

/** Adds whole messages as one run. */
function pushRun(queue: InboundQueue, ...messages: string[][]): Uint8Array {
  const run = concat(...messages.map((frames) => message(...frames)));
  queue.pushRun(run, 0, run.length, messages.length, run.length);
  return run;
}

function take(queue: InboundQueue): string[] | null {
  const message = queue.take();
  return message === null ? null : texts(message);
}

/** The whole messages that lie in a row. */
function messagesIn(run: Uint8Array): string[][] {
  const found: string[][] = [[]];
  for (let at = 0; at < run.length;) {
    const end = at + headLength(run, at) + bodyLength(run, at);
    const body = run.subarray(at + headLength(run, at), end);
    found.at(-1)!.push(...texts([body]));
    if ((run[at] & MORE) === 0) found.push([]);
    at = end;
  }
  assert.deepEqual(found.pop(), [], "the last message is whole");
  return found;
}

test("messages come out in order, of runs and of frames with memory of their own", () => {
  const queue = new InboundQueue(0, false);
  pushRun(queue, ["a"], ["b", "", "c"]);
  queue.push(new TextEncoder().encode("d"), MORE);
  queue.push(new TextEncoder().encode("e"), 0);
  pushRun(queue, ["x".repeat(300)]);
  assert.equal(queue.count, 4);
  assert.deepEqual(take(queue), ["a"]);
  assert.deepEqual(take(queue), ["b", "", "c"]);
  assert.deepEqual(take(queue), ["d", "e"]);
  assert.deepEqual(take(queue), ["x".repeat(300)]);
  assert.equal(take(queue), null);
  assert.equal(queue.count, 0);
});

test("a frame is a view of the memory it came in, or that memory itself", () => {
  const queue = new InboundQueue(0, false);
  const run = pushRun(queue, ["abc"]);
  assert.equal(queue.take()![0].buffer, run.buffer);
  const own = new TextEncoder().encode("own");
  queue.push(own, 0);
  assert.equal(queue.take()![0], own);
});

test("a message that goes on in the next run counts once it is whole", () => {
  const queue = new InboundQueue(0, false);
  const first = concat(message("a"), Uint8Array.of(MORE, 1, 98));
  queue.pushRun(first, 0, first.length, 1, 3);
  assert.equal(queue.count, 1);
  const second = message("c");
  queue.pushRun(second, 0, second.length, 1, second.length);
  assert.equal(queue.count, 2);
  assert.deepEqual(take(queue), ["a"]);
  assert.deepEqual(take(queue), ["b", "c"]);
});

test("a rollback forgets a message that was begun, and nothing else", () => {
  for (const taken of [0, 1]) {
    const queue = new InboundQueue(0, false);
    const run = concat(message("a"), Uint8Array.of(MORE, 1, 98));
    queue.pushRun(run, 0, run.length, 1, 3);
    queue.push(Uint8Array.of(99), MORE);
    if (taken === 1) assert.deepEqual(take(queue), ["a"]);
    queue.rollback();
    pushRun(queue, ["d"]);
    if (taken === 0) assert.deepEqual(take(queue), ["a"]);
    assert.deepEqual(take(queue), ["d"]);
    assert.equal(take(queue), null);
  }
});

test("a full queue calls its producer back once half of it is free", () => {
  const queue = new InboundQueue(4, false);
  let calls = 0;
  queue.producer = { resume: () => calls++ };
  pushRun(queue, ["1"], ["2"], ["3"], ["4"]);
  assert.ok(queue.full);
  assert.equal(queue.space, 0);
  queue.starved = true;
  take(queue);
  assert.equal(calls, 0);
  take(queue);
  assert.equal(calls, 1);
  take(queue);
  take(queue);
  assert.equal(calls, 1);
});

test("a mark of 1 has room when it is empty, a mark of 0 always", () => {
  const one = new InboundQueue(1, false);
  let calls = 0;
  one.producer = { resume: () => calls++ };
  pushRun(one, ["1"]);
  assert.ok(one.full);
  one.starved = true;
  take(one);
  assert.equal(calls, 1);
  const none = new InboundQueue(0, false);
  for (let i = 0; i < 5000; i++) none.push(Uint8Array.of(1), 0);
  assert.ok(!none.full);
  assert.equal(none.space, Infinity);
});

test("raising the mark calls a starved producer back", () => {
  const queue = new InboundQueue(1, false);
  let calls = 0;
  queue.producer = { resume: () => calls++ };
  pushRun(queue, ["1"]);
  queue.starved = true;
  queue.setHighWaterMark(2);
  assert.equal(calls, 1);
});

test("a conflating queue keeps the newest message", () => {
  const queue = new InboundQueue(10, true);
  pushRun(queue, ["1"], ["2"], ["3"]);
  assert.equal(queue.count, 1);
  queue.push(Uint8Array.of(52), 0);
  assert.ok(!queue.full);
  assert.deepEqual(take(queue), ["4"]);
  assert.equal(take(queue), null);
});

test("peek shows the first frame, drop takes its message away", () => {
  const queue = new InboundQueue(0, false);
  pushRun(queue, ["topic", "body"], ["next"]);
  queue.push(new TextEncoder().encode("own"), 0);
  assert.ok(queue.peek());
  const { buffer, start, end } = queue;
  assert.deepEqual(texts([buffer.subarray(start, end)]), ["topic"]);
  queue.drop();
  assert.deepEqual(take(queue), ["next"]);
  assert.ok(queue.peek());
  assert.deepEqual([queue.start, queue.end], [0, 3]);
  queue.drop();
  assert.ok(!queue.peek());
});

test("what lies together is taken together: messages of one frame, of the run that was begun", () => {
  const queue = new InboundQueue(8, false, {
    below: 3,
    copy: (from, start, end) => from.slice(start, end),
  });
  const run = pushRun(
    queue,
    ["first"],
    ["a"],
    ["x".repeat(300)],
    ["three"],
    ["two", "frames"],
    ["last"],
  );
  pushRun(queue, ["another run"]);
  let calls = 0;
  queue.producer = { resume: () => calls++ };
  queue.starved = true;
  const messages: Message[] = [];
  assert.ok(!queue.takeMany(messages, 9), "none was begun");
  assert.deepEqual(take(queue), ["first"]);
  assert.ok(queue.takeMany(messages, 2));
  assert.deepEqual(messages.map(texts), [["a"], ["x".repeat(300)]]);
  assert.notEqual(messages[0][0].buffer, run.buffer, "a short one is copied");
  assert.equal(messages[1][0].buffer, run.buffer);
  assert.equal(calls, 1);
  assert.ok(!queue.takeMany(messages, 2), "there are as many as asked for");
  assert.ok(queue.takeMany(messages, 9));
  assert.deepEqual(texts(messages[2]), ["three"]);
  assert.ok(!queue.takeMany(messages, 9), "it has two frames");
  assert.deepEqual(take(queue), ["two", "frames"]);
  assert.ok(queue.takeMany(messages, 9));
  assert.equal(messages.length, 4);
  assert.deepEqual(take(queue), ["another run"]);
  assert.ok(!queue.takeMany(messages, 9));
  assert.equal(queue.count, 0);
});

test("a buffer that was transferred away takes its own messages with it and no others", () => {
  const queue = new InboundQueue(0, false);
  pushRun(queue, ["a"], ["b"], ["c", "d"]);
  pushRun(queue, ["e"]);
  const first = queue.take()!;
  transferAway(first[0]);
  assert.ok(!queue.takeMany([], 9));
  assert.deepEqual(take(queue), ["e"]);
  assert.deepEqual([queue.come, queue.gone, queue.count], [4, 4, 0]);
});

test("small borrowed frames are copied, large ones are shared; memory that is transferred away is not written to", () => {
  const queue = new InboundQueue(0, false);
  const small = new TextEncoder().encode("small");
  const large = new Uint8Array(5000);
  queue.pushBorrowed(small, MORE);
  queue.pushBorrowed(large, 0);
  for (const text of ["lost", "too"]) {
    queue.pushBorrowed(new TextEncoder().encode(text), 0);
  }
  small.fill(0);
  const [first, second] = queue.take()!;
  assert.deepEqual(texts([first]), ["small"]);
  assert.equal(second, large);
  transferAway(first);
  queue.pushBorrowed(new TextEncoder().encode("later"), 0);
  assert.deepEqual(take(queue), ["later"]);
  assert.equal(take(queue), null);
  assert.deepEqual([queue.come, queue.gone], [4, 4]);
});

test("frames that belong to a message in lost memory go with it", () => {
  const queue = new InboundQueue(0, false);
  const first = concat(message("a"), Uint8Array.of(MORE, 1, 98));
  queue.pushRun(first, 0, first.length, 1, 3);
  const second = concat(message("c"), message("d"));
  queue.pushRun(second, 0, second.length, 2, second.length);
  pushRun(queue, ["e"]);
  const [frame] = queue.take()!;
  transferAway(frame);
  // The run that goes on with the lost message is lost as a whole.
  assert.deepEqual(take(queue), ["e"]);
  assert.deepEqual([queue.come, queue.gone, queue.count], [4, 4, 0]);
});

test("a delimiter is an empty frame before the last one, wherever the frames lie", () => {
  const cases: [string[], boolean][] = [
    ...[[["", "a"], true], [["a", "", "b"], true]] as [string[], boolean][],
    ...[[["a"], false], [[""], false]] as [string[], boolean][],
    ...[[["a", "b"], false], [["a", ""], false]] as [string[], boolean][],
  ];
  const ways: [string, (queue: InboundQueue, frames: string[]) => void][] = [
    ["a run", (queue, frames) => void pushRun(queue, ["before"], frames)],
    ["single frames", (queue, frames) => {
      pushRun(queue, ["before"]);
      frames.forEach((frame, i) => {
        const more = i < frames.length - 1 ? MORE : 0;
        queue.push(new TextEncoder().encode(frame), more);
      });
    }],
    ["copies", (queue, frames) => {
      queue.pushBorrowed(new TextEncoder().encode("before"), 0);
      frames.forEach((frame, i) => {
        const more = i < frames.length - 1 ? MORE : 0;
        queue.pushBorrowed(new TextEncoder().encode(frame), more);
      });
    }],
    ["a run for each frame", (queue, frames) => {
      pushRun(queue, ["before"]);
      frames.forEach((frame, i) => {
        const run = message(frame);
        const last = i === frames.length - 1;
        if (!last) run[0] |= MORE;
        queue.pushRun(run, 0, run.length, last ? 1 : 0, last ? run.length : 0);
      });
    }],
  ];
  for (const [way, add] of ways) {
    for (const [frames, delimited] of cases) {
      const queue = new InboundQueue(0, false);
      add(queue, frames);
      pushRun(queue, ["", "after"]);
      assert.deepEqual(take(queue), ["before"]);
      assert.ok(queue.peek());
      assert.equal(queue.hasDelimiter(), delimited, `${way}: ${frames}`);
      assert.deepEqual(take(queue), frames);
      assert.ok(queue.peek() && queue.hasDelimiter());
    }
  }
});

test("a queue behaves as a plain list of messages does, whatever is done to it", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = generator(seed);
    const hwm = random() < 0.3 ? 0 : 1 + Math.floor(random() * 20);
    const queue = new InboundQueue(hwm, false);
    let next = 0;
    let begun: string[] = [];
    const model: string[][] = [];
    for (let step = 0; step < 120; step++) {
      const dice = random();
      if (dice < 0.35) {
        // A run of frames, cut anywhere between frames.
        let run: Uint8Array = new Uint8Array(0);
        let whole = 0;
        let messages = 0;
        const space = queue.space;
        for (let n = Math.floor(random() * 6); n > 0 && messages < space; n--) {
          const more = random() < 0.4;
          const body = `${next++}`.padEnd(Math.floor(random() * 3) * 200, ".");
          begun.push(body);
          const one = message(body);
          if (more) one[0] |= MORE;
          run = concat(run, one);
          if (!more) {
            model.push(begun);
            begun = [];
            messages++;
            whole = run.length;
          }
        }
        if (run.length > 0) {
          queue.pushRun(run, 0, run.length, messages, whole);
        }
      } else if (dice < 0.5 && !queue.full) {
        const more = random() < 0.4;
        const body = `${next++}`.padEnd(Math.floor(random() * 4) * 300, ".");
        begun.push(body);
        const frame = new TextEncoder().encode(body);
        if (random() < 0.3) queue.push(frame, more ? MORE : 0);
        else {
          queue.pushBorrowed(frame, more ? MORE : 0);
          frame.fill(0);
        }
        if (!more) {
          model.push(begun);
          begun = [];
        }
      } else if (dice < 0.55) {
        queue.rollback();
        begun = [];
      } else if (dice < 0.65) {
        queue.drop();
        model.shift();
      } else if (dice < 0.7) {
        const messages: Message[] = [[], []];
        const most = 1 + Math.floor(random() * 8);
        const took = queue.takeMany(messages, most);
        const taken = messages.slice(2).map(texts);
        assert.equal(took, taken.length > 0);
        assert.ok(taken.length <= Math.max(most - 2, 0));
        for (const frames of taken) {
          assert.deepEqual(frames, model.shift(), `seed ${seed}`);
        }
      } else if (dice < 0.8) {
        if (queue.takeRun(1 + random() * 1000)) {
          const run = queue.buffer.subarray(queue.start, queue.end);
          for (const frames of messagesIn(run)) {
            assert.deepEqual(frames, model.shift(), `seed ${seed}`);
          }
        }
      } else {
        assert.deepEqual(take(queue), model.shift() ?? null, `seed ${seed}`);
      }
      assert.equal(queue.count, model.length, `seed ${seed}, step ${step}`);
      assert.equal(queue.full, hwm !== 0 && model.length >= hwm);
      if (model.length + begun.length === 0) assert.equal(queue.held, 0);
    }
    queue.rollback();
    while (model.length > 0) assert.deepEqual(take(queue), model.shift());
    assert.equal(take(queue), null);
    assert.equal(queue.held, 0);
  }
});
