// PLAIN, CURVE and who lets peers in: between sockets of ours, with a ZAP handler of
// ours, and over every transport that has a handshake.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Context,
  curveKeyPair,
  curvePublicKey,
  Dealer,
  type Event,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  z85Decode,
} from "../../mod.ts";
import { bytes, concat, texts } from "../support/bytes.ts";
import { RawPeer } from "../support/raw_peer.ts";
import { frame, greeting } from "../support/zmtp.ts";
import { endpoint, tuned, withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";
import { wiretap } from "../support/wiretap.ts";

type Keep = <S extends Socket>(socket: S) => S;

const SERVER = curveKeyPair();
const CLIENT = curveKeyPair();
const CURVE_SERVER = { curveServer: true, curveSecretKey: SERVER.secretKey };
const CURVE_CLIENT = {
  curveServerKey: SERVER.publicKey,
  curvePublicKey: CLIENT.publicKey,
  curveSecretKey: CLIENT.secretKey,
};
const PLAIN_CLIENT = { plainUsername: "admin", plainPassword: "sécret" };
const OVER = ["tcp", "ipc", "ws"] as const;

function watch(socket: Socket): Event[] {
  const seen: Event[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events) seen.push(event);
  })();
  return seen;
}

function firstError(seen: Event[]): string | null {
  for (const event of seen) {
    if (event.type !== "connect:delay" && "error" in event && event.error) {
      return `${event.type} ${event.error.code}`;
    }
  }
  return null;
}

/** Runs with a context of its own, so that handlers of tests don't meet. */
function withContext(
  run: (keep: Keep, context: Context) => Promise<void>,
): Promise<void> {
  return withSockets(async (keep) => {
    const context = new Context();
    try {
      await run(keep, context);
    } finally {
      context.terminate();
    }
  });
}

