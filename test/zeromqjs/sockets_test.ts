// Sockets of the drop-in: how they are made, what they export, bind, connect,
// close, and the errors of each.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as nought from "../../mod.ts";
import zmqDefault, * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { until } from "../support/wait.ts";
import { inproc, rejection, settles, thrown, withSockets } from "./support.ts";

const CLASSES = {
  Pair: 0,
  Publisher: 1,
  Subscriber: 2,
  Request: 3,
  Reply: 4,
  Dealer: 5,
  Router: 6,
  Pull: 7,
  Push: 8,
  XPublisher: 9,
  XSubscriber: 10,
  Stream: 11,
} as const;

test("the entry exports the names of zeromq.js, as names and as a default", () => {
  const names = [
    ...Object.keys(CLASSES),
    ...["Context", "Observer", "Proxy", "Socket", "capability", "context"],
    ...["curveKeyPair", "noughtVersion", "version"],
  ].sort();
  assert.deepEqual(Object.keys(zmq).filter((n) => n !== "default"), names);
  assert.deepEqual(Object.keys(zmqDefault), names);
  assert.equal(zmqDefault.Push, zmq.Push);
});

test("version is libzmq's, and our own has another name", async () => {
  assert.equal(zmq.version, "4.3.5");
  const config = new URL("../../deno.json", import.meta.url);
  const { version } = JSON.parse(await readFile(config, "utf8"));
  assert.equal(zmq.noughtVersion, version);
});

test("capability has the keys of zeromq.js, true for what there is", () => {
  assert.deepEqual(Object.keys(zmq.capability).sort(), [
    ...["curve", "draft", "gssapi", "ipc", "norm", "pgm", "tipc"],
  ]);
  assert.equal(zmq.capability.draft, true);
  assert.equal(zmq.capability.gssapi, false);
  if (zmq.capability.curve) {
    const { publicKey, secretKey } = zmq.curveKeyPair();
    assert.deepEqual([publicKey.length, secretKey.length], [40, 40]);
  } else assert.equal(thrown(zmq.curveKeyPair)?.code, "ENOTSUP");
  assert.equal(zmq.capability.ipc, true);
});

test("ipc goes by path and by a new one", () =>
  withSockets(async (keep) => {
    const pull = keep(new zmq.Pull());
    const push = keep(new zmq.Push());
    await pull.bind("ipc://*");
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assert.equal(String((await pull.receive())[0]), "x");
  }));

test("each class has its number, and is a Socket", () =>
  withSockets((keep) => {
    for (const [name, type] of Object.entries(CLASSES)) {
      const socket = keep(new zmq[name as keyof typeof CLASSES]());
      assert.equal(socket.type, type);
      assert.ok(socket instanceof zmq.Socket);
      assert.equal(socket.securityMechanism, null);
      assert.equal(socket.threadSafe, false);
      assert.equal(socket.lastEndpoint, null);
      assert.equal(socket.closed, false);
    }
  }));

test("Socket is made with the number of a type; without one it is a TypeError", () =>
  withSockets((keep) => {
    // deno-lint-ignore no-explicit-any -- types say that it is abstract
    const Any = zmq.Socket as any;
    assert.throws(() => new Any(), TypeError);
    assert.equal(thrown(() => new Any(99))?.code, "EINVAL");
    assert.equal(keep(new Any(8)).type, 8);
  }));

test("options have to be an object, and a context a Context", () => {
  // deno-lint-ignore no-explicit-any -- what types forbid
  const Any = zmq.Push as any;
  assert.throws(() => new Any(5), TypeError);
  assert.throws(() => new Any(null), TypeError);
  for (const context of [5, {}, undefined]) {
    const error = thrown(() => new Any({ context }));
    assert.ok(error instanceof Error && !(error instanceof TypeError));
    assert.equal(error.code, undefined);
  }
});

test("the caller's options stay as they are", () => {
  const options = { context: new zmq.Context(), linger: 5 };
  new zmq.Push(options).close();
  assert.deepEqual(Object.keys(options), ["context", "linger"]);
});

