// What a stream is given: of much a piece at a time, so that no runtime and no TLS
// has a copy of it all.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { Context, Pull, Push } from "../../mod.ts";
import { SimulatedWorld } from "../../src/testing/testing.ts";

const MIB = 1_048_576;
const LENGTHS = [10, MIB - 1, MIB, MIB + 1, 5 * MIB + 7, 20];

/** A body in which no piece looks like another. */
function body(length: number): Uint8Array {
  const words = new Uint32Array((length >> 2) + 1);
  for (let i = 0; i < words.length; i++) words[i] = i * 2654435761;
  return new Uint8Array(words.buffer, 0, length);
}

for (const scheme of ["tcp", "ws"]) {
  test(`${scheme}: a stream is given a megabyte at once at most, and large messages arrive whole`, async () => {
    for (const seed of [1, 2, 3]) {
      const world = new SimulatedWorld({ seed, window: [MIB, MIB] });
      const near = world.host("near").adapter();
      const written: number[] = [];
      const connect = near.connect.bind(near);
      near.connect = (target, handler) => {
        const stream = connect(target, handler);
        const write = stream.write.bind(stream);
        stream.write = (bytes) => {
          written.push(bytes.length);
          write(bytes);
        };
        return stream;
      };
      const pull = new Pull({
        context: new Context({ adapter: world.host("far").adapter() }),
      });
      pull.bind(`${scheme}://10.0.0.2:5555`);
      const push = new Push({ context: new Context({ adapter: near }) });
      push.connect(`${scheme}://10.0.0.2:5555`);
      const sent = LENGTHS.map(body);
      const flushed = push.sendMany([...sent, sent], { flushed: true });
      const got: Uint8Array[][] = [];
      (async () => {
        for await (const message of pull) got.push(message);
      })();
      for (let i = 0; i < 1000 && got.length <= LENGTHS.length; i++) {
        await world.run(10);
      }
      const expected = [...sent.map((frame) => [frame]), sent];
      assert.equal(got.length, expected.length);
      await flushed;
      for (const [i, message] of got.entries()) {
        for (const [k, frame] of message.entries()) {
          const name = `seed ${seed}, message ${i}, frame ${k}`;
          assert.equal(Buffer.compare(frame, expected[i][k]), 0, name);
        }
      }
      assert.equal(got.at(-1)!.length, LENGTHS.length);
      // Around a piece there may be the head of a WebSocket's frame.
      assert.ok(Math.max(...written) <= MIB + 16, `${Math.max(...written)}`);
      push.close();
      pull.close();
    }
  });
}