for (const transport of OVER) {
  test(`CURVE carries messages of every size both ways over ${transport}`, () =>
    withSockets(async (keep) => {
      const router = keep(new Router(CURVE_SERVER));
      const dealer = keep(new Dealer({ ...CURVE_CLIENT, routingId: "d" }));
      assert.equal(router.securityMechanism, "curve");
      assert.equal(dealer.securityMechanism, "curve");
      await router.bind(endpoint(transport));
      dealer.connect(router.lastEndpoint!);
      const lengths = [0, 1, 63, 64, 255, 256, 4095, 4097, 70_000, 3_000_000];
      for (const length of lengths) {
        const body = new Uint8Array(length).map((_, i) => i * 13 + length);
        dealer.send(["", body, "end"]);
        const [id, empty, got, end] = await router.receive();
        assert.equal(empty.length, 0);
        assert.equal(Buffer.compare(got, body), 0);
        await router.send([id, got, end]);
        assert.equal(Buffer.compare((await dealer.receive())[0], body), 0);
      }
      for (let i = 0; i < 900; i++) dealer.send(`${i}`);
      for (let i = 0; i < 900; i++) {
        assert.deepEqual(texts(await router.receive()), ["d", `${i}`]);
      }
    }));

  test(`CURVE takes a frame of maxMessageSize and no larger one over ${transport}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull({ ...CURVE_SERVER, maxMessageSize: 1000 }));
      const seen = watch(pull);
      await pull.bind(endpoint(transport));
      const push = keep(new Push(CURVE_CLIENT));
      push.connect(pull.lastEndpoint!);
      await push.send(new Uint8Array(1000));
      const [body] = await within("it comes in", pull.receive());
      assert.equal(body.length, 1000);
      await push.send(new Uint8Array(1001));
      await until("it is cut off", () => firstError(seen) !== null);
      assert.equal(firstError(seen), "disconnect EMSGSIZE");
    }));

  test(`what a socket of CURVE has to send when it is closed in its handshake arrives over ${transport}`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull(CURVE_SERVER));
      await pull.bind(endpoint(transport));
      for (const [i, wait] of [0, 0, 0, 1, 2, 3, 5].entries()) {
        const push = keep(new Push(CURVE_CLIENT));
        push.connect(pull.lastEndpoint!);
        for (let n = 0; n < 200; n++) await push.send(`${i}: ${n}`);
        if (wait > 0) await sleep(wait);
        push.close();
        for (let n = 0; n < 200; n++) {
          assert.deepEqual(texts(await pull.receive()), [`${i}: ${n}`]);
        }
      }
    }));

  test(`subscriptions and heartbeats are hidden over ${transport}, and work`, () =>
    withSockets(async (keep) => {
      const beat = { heartbeatInterval: 30, heartbeatTimeout: 400 };
      const publisher = keep(new Publisher({ ...CURVE_SERVER, ...beat }));
      const subscriber = keep(new Subscriber({ ...CURVE_CLIENT, ...beat }));
      const seen = watch(publisher);
      await publisher.bind(endpoint(transport));
      subscriber.subscribe("a");
      subscriber.connect(publisher.lastEndpoint!);
      await tuned(publisher, subscriber, "a");
      await sleep(600);
      assert.equal(seen.some(({ type }) => type === "disconnect"), false);
    }));

  test(`PLAIN asks for a name and a password over ${transport}`, () =>
    withSockets(async (keep) => {
      const asked: unknown[] = [];
      const pull = keep(
        new Pull({
          plainServer: true,
          authenticate: ({ mechanism, username, password }) => {
            asked.push([mechanism, username, password]);
            return password === "sécret" && { userId: "the admin" };
          },
        }),
      );
      const good = keep(new Push(PLAIN_CLIENT));
      const bad = keep(new Push({ ...PLAIN_CLIENT, plainPassword: "x" }));
      const seen = watch(bad);
      await pull.bind(endpoint(transport));
      good.connect(pull.lastEndpoint!);
      await good.send("in");
      const { parts, userId } = await pull.receiveWithMetadata();
      assert.deepEqual(texts(parts), ["in"]);
      assert.equal(userId, "the admin");
      bad.connect(pull.lastEndpoint!);
      await until("it is told", () => firstError(seen) !== null);
      assert.equal(firstError(seen), "handshake:error:auth ERR_ZAP_STATUS_400");
      await until(
        "it gives up",
        () => seen.some(({ type }) => type === "close"),
      );
      assert.deepEqual(asked, [
        ["PLAIN", "admin", "sécret"],
        ["PLAIN", "admin", "x"],
      ]);
    }));
}

for (const how of ["closed", "disconnected"] as const) {
  test(`nothing of what is to be hidden is seen on the wire of a socket that is ${how} in its handshake`, () =>
    withSockets(async (keep) => {
      const pull = keep(new Pull(CURVE_SERVER));
      await pull.bind("tcp://127.0.0.1:*");
      const wire = await wiretap(pull.lastEndpoint!);
      try {
        const push = keep(new Push(CURVE_CLIENT));
        push.connect(wire.address);
        for (let n = 0; n < 100; n++) await push.send(`a secret ${n}`);
        if (how === "closed") push.close();
        else push.disconnect(wire.address);
        for (let n = 0; n < 100; n++) {
          assert.deepEqual(texts(await pull.receive()), [`a secret ${n}`]);
        }
        assert.ok(wire.heard().includes("MESSAGE"));
        assert.ok(!wire.heard().includes("a secret"));
      } finally {
        wire.close();
      }
    }));
}

test("a client that has another key for the server is cut off, and tries again", () =>
  withSockets(async (keep) => {
    const pull = keep(new Pull(CURVE_SERVER));
    const seen = watch(pull);
    await pull.bind("tcp://127.0.0.1:*");
    const push = keep(
      new Push({
        ...CURVE_CLIENT,
        curveServerKey: CLIENT.publicKey,
        reconnectInterval: 10,
      }),
    );
    const tries = watch(push);
    push.connect(pull.lastEndpoint!);
    await until(
      "twice",
      () => tries.filter(({ type }) => type === "connect:retry").length > 1,
    );
    assert.equal(
      firstError(seen),
      "handshake:error:protocol ERR_ZMTP_CRYPTOGRAPHIC",
    );
    assert.equal(pull.stats().peers, 0);
  }));

test("mechanisms that differ don't meet, whichever they are", () =>
  withSockets(async (keep) => {
    const servers = {
      NULL: {},
      PLAIN: { plainServer: true },
      CURVE: CURVE_SERVER,
    };
    const clients = { NULL: {}, PLAIN: PLAIN_CLIENT, CURVE: CURVE_CLIENT };
    for (const [theirs, server] of Object.entries(servers)) {
      for (const [ours, client] of Object.entries(clients)) {
        if (theirs === ours) continue;
        const pull = keep(new Pull({ ...server, authenticate: () => true }));
        const push = keep(new Push({ ...client, reconnectInterval: 20 }));
        const ends = [watch(pull), watch(push)];
        await pull.bind("tcp://127.0.0.1:*");
        push.connect(pull.lastEndpoint!);
        for (const seen of ends) {
          await until("it is told", () => firstError(seen) !== null);
          assert.match(
            firstError(seen)!,
            /protocol ERR_ZMTP_MECHANISM_MISMATCH/,
            `${ours} to ${theirs}`,
          );
        }
        await until("it gives up", () => push.stats().givenUp.length === 1);
        assert.equal(pull.stats().peers, 0);
      }
    }
  }));

test("authenticate sees a client's key and address, and may take its time", () =>
  withSockets(async (keep) => {
    const pull = keep(
      new Pull({
        ...CURVE_SERVER,
        zapDomain: "here",
        authenticate: async (request) => {
          await sleep(30);
          assert.equal(request.mechanism, "CURVE");
          assert.equal(request.address, "127.0.0.1");
          assert.equal(request.domain, "here");
          return request.publicKey === CLIENT.publicKey &&
            { userId: "known", metadata: { "X-Role": "sender" } };
        },
      }),
    );
    await pull.bind("tcp://127.0.0.1:*");
    const known = keep(new Push(CURVE_CLIENT));
    const stranger = keep(new Push({ curveServerKey: SERVER.publicKey }));
    const seen = watch(stranger);
    known.connect(pull.lastEndpoint!);
    stranger.connect(pull.lastEndpoint!);
    for (const word of ["one", "two"]) await known.send(word);
    const { userId, properties } = await pull.receiveWithMetadata();
    assert.equal(userId, "known");
    assert.equal(properties["X-Role"], "sender");
    assert.equal(properties["Socket-Type"], "PUSH");
    await until("the other is told", () => firstError(seen) !== null);
    assert.equal(firstError(seen), "handshake:error:auth ERR_ZAP_STATUS_400");
    assert.equal(pull.stats().peers, 1);
  }));

test("an authenticate that throws refuses with 500; one that never answers, by the handshake's time", () =>
  withSockets(async (keep) => {
    for (
      const [authenticate, code] of [
        [() => {
          throw new Error("no database");
        }, "handshake:error:auth ERR_ZAP_STATUS_500"],
        [
          () => new Promise<boolean>(() => {}),
          "handshake:error:other ETIMEDOUT",
        ],
      ] as const
    ) {
      const pull = keep(
        new Pull({ ...CURVE_SERVER, authenticate, handshakeInterval: 150 }),
      );
      const seen = watch(pull);
      await pull.bind("tcp://127.0.0.1:*");
      const push = keep(new Push(CURVE_CLIENT));
      push.connect(pull.lastEndpoint!);
      await until("it is told", () => firstError(seen) !== null);
      assert.equal(firstError(seen), code);
    }
  }));

test("what authenticate throws, or should have answered, is the cause of the server's event", () =>
  withSockets(async (keep) => {
    const broken = new TypeError("my bug");
    for (
      const [authenticate, cause] of [
        [() => {
          throw broken;
        }, /my bug/],
        [() => Promise.reject(broken), /my bug/],
        [() => undefined, /true, false, or with a userId/],
        [() => ({ userId: 5 }), /userId/],
      ] as const
    ) {
      const pull = keep(
        new Pull({
          plainServer: true,
          authenticate: authenticate as () => boolean,
        }),
      );
      const causes: unknown[] = [];
      pull.events.on("handshake:error:auth", ({ error }) => {
        causes.push(error.cause);
      });
      await pull.bind("tcp://127.0.0.1:*");
      const push = keep(new Push({ plainUsername: "a", plainPassword: "b" }));
      push.connect(pull.lastEndpoint!);
      await until("it is told", () => causes.length > 0);
      assert.match(String(causes[0]), cause);
    }
  }));

test("an authenticate that answers with what is no answer refuses with 500", () =>
  withSockets(async (keep) => {
    const odd: unknown[] = [
      ...[undefined, null, "", 0, NaN, 1, "yes", () => true],
      { userId: 5 },
      { metadata: { a: 5 } },
      { metadata: { "": "a" } },
      { metadata: { ["a".repeat(300)]: "a" } },
    ];
    for (const [i, answer] of odd.entries()) {
      const pull = keep(
        new Pull({ plainServer: true, authenticate: () => answer as boolean }),
      );
      await pull.bind("tcp://127.0.0.1:*");
      const push = keep(new Push(PLAIN_CLIENT));
      const seen = watch(push);
      push.connect(pull.lastEndpoint!);
      await until(
        `${i} is told`,
        () =>
          seen.some(({ type }) =>
            type === "handshake" || type === "disconnect"
          ),
      );
      assert.equal(
        firstError(seen),
        "handshake:error:auth ERR_ZAP_STATUS_500",
        `${i}`,
      );
    }
  }));

test("with NULL, authenticate decides about addresses of those who come", () =>
  withSockets(async (keep) => {
    let allowed = false;
    const pull = keep(new Pull({ authenticate: () => allowed }));
    await pull.bind("tcp://127.0.0.1:*");
    const refused = keep(new Push());
    const seen = watch(refused);
    refused.connect(pull.lastEndpoint!);
    await until("it is told", () => firstError(seen) !== null);
    assert.equal(firstError(seen), "handshake:error:auth ERR_ZAP_STATUS_400");
    allowed = true;
    const push = keep(new Push({ authenticate: () => false }));
    push.connect(pull.lastEndpoint!);
    await push.send("in");
    assert.deepEqual(texts(await pull.receive()), ["in"]);
  }));

// ZAP.

/** Answers as a handler does, each request with what `answer` makes of it. */
async function handler(
  keep: Keep,
  context: Context,
  answer: (request: string[]) => string[],
): Promise<string[][]> {
  const reply = keep(new Reply({ context }));
  await reply.bind("inproc://zeromq.zap.01");
  const requests: string[][] = [];
  (async () => {
    for await (const message of reply) {
      const request = message.map((frame) => String.fromCharCode(...frame));
      requests.push(request);
      await reply.send(answer(request));
    }
  })();
  return requests;
}

const OK = ["1.0", "1", "200", "OK", "joe", ""];

test("a ZAP handler is asked as libzmq asks, and answers for each mechanism", () =>
  withContext(async (keep, context) => {
    const requests = await handler(keep, context, () => OK);
    const cases: [object, object, string[]][] = [
      [{ zapDomain: "dom" }, {}, ["NULL"]],
      [
        { plainServer: true, zapDomain: "dom" },
        { plainUsername: "admin", plainPassword: "secret" },
        ["PLAIN", "admin", "secret"],
      ],
      [
        { ...CURVE_SERVER, zapDomain: "dom" },
        CURVE_CLIENT,
        ["CURVE", String.fromCharCode(...z85Decode(CLIENT.publicKey)!)],
      ],
    ];
    for (const [server, client, credentials] of cases) {
      const router = keep(new Router({ ...server, context, routingId: "me" }));
      await router.bind("tcp://127.0.0.1:*");
      const dealer = keep(new Dealer({ ...client, context }));
      dealer.connect(router.lastEndpoint!);
      await dealer.send("in");
      const { userId } = await router.receiveWithMetadata();
      assert.equal(userId, "joe");
      assert.deepEqual(requests.at(-1), [
        ...["1.0", "1", "dom", "127.0.0.1", "me"],
        ...credentials,
      ]);
    }
    assert.equal(requests.length, 3);
  }));

const FAULTS: Record<string, [reply: string[], event: string]> = {
  "status 300": [
    ["1.0", "1", "300", "", "", ""],
    "handshake:error:auth ERR_ZAP_STATUS_300",
  ],
  "status 400": [
    ["1.0", "1", "400", "", "", ""],
    "handshake:error:auth ERR_ZAP_STATUS_400",
  ],
  "status 500": [
    ["1.0", "1", "500", "", "", ""],
    "handshake:error:auth ERR_ZAP_STATUS_500",
  ],
  "status 201": [
    ["1.0", "1", "201", "", "", ""],
    "handshake:error:protocol ERR_ZAP_INVALID_STATUS_CODE",
  ],
  "another version": [
    ["2.0", "1", "200", "", "", ""],
    "handshake:error:protocol ERR_ZAP_BAD_VERSION",
  ],
  "another id": [
    ["1.0", "2", "200", "", "", ""],
    "handshake:error:protocol ERR_ZAP_BAD_REQUEST_ID",
  ],
  "a frame too few": [
    ["1.0", "1", "200", "", ""],
    "handshake:error:protocol ERR_ZAP_MALFORMED_REPLY",
  ],
  "metadata that are none": [
    ["1.0", "1", "200", "", "", "\x05x"],
    "handshake:error:protocol ERR_ZAP_INVALID_METADATA",
  ],
};

for (const [what, [reply, event]] of Object.entries(FAULTS)) {
  test(`a ZAP handler that answers ${what} keeps the peer out, with each mechanism`, () =>
    withContext(async (keep, context) => {
      await handler(keep, context, () => reply);
      const cases: [object, object][] = [
        [{ zapDomain: "d" }, {}],
        [{ plainServer: true }, PLAIN_CLIENT],
        [CURVE_SERVER, CURVE_CLIENT],
      ];
      for (const [server, client] of cases) {
        const pull = keep(new Pull({ ...server, context }));
        const seen = watch(pull);
        await pull.bind("tcp://127.0.0.1:*");
        const push = keep(
          new Push({ ...client, context, reconnectInterval: 20 }),
        );
        const theirs = watch(push);
        push.connect(pull.lastEndpoint!);
        await until("it is told", () => firstError(seen) !== null);
        assert.equal(firstError(seen), event);
        if (/[45]00/.test(what)) {
          await until("they are told", () => firstError(theirs) !== null);
          assert.equal(firstError(theirs), event);
        }
        assert.equal(pull.stats().peers, 0);
      }
    }));
}

test("without a handler NULL and CURVE are let in, and PLAIN is not", () =>
  withContext(async (keep, context) => {
    const cases: [object, object, boolean][] = [
      [{ zapDomain: "d" }, {}, true],
      [CURVE_SERVER, CURVE_CLIENT, true],
      [{ ...CURVE_SERVER, zapEnforceDomain: true }, CURVE_CLIENT, true],
      [{ plainServer: true }, PLAIN_CLIENT, false],
      [{ zapDomain: "d", zapEnforceDomain: true }, {}, false],
      [
        { ...CURVE_SERVER, zapDomain: "d", zapEnforceDomain: true },
        CURVE_CLIENT,
        false,
      ],
    ];
    for (const [server, client, enters] of cases) {
      const pull = keep(new Pull({ ...server, context }));
      const seen = watch(pull);
      await pull.bind("tcp://127.0.0.1:*");
      const push = keep(new Push({ ...client, context, linger: 0 }));
      push.connect(pull.lastEndpoint!);
      if (enters) {
        await push.send("in");
        assert.deepEqual(texts(await pull.receive()), ["in"]);
      } else {
        await until("it is told", () => firstError(seen) !== null);
        assert.equal(firstError(seen), "handshake:error:other EFAULT");
      }
    }
  }));

test("a handler that goes without an answer keeps its asker out", () =>
  withContext(async (keep, context) => {
    const router = new Router({ context });
    await router.bind("inproc://zeromq.zap.01");
    const pull = keep(new Pull({ ...CURVE_SERVER, context }));
    const seen = watch(pull);
    await pull.bind("tcp://127.0.0.1:*");
    const push = keep(new Push({ ...CURVE_CLIENT, context }));
    push.connect(pull.lastEndpoint!);
    await router.receive();
    await router.closeAsync();
    await until("it is told", () => firstError(seen) !== null);
    assert.equal(firstError(seen), "handshake:error:other EFAULT");
  }));

test("keys are Z85 or bytes, a public one follows from the secret one, and what is none is EINVAL", async () => {
  assert.equal(curvePublicKey(CLIENT.secretKey), CLIENT.publicKey);
  assert.equal(
    curvePublicKey(z85Decode(CLIENT.secretKey)!),
    CLIENT.publicKey,
  );
  // The keys that libzmq's test has.
  assert.equal(
    curvePublicKey("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"),
    "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  );
  const push = new Push();
  push.curveServerKey = z85Decode(SERVER.publicKey) as unknown as string;
  assert.equal(push.curveServerKey, SERVER.publicKey);
  for (const wrong of ["short", "x".repeat(41), "~".repeat(40)]) {
    assert.throws(() => push.curveServerKey = wrong, { code: "EINVAL" });
    assert.throws(() => curvePublicKey(wrong), { code: "EINVAL" });
  }
  assert.throws(() => push.gssapiServer = true, { code: "ENOTSUP" });
  await push.closeAsync();
});

test("a hundred clients of CURVE that come at once are all served", () =>
  withSockets(async (keep) => {
    const reply = keep(new Reply(CURVE_SERVER));
    await reply.bind("tcp://127.0.0.1:*");
    (async () => {
      for await (const message of reply) await reply.send(message);
    })();
    const answers = Array.from({ length: 100 }, async (_, i) => {
      const request = keep(new Request({ curveServerKey: SERVER.publicKey }));
      request.connect(reply.lastEndpoint!);
      await request.send(`${i}`);
      return texts(await request.receive())[0];
    });
    const got = await Promise.all(answers);
    assert.deepEqual(got, got.map((_, i) => `${i}`));
  }));

test("a peer can't say who it is: only who lets it in can", () =>
  withSockets(async (keep) => {
    for (const authenticate of [null, () => ({ userId: "true" })]) {
      const pull = keep(new Pull({ authenticate }));
      await pull.bind("tcp://127.0.0.1:*");
      const peer = await RawPeer.connect(pull.lastEndpoint!, "PUSH");
      const claims =
        `07 "User-Id" 00000004 "root" 07 "user-id" 00000004 "root"`;
      const said = `05 "READY" 0b "Socket-Type" 00000004 "PUSH" ${claims}`;
      peer.write(concat(greeting(), frame(4, bytes(said))));
      await peer.read(64);
      const [, length] = await peer.read(2);
      await peer.read(length);
      peer.write(frame(0, bytes("61")));
      const { userId, properties } = await pull.receiveWithMetadata();
      assert.equal(userId, authenticate === null ? null : "true");
      assert.equal(Object.values(properties).includes("root"), false);
      await peer.close();
    }
  }));