test("an instance is sealed: an unknown or a read-only option is a TypeError", () =>
  withSockets((keep) => {
    // deno-lint-ignore no-explicit-any -- what types forbid
    const push = keep(new zmq.Push()) as any;
    assert.ok(Object.isSealed(push));
    assert.throws(() => push.sendHighWatermark = 1, TypeError);
    assert.throws(() => push.lastEndpoint = "x", TypeError);
    assert.throws(() => push.closed = true, TypeError);
    assert.throws(() => push.type = 1, TypeError);
    // deno-lint-ignore no-explicit-any -- what types forbid
    assert.throws(() => new (zmq.Push as any)({ foo: 1 }), TypeError);
    // deno-lint-ignore no-explicit-any -- what types forbid
    assert.throws(() => new (zmq.Push as any)({ type: 1 }), TypeError);
  }));

test("options are set in the order of their keys, through the properties of a derived class", () => {
  const order: string[] = [];
  class Own extends zmq.Dealer {
    set first(value: number) {
      order.push(`first ${value}`);
    }
    set second(value: number) {
      order.push(`second ${value}`);
    }
    declare linger: number;
  }
  new Own({ second: 2, first: 1 } as object).close();
  assert.deepEqual(order, ["second 2", "first 1"]);
});

test("a derived class reads and sets options by number", () =>
  withSockets((keep) => {
    class Own extends zmq.Dealer {
      get waits(): number {
        return this.getInt32Option(28);
      }
      set waits(value: number) {
        this.setInt32Option(28, value);
      }
      get reconnectStop(): number {
        return this.getInt32Option(109);
      }
      set reconnectStop(value: number) {
        this.setInt32Option(109, value);
      }
      get named(): string | null {
        return this.getStringOption(5);
      }
      set named(value: string | null) {
        this.setStringOption(5, value);
      }
      numbers(): unknown[] {
        return [
          this.getBoolOption(39),
          this.getUint32Option(57),
          this.getInt64Option(22),
          this.getUint64Option(4),
          this.getStringOption(32),
        ];
      }
      none(): number {
        return this.getInt32Option(9999);
      }
      wrong(): void {
        this.setBoolOption(39, 1 as unknown as boolean);
      }
      immediately(): void {
        this.setBoolOption(39, true);
      }
    }
    const own = keep(new Own({ waits: 7, named: "me" } as object));
    assert.equal(own.sendTimeout, 7);
    assert.equal(own.routingId, "me");
    assert.equal(own.named, "me");
    own.reconnectStop = 1;
    assert.equal(own.reconnectStop, 1);
    assert.deepEqual(own.numbers(), [false, 0, -1, 0, null]);
    own.immediately();
    assert.equal(own.immediate, true);
    assert.equal(thrown(() => own.none())?.code, "EINVAL");
    assert.throws(() => own.wrong(), TypeError);
  }));

test("bind takes an ephemeral port and tells it, also for all interfaces", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push());
    await push.bind("tcp://127.0.0.1:*");
    const first = push.lastEndpoint!;
    assert.match(first, /^tcp:\/\/127\.0\.0\.1:\d+$/);
    await push.bind("tcp://*:*");
    assert.match(push.lastEndpoint!, /^tcp:\/\/0\.0\.0\.0:\d+$/);
    push.connect("tcp://127.0.0.1:9");
    assert.equal(push.lastEndpoint, "tcp://127.0.0.1:9");
    await push.unbind(first);
    assert.equal(push.lastEndpoint, "tcp://127.0.0.1:9");
    push.disconnect("tcp://127.0.0.1:9");
  }));

