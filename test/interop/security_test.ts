// PLAIN and CURVE against the real libzmq, in both roles, each case of letting in and
// of refusing, with a ZAP handler on either side.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Context,
  curveKeyPair,
  Dealer,
  type Event,
  Publisher,
  Pull,
  Push,
  Router,
  type Socket,
  Subscriber,
  z85Decode,
} from "../../mod.ts";
import { hex } from "../support/bytes.ts";
import {
  builtWithLibzmq,
  frameOf,
  pattern,
  type PeerMember,
  type PeerProgram,
  withPeer,
  withProgram,
  withZeromqJs,
} from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until } from "../support/wait.ts";

const LIBZMQ = builtWithLibzmq(new URL("libzmq_peer.c", import.meta.url));
const ZEROMQ_JS = withZeromqJs(new URL("zeromqjs_peer.mjs", import.meta.url));

// libzmq's numbers of options.
const PLAIN_SERVER = 44;
const PLAIN_USERNAME = 45;
const PLAIN_PASSWORD = 46;
const CURVE_SERVER = 47;
const CURVE_PUBLICKEY = 48;
const CURVE_SECRETKEY = 49;
const CURVE_SERVERKEY = 50;
const HEARTBEAT_IVL = 75;

const ours = curveKeyPair();
const theirs = curveKeyPair();
const raw = (key: string) => hex(z85Decode(key)!);
const word = (text: string) => hex(new TextEncoder().encode(text));
const BODIES = [0, 1, 254, 256, 5000, 70_000, 1_000_000].map(pattern);

type Keep = <S extends Socket>(socket: S) => S;

function firstError(socket: Socket): () => string | null {
  const seen: Event[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events) seen.push(event);
  })();
  return () => {
    for (const event of seen) {
      if ("error" in event && event.error !== undefined) {
        return `${event.type} ${event.error.code}`;
      }
    }
    return null;
  };
}

/** Both ways, every size, and a lot of small ones. */
async function converse(router: Router, dealer: PeerMember): Promise<void> {
  for (const body of BODIES) {
    await dealer.send(frameOf(body), "-");
    const [id, got, empty] = await router.receive();
    assert.equal(frameOf(got), frameOf(body));
    assert.equal(empty.length, 0);
    await router.send([id, got, empty]);
    assert.deepEqual(await dealer.receive(), [frameOf(body), "-"]);
  }
}

async function converseAsClient(
  dealer: Dealer,
  router: PeerMember,
): Promise<void> {
  for (const body of BODIES) {
    await dealer.send([body, ""]);
    const [id, ...got] = await router.receive();
    assert.deepEqual(got, [frameOf(body), "-"]);
    await router.send(id, ...got);
    assert.equal(frameOf((await dealer.receive())[0]), frameOf(body));
  }
}

/** Their ZAP handler: answers one request, and gives it. */
async function answer(zap: PeerMember, status: string): Promise<string[]> {
  const request = await zap.receive();
  await zap.send(
    word("1.0"),
    request[1],
    word(status),
    word("why"),
    word("joe"),
    "-",
  );
  return request;
}

async function handler(program: PeerProgram): Promise<PeerMember> {
  const zap = await program.open("rep");
  await zap.bind("inproc://zeromq.zap.01");
  return zap;
}

