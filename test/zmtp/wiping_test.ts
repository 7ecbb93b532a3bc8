// What a connection of CURVE leaves of its keys, however it ends: nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "../../src/mechanisms/mechanism.ts";
import { curveClient, curveServer, drawing } from "../support/curve.ts";
import { type Bench, exchange } from "../support/pair.ts";

const KEY_WORDS = 8;

/** Every key that is made while something runs, as words and as bytes. */
function keysOf(run: () => void): (Int32Array | Uint8Array)[] {
  const { Int32Array: Real } = globalThis;
  const made: Int32Array[] = [];
  const secrets: Uint8Array[] = drawing.secrets = [];
  globalThis.Int32Array = new Proxy(Real, {
    construct(real, given) {
      const words = Reflect.construct(real, given) as Int32Array;
      if (words.length === KEY_WORDS) made.push(words);
      return words;
    },
  });
  try {
    run();
  } finally {
    globalThis.Int32Array = Real;
    drawing.secrets = null;
  }
  return [...made, ...secrets];
}

/** Both talk until one says a command, which arrives as it is, with a bit changed, or not at all. */
function until(
  command: string,
  how: "whole" | "altered" | "lost" = "whole",
): (client: Bench, server: Bench) => void {
  return (client, server) => {
    for (let [from, to] = [server, client];; [from, to] = [to, from]) {
      const words = from.written();
      const said = String.fromCharCode(...words).includes(command);
      if (said && how === "altered") words[words.length - 1] ^= 1;
      if (!said || how !== "lost") to.receive(words);
      if (said) return;
    }
  };
}

function letIn(client: Bench, server: Bench): void {
  exchange(client, server);
  server.connection.decide(null);
  server.connection.resume(0);
}

const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";

const ENDS: Record<
  string,
  [
    act: (client: Bench, server: Bench) => void,
    clientFault?: string,
    serverFault?: string,
  ]
> = {
  "before the greeting": [() => {}],
  "before HELLO arrives": [until("HELLO", "lost")],
  "after HELLO": [until("HELLO")],
  "by a HELLO that was altered": [
    until("HELLO", "altered"),
    undefined,
    CRYPTOGRAPHIC,
  ],
  "after WELCOME": [until("WELCOME")],
  "by a WELCOME that was altered": [until("WELCOME", "altered"), CRYPTOGRAPHIC],
  "by an INITIATE that was altered": [
    until("INITIATE", "altered"),
    undefined,
    CRYPTOGRAPHIC,
  ],
  "while it is decided": [exchange],
  "by a refusal": [
    (client, server) => {
      exchange(client, server);
      server.connection.decide(refusal("400"));
      exchange(client, server);
    },
    "ERR_ZAP_STATUS_400",
    "ERR_ZAP_STATUS_400",
  ],
  "by a READY that was altered": [
    (client, server) => {
      letIn(client, server);
      until("READY", "altered")(client, server);
    },
    CRYPTOGRAPHIC,
  ],
  "in traffic": [
    (client, server) => {
      letIn(client, server);
      client.outbox.append([new Uint8Array(100)], 0, null);
      exchange(client, server);
      assert.equal(server.inbox.count, 1);
    },
  ],
};

for (const [when, [act, ...faults]] of Object.entries(ENDS)) {
  test(`CURVE: no key is left of a connection that ends ${when}`, () => {
    const keys = keysOf(() => {
      const [client, server] = [curveClient(), curveServer()];
      act(client, server);
      assert.equal(client.fault, faults[0]);
      assert.equal(server.fault, faults[1]);
      client.connection.ended();
      server.connection.ended();
    });
    assert.ok(keys.length > 2);
    for (const [i, key] of keys.entries()) {
      assert.ok(key.every((one) => one === 0), `key ${i} of ${keys.length}`);
    }
  });
}