test("while it binds or unbinds, methods throw EBUSY, options work, and close waits", () =>
  withSockets(async (keep) => {
    const dealer = keep(new zmq.Dealer({ linger: 0 }));
    const receive = dealer.receive();
    const bound = dealer.bind("tcp://127.0.0.1:*");
    for (
      const call of [
        () => dealer.send("x"),
        () => dealer.receive(),
        () => dealer.connect("tcp://127.0.0.1:9"),
        () => dealer.disconnect("tcp://127.0.0.1:9"),
        () => dealer.bind("tcp://127.0.0.1:*"),
        () => dealer.unbind("tcp://127.0.0.1:9"),
        () => dealer.bindSync(inproc()),
      ]
    ) assert.equal(thrown(call)?.code, "EBUSY", String(call));
    assert.equal(dealer.linger, 0);
    await bound;
    assert.equal(await settles(receive), false);
    const unbound = dealer.unbind(dealer.lastEndpoint!);
    assert.equal(thrown(() => dealer.send("x"))?.code, "EBUSY");
    dealer.close();
    assert.equal(dealer.closed, false);
    await unbound;
    assert.equal(dealer.closed, true);
    assert.equal((await rejection(receive)).code, "EAGAIN");
  }));

test("a bind that is under way when the socket is closed still resolves", async () => {
  const push = new zmq.Push();
  const bound = push.bind("tcp://127.0.0.1:*");
  push.close();
  await bound;
  assert.equal(push.closed, true);
});

test("binding one address twice is EADDRINUSE, over tcp and inproc", () =>
  withSockets(async (keep) => {
    for (const address of ["tcp://127.0.0.1:*", inproc()]) {
      const [one, two] = [keep(new zmq.Push()), keep(new zmq.Push())];
      await one.bind(address);
      const error = await rejection(two.bind(one.lastEndpoint!));
      assert.equal(error.code, "EADDRINUSE");
      assert.equal(error.errno, 98);
      assert.equal(error.message, "Address already in use");
      assert.equal(error.address, one.lastEndpoint);
    }
  }));

test("what is wrong with an address rejects from bind and is thrown by connect", () =>
  withSockets(async (keep) => {
    for (
      const [address, code] of [
        ["foo-bar", "EINVAL"],
        ["tcp://127.0.0.1", "EINVAL"],
        ["foo://bar", "EPROTONOSUPPORT"],
        ["udp://127.0.0.1:5", "ENOCOMPATPROTO"],
      ]
    ) {
      const push = keep(new zmq.Push());
      assert.equal((await rejection(push.bind(address))).code, code);
      assert.equal(thrown(() => push.connect(address))?.code, code);
      assert.equal(thrown(() => push.bindSync(address))?.code, code);
    }
    const push = keep(new zmq.Push());
    assert.equal(
      thrown(() => push.connect("tcp://*:5555"))?.code,
      "EINVAL",
    );
  }));

test("an address that can't be looked up throws nothing, and an unbound name may be connected to", () =>
  withSockets((keep) => {
    const push = keep(new zmq.Push({ linger: 0 }));
    push.connect("tcp://no-such-host.invalid:5555");
    push.connect(inproc());
  }));

test("ending an endpoint that there is not is ENOENT", () =>
  withSockets(async (keep) => {
    const push = keep(new zmq.Push());
    const error = await rejection(push.unbind("tcp://127.0.0.1:9"));
    assert.equal(error.code, "ENOENT");
    assert.equal(error.message, "No such endpoint");
    assert.equal(error.address, "tcp://127.0.0.1:9");
    assert.equal(
      thrown(() => push.disconnect("tcp://127.0.0.1:9"))?.code,
      "ENOENT",
    );
    assert.equal(
      thrown(() => push.unbindSync("tcp://127.0.0.1:9"))?.code,
      "ENOENT",
    );
  }));

test("bindSync is done on return over inproc, and throws EADDRINUSE", () =>
  withSockets(async (keep) => {
    const [one, two] = [keep(new zmq.Push()), keep(new zmq.Push())];
    const name = inproc();
    one.bindSync(name);
    assert.equal(one.lastEndpoint, name);
    const error = thrown(() => two.bindSync(name));
    assert.equal(error?.code, "EADDRINUSE");
    const pull = keep(new zmq.Pull());
    pull.connect(name);
    await one.send("x");
    assert.equal(String(await pull.receive()), "x");
    one.unbindSync(name);
    two.bindSync(name);
  }));

