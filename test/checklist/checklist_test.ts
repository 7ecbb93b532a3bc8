// The same questions to every socket type.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, type Socket, type ZmqError } from "../../mod.ts";
import { optionsOf } from "../../src/base/options.ts";
import { SOCKET_TYPES } from "../../src/base/socket_type.ts";
import { CLASSES } from "../support/sockets.ts";
import { within } from "../support/wait.ts";

/** What differs from type to type. */
const EXPECTED = Object.fromEntries(
  Object.values(SOCKET_TYPES).map((row) => [row.name, {
    type: row.id,
    sends: row.sends,
    receives: row.receives,
    threadSafe: row.single,
    tcp: row.name !== "Datagram",
    inproc: !["Stream", "Datagram"].includes(row.name),
    linger: ["Subscriber", "XSubscriber", "Dish"].includes(row.name) ? 0 : -1,
  }]),
) as Record<keyof typeof CLASSES, {
  type: number;
  sends: boolean;
  receives: boolean;
  threadSafe: boolean;
  tcp: boolean;
  inproc: boolean;
  linger: number;
}>;

// deno-lint-ignore no-explicit-any -- any property of any type
type Any = Socket & Record<string, any>;

/** The rows of the options that a socket has. */
function socketOptions(socket: Any) {
  const type = Object.entries(SOCKET_TYPES)
    .find(([, row]) => row.id === socket.type)![0];
  return optionsOf(type as keyof typeof SOCKET_TYPES).values();
}

function each(
  question: string,
  ask: (
    make: (options?: object) => Any,
    expected: typeof EXPECTED[keyof typeof EXPECTED],
    name: string,
  ) => Promise<void> | void,
): void {
  for (const name of Object.keys(CLASSES) as (keyof typeof CLASSES)[]) {
    test(`${name}: ${question}`, async () => {
      const made: Any[] = [];
      const Class = CLASSES[name] as unknown as new (options?: object) => Any;
      try {
        await ask(
          (options) => {
            const socket = new Class(options);
            made.push(socket);
            return socket;
          },
          EXPECTED[name],
          name,
        );
      } finally {
        for (const socket of made) await socket.closeAsync({ linger: 0 });
      }
    });
  }
}

each(
  "it says its type, and what it can't do it doesn't have",
  (make, expected) => {
    const socket = make();
    assert.equal(socket.type, expected.type);
    assert.equal(socket.threadSafe, expected.threadSafe);
    assert.equal(socket.securityMechanism, null);
    for (const method of ["send", "trySend", "sendMany"]) {
      assert.equal(method in socket, expected.sends, method);
    }
    for (
      const method of [
        "receive",
        "tryReceive",
        "receiveMany",
        Symbol.asyncIterator,
      ]
    ) {
      assert.equal(method in socket, expected.receives, String(method));
    }
    assert.equal("writable" in socket, expected.sends);
    assert.equal("readable" in socket, expected.receives);
    assert.equal("sendHighWaterMark" in socket, expected.sends);
    assert.equal("receiveHighWaterMark" in socket, expected.receives);
  },
);

each("a new one is open, bound nowhere, and has no peers", (make, expected) => {
  const socket = make();
  assert.equal(socket.closed, false);
  assert.equal(socket.lastEndpoint, null);
  assert.equal(socket.linger, expected.linger);
  assert.deepEqual(socket.stats(), {
    peers: 0,
    drops: 0,
    sendQueue: 0,
    receiveQueue: 0,
    sendQueueBytes: 0,
    receiveQueueBytes: 0,
    swapped: 0,
    swappedBytes: 0,
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    reconnects: 0,
    givenUp: [],
    perPeer: [],
  });
  if (expected.receives) assert.equal(socket.readable, false);
});

each(
  "options are set by constructor, property and number, and read back",
  (make) => {
    const socket = make({ linger: 5, reconnectInterval: 7 });
    assert.equal(socket.linger, 5);
    assert.equal(socket.reconnectInterval, 7);
    socket.linger = 6;
    assert.equal(socket.getOption(17), 6);
    socket.setOption(17, 8);
    assert.equal(socket.linger, 8);
    assert.throws(() => socket.getOption(4711), { code: "EINVAL" });
    assert.throws(() => socket.setOption(0, 1), { code: "EINVAL" });
  },
);