for (const peer of [LIBZMQ, ZEROMQ_JS]) {
  for (const side of ["bind", "connect"] as const) {
    const scheme = peer === ZEROMQ_JS ? ["tcp", "ws"] : ["tcp", "ipc"];
    for (const transport of scheme) {
      const free = transport === "ipc"
        ? "ipc://*"
        : `${transport}://127.0.0.1:*`;

      const meet = async (socket: Socket, member: PeerMember) => {
        if (side === "bind") socket.connect(await member.bind(free));
        else {
          await socket.bind(free);
          await member.connect(socket.lastEndpoint!);
        }
      };
      const trial = (
        name: string,
        run: (program: PeerProgram, keep: Keep) => Promise<void>,
      ) =>
        test(
          ...withPeer(
            peer,
            `${name} over ${transport}, they ${side}`,
            () =>
              withProgram(peer, (program) =>
                withSockets((keep) => run(program, keep))),
          ),
        );

      trial("CURVE, we are the server", async (program, keep) => {
        const router = keep(
          new Router({
            curveServer: true,
            curveSecretKey: ours.secretKey,
            authenticate: ({ publicKey }) => publicKey === theirs.publicKey,
          }),
        );
        const dealer = await program.open("dealer", {
          [CURVE_PUBLICKEY]: raw(theirs.publicKey),
          [CURVE_SECRETKEY]: raw(theirs.secretKey),
          [CURVE_SERVERKEY]: raw(ours.publicKey),
        });
        await meet(router, dealer);
        await converse(router, dealer);
      });

      trial("CURVE, they are the server", async (program, keep) => {
        const router = await program.open("router", {
          [CURVE_SERVER]: 1,
          [CURVE_SECRETKEY]: raw(theirs.secretKey),
        });
        const dealer = keep(
          new Dealer({
            curveServerKey: theirs.publicKey,
            curvePublicKey: ours.publicKey,
            curveSecretKey: ours.secretKey,
          }),
        );
        await meet(dealer, router);
        await converseAsClient(dealer, router);
      });

      trial(
        "CURVE, heartbeats of both keep us together",
        async (program, keep) => {
          const router = keep(
            new Router({
              curveServer: true,
              curveSecretKey: ours.secretKey,
              heartbeatInterval: 50,
              heartbeatTimeout: 500,
            }),
          );
          const parted: string[] = [];
          router.events.on("disconnect", ({ error }) => {
            parted.push(`${error?.code}`);
          });
          const dealer = await program.open("dealer", {
            [CURVE_PUBLICKEY]: raw(theirs.publicKey),
            [CURVE_SECRETKEY]: raw(theirs.secretKey),
            [CURVE_SERVERKEY]: raw(ours.publicKey),
            [HEARTBEAT_IVL]: 50,
          });
          await meet(router, dealer);
          await dealer.send("61");
          await router.receive();
          await sleep(700);
          await dealer.send("62");
          await router.receive();
          assert.deepEqual(parted, []);
        },
      );

      trial("PLAIN, we are the server", async (program, keep) => {
        const router = keep(
          new Router({
            plainServer: true,
            authenticate: ({ username, password }) =>
              username === "admin" && password === "secret",
          }),
        );
        const dealer = await program.open("dealer", {
          [PLAIN_USERNAME]: word("admin"),
          [PLAIN_PASSWORD]: word("secret"),
        });
        await meet(router, dealer);
        await converse(router, dealer);
      });

      trial("PLAIN, they are the server", async (program, keep) => {
        const zap = await handler(program);
        const router = await program.open("router", { [PLAIN_SERVER]: 1 });
        const dealer = keep(
          new Dealer({ plainUsername: "admin", plainPassword: "secret" }),
        );
        await meet(dealer, router);
        const request = await answer(zap, "200");
        assert.deepEqual(
          request.slice(-3),
          ["PLAIN", "admin", "secret"].map(word),
        );
        await converseAsClient(dealer, router);
      });
    }
  }

  const refusals = (
    name: string,
    run: (program: PeerProgram, keep: Keep) => Promise<void>,
  ) =>
    test(
      ...withPeer(peer, name, () =>
        withProgram(peer, (program) =>
          withSockets((keep) =>
            run(program, keep)
          ))),
    );

  for (const status of ["400", "500"]) {
    refusals(
      `their handler refuses our clients with ${status}`,
      async (program, keep) => {
        const zap = await handler(program);
        const servers: [Record<number, number | string>, object][] = [
          [{ [PLAIN_SERVER]: 1 }, { plainUsername: "a", plainPassword: "b" }],
          [
            { [CURVE_SERVER]: 1, [CURVE_SECRETKEY]: raw(theirs.secretKey) },
            { curveServerKey: theirs.publicKey },
          ],
        ];
        for (const [options, client] of servers) {
          const pull = await program.open("pull", options);
          const push = keep(new Push(client));
          const error = firstError(push);
          push.connect(await pull.bind());
          await answer(zap, status);
          await until("it is told", () => error() !== null);
          assert.equal(
            error(),
            `handshake:error:auth ERR_ZAP_STATUS_${status}`,
          );
        }
      },
    );
  }

  refusals(
    "our server refuses their clients, and they are not let in",
    async (program, keep) => {
      const cases: [object, Record<number, number | string>][] = [
        [{ plainServer: true }, {
          [PLAIN_USERNAME]: word("a"),
          [PLAIN_PASSWORD]: word("b"),
        }],
        [{ curveServer: true, curveSecretKey: ours.secretKey }, {
          [CURVE_PUBLICKEY]: raw(theirs.publicKey),
          [CURVE_SECRETKEY]: raw(theirs.secretKey),
          [CURVE_SERVERKEY]: raw(ours.publicKey),
        }],
      ];
      for (const [server, client] of cases) {
        const pull = keep(new Pull({ ...server, authenticate: () => false }));
        const error = firstError(pull);
        await pull.bind("tcp://127.0.0.1:*");
        const push = await program.open("push", client);
        await push.connect(pull.lastEndpoint!);
        await until("it is told", () => error() !== null);
        assert.equal(error(), "handshake:error:auth ERR_ZAP_STATUS_400");
        assert.equal(pull.stats().peers, 0);
      }
    },
  );

  refusals(
    "a client with a wrong key of the server is not let in, whoever serves",
    async (program, keep) => {
      const pull = keep(
        new Pull({ curveServer: true, curveSecretKey: ours.secretKey }),
      );
      const error = firstError(pull);
      await pull.bind("tcp://127.0.0.1:*");
      const push = await program.open("push", {
        [CURVE_PUBLICKEY]: raw(theirs.publicKey),
        [CURVE_SECRETKEY]: raw(theirs.secretKey),
        [CURVE_SERVERKEY]: raw(theirs.publicKey),
      });
      await push.connect(pull.lastEndpoint!);
      await until("it is told", () => error() !== null);
      assert.equal(error(), "handshake:error:protocol ERR_ZMTP_CRYPTOGRAPHIC");
      const served = await program.open("pull", {
        [CURVE_SERVER]: 1,
        [CURVE_SECRETKEY]: raw(theirs.secretKey),
      });
      const ourPush = keep(
        new Push({ curveServerKey: ours.publicKey, reconnectInterval: 20 }),
      );
      const refused = firstError(ourPush);
      ourPush.connect(await served.bind());
      await until("it is cut off", () => refused() !== null);
      assert.equal(refused(), "handshake:error:other EPIPE");
    },
  );

  refusals("mechanisms that differ don't meet", async (program, keep) => {
    const pull = await program.open("pull", {
      [CURVE_SERVER]: 1,
      [CURVE_SECRETKEY]: raw(theirs.secretKey),
    });
    const address = await pull.bind();
    for (const options of [{}, { plainUsername: "a", plainPassword: "b" }]) {
      const push = keep(new Push(options));
      const error = firstError(push);
      push.connect(address);
      await until("it is told", () => error() !== null);
      // They may hang up before they have said which mechanism is theirs.
      assert.match(
        error()!,
        /protocol ERR_ZMTP_MECHANISM_MISMATCH|other EPIPE|other ECONNRESET/,
      );
    }
  });

  refusals(
    "subscriptions and messages of PUB and SUB are hidden both ways",
    async (program, keep) => {
      const publisher = keep(
        new Publisher({ curveServer: true, curveSecretKey: ours.secretKey }),
      );
      await publisher.bind("tcp://127.0.0.1:*");
      const sub = await program.open("sub", {
        [CURVE_PUBLICKEY]: raw(theirs.publicKey),
        [CURVE_SECRETKEY]: raw(theirs.secretKey),
        [CURVE_SERVERKEY]: raw(ours.publicKey),
      });
      await sub.subscribe("61");
      await sub.connect(publisher.lastEndpoint!);
      while (await sub.idle(5)) {
        await publisher.send("b");
        await publisher.send("ab");
      }
      assert.deepEqual(await sub.receive(), ["6162"]);
      const pub = await program.open("pub", {
        [CURVE_SERVER]: 1,
        [CURVE_SECRETKEY]: raw(theirs.secretKey),
      });
      const subscriber = keep(
        new Subscriber({ curveServerKey: theirs.publicKey }),
      );
      subscriber.subscribe("a");
      subscriber.connect(await pub.bind());
      let got: Uint8Array[] | null = null;
      const hearing = subscriber.receive().then((one) => got = one);
      while (got === null) {
        await pub.send("62");
        await pub.send("6162");
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.deepEqual((await hearing).map(frameOf), ["6162"]);
    },
  );

  refusals(
    "their client is let in by a ZAP handler of ours",
    async (program) => {
      const context = new Context();
      try {
        const zap = new Router({ context });
        await zap.bind("inproc://zeromq.zap.01");
        const pull = new Pull({
          context,
          curveServer: true,
          curveSecretKey: ours.secretKey,
          zapDomain: "global",
        });
        await pull.bind("tcp://127.0.0.1:*");
        const push = await program.open("push", {
          [CURVE_PUBLICKEY]: raw(theirs.publicKey),
          [CURVE_SECRETKEY]: raw(theirs.secretKey),
          [CURVE_SERVERKEY]: raw(ours.publicKey),
        });
        await push.connect(pull.lastEndpoint!);
        const [id, empty, version, number, , , , , key] = await zap.receive();
        assert.equal(hex(key), raw(theirs.publicKey));
        await zap.send([id, empty, version, number, "200", "OK", "joe", ""]);
        await push.send("61");
        assert.equal((await pull.receiveWithMetadata()).userId, "joe");
      } finally {
        await context.terminate();
      }
    },
  );
}