test("bindSync listens at a port on return, and throws what is in its way", () =>
  withSockets(async (keep) => {
    const pull = keep(new zmq.Pull());
    pull.bindSync("tcp://127.0.0.1:*");
    const address = pull.lastEndpoint!;
    assert.match(address, /^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/);
    const push = keep(new zmq.Push());
    push.connect(address);
    await push.send("x");
    assert.equal(String(await pull.receive()), "x");

    const third = keep(new zmq.Pull());
    const events: string[] = [];
    third.events.on("bind:error", ({ error }) => events.push(error.code));
    const taken = thrown(() => third.bindSync(address));
    assert.equal(taken?.code, "EADDRINUSE");
    // Nor does it wait for another port to be free.
    pull.bindSync("tcp://127.0.0.1:*");
    pull.unbindSync(pull.lastEndpoint!);
    assert.equal(thrown(() => third.bindSync(address))?.code, "EADDRINUSE");
    const strange = thrown(() => third.bindSync("tcp://192.0.2.1:*"));
    assert.equal(strange?.code, "EADDRNOTAVAIL");
    await until("it is told", () => events.length > 2);
    const codes = ["EADDRINUSE", "EADDRINUSE", "EADDRNOTAVAIL"];
    assert.deepEqual(events, codes);
    third.events.close();

    pull.unbindSync(address);
    third.bindSync(address);
    await until("it listens again", () => third.lastEndpoint === address);
  }));

test("bindSync of a server of CURVE listens on return", () =>
  withSockets(async (keep) => {
    const keys = zmq.curveKeyPair();
    const pull = keep(
      new zmq.Pull({ curveServer: true, curveSecretKey: keys.secretKey }),
    );
    pull.bindSync("tcp://127.0.0.1:*");
    const push = keep(new zmq.Push({ curveServerKey: keys.publicKey }));
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assert.equal(String(await pull.receive()), "x");
  }));

test("bindSync listens at a path on return, and throws what is in its way", () =>
  withSockets(async (keep) => {
    const pull = keep(new zmq.Pull());
    pull.bindSync("ipc://*");
    const push = keep(new zmq.Push());
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assert.equal(String(await pull.receive()), "x");
    const other = keep(new zmq.Pull());
    const lost = thrown(() => other.bindSync("ipc:///no/such/folder/socket"));
    assert.equal(lost?.code, "ENOENT");
  }));

test("bindSync at a name begins to listen, and the socket can be used meanwhile", () =>
  withSockets(async (keep) => {
    const pull = keep(new zmq.Pull({ ipv6: true }));
    pull.bindSync("tcp://localhost:*");
    const receive = pull.receive();
    await until("it listens", () => pull.lastEndpoint !== null);
    const push = keep(new zmq.Push());
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assert.equal(String(await receive), "x");
  }));

test("closing twice is no matter; methods are then EBADF, options and events ENOTSOCK", () => {
  const router = new zmq.Router();
  assert.ok(router.context instanceof zmq.Context);
  router.close();
  router.close();
  assert.equal(router.closed, true);
  assert.equal(router.context, undefined);
  assert.equal(router.readable, false);
  assert.equal(router.writable, false);
  for (
    const call of [
      () => router.send("x"),
      () => router.receive(),
      () => router.bind("tcp://127.0.0.1:*"),
      () => router.unbind("tcp://127.0.0.1:*"),
      () => router.connect("tcp://127.0.0.1:9"),
      () => router.disconnect("tcp://127.0.0.1:9"),
      () => router.bindSync(inproc()),
      () => router.unbindSync(inproc()),
    ]
  ) {
    const error = thrown(call);
    assert.equal(error?.code, "EBADF", String(call));
    assert.equal(error?.message, "Socket is closed");
  }
  for (
    const call of [
      () => router.linger,
      () => router.linger = 5,
      () => router.mandatory = true,
      () => router.type,
      () => router.lastEndpoint,
      () => router.events,
    ]
  ) assert.equal(thrown(call)?.code, "ENOTSOCK", String(call));
});