each("every option it has can be written with its default", (make) => {
  const socket = make();
  for (const row of socketOptions(socket)) {
    const any = socket as Record<string, unknown>;
    any[row.name] = row.initial;
    assert.equal(any[row.name], row.initial, row.name);
  }
});

each(
  "a mistyped option is a TypeError that names the nearest right one",
  (make, _, name) => {
    assert.throws(() => make({ lingre: 1 }), {
      name: "TypeError",
      message: `${name}Socket has no option lingre; did you mean linger?`
        .replace("Socket", ""),
    });
    const socket = make();
    assert.throws(() => {
      socket.reconectInterval = 5;
    }, { name: "TypeError", message: /did you mean reconnectInterval\?/ });
    assert.throws(() => {
      socket.favouriteColour = "blue";
    }, { name: "TypeError", message: /has no option favouriteColour/ });
  },
);

each("a wrong type is a TypeError, a wrong value EINVAL", async (make) => {
  assert.throws(() => make({ linger: "1" }), TypeError);
  assert.throws(() => make({ linger: -2 }), { code: "EINVAL" });
  const socket = make();
  assert.throws(() => {
    (socket as Record<string, unknown>).immediate = 1;
  }, TypeError);
  assert.throws(() => socket.connect(5 as unknown as string), TypeError);
  await assert.rejects(socket.bind(undefined as unknown as string), TypeError);
  assert.throws(() => make({ context: {} }), TypeError);
});

each("read-only properties can't be written", (make) => {
  const socket = make();
  for (const name of ["type", "closed", "lastEndpoint", "context", "events"]) {
    assert.throws(
      () => {
        socket[name] = 1;
      },
      TypeError,
      name,
    );
    assert.throws(() => make({ [name]: 1 }), TypeError, name);
  }
});

each(
  "bind and connect take tcp and inproc, and say what they don't take",
  async (make, expected) => {
    const socket = make();
    if (!expected.inproc) {
      await assert.rejects(socket.bind("inproc://checklist"), {
        code: "ENOCOMPATPROTO",
      });
    }
    if (!expected.tcp) {
      assert.throws(() => socket.connect("tcp://127.0.0.1:1"), {
        code: "ENOCOMPATPROTO",
      });
      await socket.bind("udp://127.0.0.1:*");
      assert.match(socket.lastEndpoint!, /^udp:\/\/127\.0\.0\.1:\d+$/);
      return;
    }
    await socket.bind("tcp://127.0.0.1:*");
    assert.match(socket.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
    if (expected.inproc) {
      await socket.bind("inproc://checklist");
      assert.equal(socket.lastEndpoint, "inproc://checklist");
    }
    socket.connect("tcp://127.0.0.1:1");
    assert.equal(socket.lastEndpoint, "tcp://127.0.0.1:1");
    for (
      const wrong of [
        "",
        "tcp",
        "tcp://",
        "tcp://127.0.0.1",
        "tcp://:5",
        "tcp://a:b",
      ]
    ) {
      assert.throws(() => socket.connect(wrong), { code: "EINVAL" }, wrong);
      await assert.rejects(socket.bind(wrong), { code: "EINVAL" }, wrong);
    }
    assert.throws(() => socket.connect("tcp://*:5555"), { code: "EINVAL" });
    assert.throws(() => socket.connect("foo://bar"), {
      code: "EPROTONOSUPPORT",
      address: "foo://bar",
    });
  },
);

each(
  "unbind and disconnect take what was bound and connected, once",
  async (make, expected) => {
    if (!expected.tcp) return;
    const socket = make();
    await socket.bind("tcp://127.0.0.1:*");
    const bound = socket.lastEndpoint!;
    await assert.rejects(socket.unbind("tcp://127.0.0.1:*"), {
      code: "ENOENT",
    });
    await socket.unbind(bound);
    await assert.rejects(socket.unbind(bound), { code: "ENOENT" });
    socket.connect("tcp://127.0.0.1:1");
    assert.throws(() => socket.disconnect("tcp://127.0.0.1:2"), {
      code: "ENOENT",
    });
    socket.disconnect("tcp://127.0.0.1:1");
    assert.throws(() => socket.disconnect("tcp://127.0.0.1:1"), {
      code: "ENOENT",
    });
  },
);

each("two can't bind to the same place", async (make, expected) => {
  if (!expected.tcp) return;
  const [one, two] = [make(), make()];
  await one.bind("tcp://127.0.0.1:*");
  await assert.rejects(two.bind(one.lastEndpoint!), {
    code: "EADDRINUSE",
    address: one.lastEndpoint!,
  });
  if (!expected.inproc) return;
  await one.bind("inproc://taken");
  await assert.rejects(two.bind("inproc://taken"), { code: "EADDRINUSE" });
});

each(
  "after close every call says EBADF, and closing again is no matter",
  async (make, expected) => {
    const socket = make();
    socket.close();
    assert.equal(socket.closed, true);
    socket.close();
    await socket.closeAsync();
    const bad = { name: "ZmqError", code: "EBADF" };
    await assert.rejects(socket.bind("tcp://127.0.0.1:*"), bad);
    await assert.rejects(socket.unbind("tcp://127.0.0.1:1"), bad);
    assert.throws(() => socket.connect("tcp://127.0.0.1:1"), bad);
    assert.throws(() => socket.disconnect("tcp://127.0.0.1:1"), bad);
    const any = socket as unknown as {
      send(m: string): Promise<void>;
      trySend(m: string): boolean;
      sendMany(m: string[]): Promise<void>;
      receive(): Promise<unknown>;
      tryReceive(): unknown;
      receiveMany(): Promise<unknown>;
      [Symbol.asyncIterator](): AsyncIterator<unknown>;
    };
    if (expected.sends) {
      await assert.rejects(any.send("x"), bad);
      assert.throws(() => any.trySend("x"), bad);
      await assert.rejects(any.sendMany(["x"]), bad);
      assert.equal(socket.writable, false);
    }
    if (expected.receives) {
      await assert.rejects(any.receive(), bad);
      assert.throws(() => any.tryReceive(), bad);
      await assert.rejects(any.receiveMany(), bad);
      assert.deepEqual(await any[Symbol.asyncIterator]().next(), {
        value: undefined,
        done: true,
      });
      assert.equal(socket.readable, false);
    }
    assert.throws(() => {
      socket.linger = 1;
    }, { code: "ENOTSOCK" });
  },
);

each("using and await using close it", async (make, expected) => {
  let first: Any;
  {
    using socket = make();
    first = socket;
  }
  assert.equal(first.closed, true);
  let second: Any;
  {
    await using socket = make();
    second = socket;
    if (expected.tcp) await socket.bind("tcp://127.0.0.1:*");
  }
  assert.equal(second.closed, true);
});

each("closing frees the port and the name at once", async (make, expected) => {
  if (!expected.tcp) return;
  const socket = make();
  await socket.bind("tcp://127.0.0.1:*");
  const address = socket.lastEndpoint!;
  if (expected.inproc) await socket.bind("inproc://freed");
  await socket.closeAsync();
  const next = make();
  await next.bind(address);
  if (expected.inproc) await next.bind("inproc://freed");
});

each(
  "a context that is terminated ends it with ETERM",
  async (_make, expected, name) => {
    const context = new Context();
    const Class = CLASSES[name as keyof typeof CLASSES] as unknown as new (
      options: object,
    ) => Any;
    const socket = new Class({ context });
    const waiting = expected.receives && name !== "Request"
      ? (socket as unknown as { receive(): Promise<unknown> }).receive()
      : null;
    const outcome = waiting?.catch((error: ZmqError) => error.code);
    await within("the context ends", context.terminate());
    assert.equal(socket.closed, true);
    if (outcome) assert.equal(await outcome, "ETERM");
    assert.throws(() => socket.connect("tcp://127.0.0.1:1"), { code: "ETERM" });
    assert.throws(() => new Class({ context }), { code: "ETERM" });
  },
);

each(
  "the events of its life end with the last one, and start when asked for",
  async (make, expected) => {
    if (!expected.tcp) return;
    const socket = make();
    const { events } = socket;
    assert.equal(socket.events, events);
    await socket.bind("tcp://127.0.0.1:*");
    socket.close();
    const seen: string[] = [];
    for await (const event of events) seen.push(event.type);
    assert.deepEqual(seen, ["bind", "close", "end"]);
    assert.equal(events.closed, true);
  },
);