test("a path that is too long says so as the system does", () => {
  const long = `ipc:///${"x".repeat(200)}`;
  const push = new zmq.Push();
  const error = thrown(() => push.connect(long));
  assert.equal(error?.code, "ENAMETOOLONG");
  assert.equal(error?.message, "File name too long");
  push.close();
});

test("a Router knows a peer by the name that connect was given", () =>
  withSockets(async (keep) => {
    const router = keep(new zmq.Router());
    const dealer = keep(new zmq.Dealer());
    const name = inproc();
    await dealer.bind(name);
    router.connect(name, { routingId: "worker" });
    await router.send(["worker", "job"]);
    assert.equal(String(await dealer.receive()), "job");
    const nameless = keep(new zmq.Dealer());
    const another = inproc();
    await nameless.bind(another);
    // An empty one is none.
    router.connect(another, { routingId: "" });
    const auto = keep(new zmq.Dealer());
    const other = keep(new zmq.Router());
    const more = inproc();
    await other.bind(more);
    auto.connect(more);
    await auto.send("x");
    const [id] = await other.receive();
    assert.deepEqual([id.length, id[0]], [5, 0]);
  }));

test("sockets of the drop-in and of the main entry meet in the default context", async () => {
  const pull = new nought.Pull();
  const name = inproc();
  await pull.bind(name);
  const push = new zmq.Push();
  push.connect(name);
  await push.send("x");
  assert.equal(nought.text((await pull.receive())[0]), "x");
  push.close();
  pull.close();
});

test("a Context is sealed, checks its options, and limits its sockets", () => {
  const context = new zmq.Context({ ioThreads: 2, maxSockets: 1 });
  assert.ok(Object.isSealed(context));
  assert.deepEqual(
    [
      ...[context.ioThreads, context.maxSockets, context.maxSocketsLimit],
      ...[context.maxMessageSize, context.ipv6, context.blocky],
      // deno-lint-ignore no-explicit-any -- there is nothing to read
      ...[(context as any).threadPriority],
    ],
    [2, 1, 65535, 2147483647, false, true, undefined],
  );
  context.threadPriority = 5;
  context.threadSchedulingPolicy = 1;
  // deno-lint-ignore no-explicit-any -- what types forbid
  const any = context as any;
  assert.throws(() => any.foo = 1, TypeError);
  assert.throws(() => any.maxSockets = "x", TypeError);
  assert.throws(() => any.maxSocketsLimit = 5, TypeError);
  for (const none of [0, NaN]) {
    assert.equal(thrown(() => context.maxSockets = none)?.code, "EINVAL");
  }
  context.maxSockets = 100_000;
  assert.equal(context.maxSockets, 100_000);
  context.maxSockets = 1;
  assert.equal(context.maxSockets, 1);
  for (const [given, read] of [[NaN, 0], [-0.5, 0], [2.9, 2]]) {
    context.ioThreads = given;
    assert.ok(Object.is(context.ioThreads, read));
  }
  assert.throws(() => new zmq.Context({ foo: 1 } as object), TypeError);

  const one = new zmq.Push({ context });
  assert.equal(one.context, context);
  const error = thrown(() => new zmq.Push({ context }));
  assert.equal(error?.code, "EMFILE");
  assert.equal(error?.message, "Too many open file descriptors");
  one.close();
  context.blocky = false;
  const two = new zmq.Push({ context });
  assert.equal(two.linger, 0);
  two.close();
});

test("a class derived from Context reads and sets options by number", () => {
  class Mine extends zmq.Context {
    constructor() {
      super({ ioThreads: 2 });
      this.setInt32Option(2, 5);
      this.setBoolOption(70, false);
    }
    get read(): unknown[] {
      return [
        ...[this.getInt32Option(1), this.getInt32Option(70)],
        ...[this.getBoolOption(42), this.getInt32Option(3)],
      ];
    }
    unknown(): number {
      return this.getInt32Option(999);
    }
  }
  const mine = new Mine();
  assert.deepEqual(mine.read, [2, 0, false, 65535]);
  assert.deepEqual([mine.maxSockets, mine.blocky], [5, false]);
  assert.equal(thrown(() => mine.unknown())?.code, "EINVAL");
});
