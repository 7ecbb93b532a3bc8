// Handlers that share the requests of servers, each a process of its own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MONGREL2, Mongrel2Server, withMongrel2 } from "../support/mongrel2.ts";
import { withPeer } from "../support/peer.ts";
import { type Program, script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

/** How long one request may take, the client says. */
const BOUND = 6000;
const NAMES = ["Anna", "Ben", "Cleo"];

/** A request, bounded in time: the words of the answer, or `null` if there is none. */
async function ask(server: Mongrel2Server, path: string) {
  try {
    const signal = AbortSignal.timeout(BOUND);
    const response = await fetch(`${server.url}${path}`, { signal });
    const [by, sender, about] = (await response.text()).split(" ");
    return { by, sender, about };
  } catch {
    return null;
  }
}

/** Runs with handlers of these names, which are all there. */
async function withPool(
  servers: readonly Mongrel2Server[],
  names: readonly string[],
  work: number,
  run: (handlers: Map<string, Program>) => Promise<void>,
): Promise<void> {
  const ends = servers.map(({ handlers }) => handlers[0]);
  const handlers = new Map(names.map((name) => [
    name,
    script("mongrel2/pool_program.ts", [
      name,
      ends.map(({ requests }) => requests).join(),
      ends.map(({ replies }) => replies).join(),
      `${work}`,
    ]),
  ]));
  try {
    for (const handler of handlers.values()) {
      await within("a handler is ready", handler.line());
    }
    for (const server of servers) {
      const seen = new Set<string>();
      const all = async () => {
        while (seen.size < names.length) {
          const answer = await ask(server, "/warm");
          if (answer !== null) seen.add(answer.by);
        }
      };
      await within("all of them answer", all());
    }
    await run(handlers);
  } finally {
    await Promise.all([...handlers.values()].map((one) => one.kill()));
  }
}

/** Asks so many times, so many at once; `each` hears of the answers. */
async function askMany(
  count: number,
  atOnce: number,
  one: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < count) await one(next++);
  }));
}

/** How many each has answered. */
function sharesOf(answers: readonly ({ by: string } | null)[]) {
  const shares: Record<string, number> = {};
  for (const answer of answers) {
    const by = answer?.by ?? "nobody";
    shares[by] = (shares[by] ?? 0) + 1;
  }
  return shares;
}

async function counted(handler: Program): Promise<number> {
  handler.tell("count");
  return Number(await within("it counts", handler.line()));
}

test(
  ...withPeer(
    MONGREL2,
    "three handlers get a third of the requests each",
    () =>
      withMongrel2(
        {},
        (server) =>
          withPool([server], NAMES, 0, async (handlers) => {
            const answers: Awaited<ReturnType<typeof ask>>[] = [];
            await askMany(300, 12, async (i) => {
              answers.push(await ask(server, `/count/${i}`));
            });
            const shares = sharesOf(answers);
            console.log("shares of 300:", JSON.stringify(shares));
            assert.deepEqual(Object.keys(shares).sort(), NAMES);
            for (const [name, handler] of handlers) {
              assert.equal(await counted(handler), shares[name]);
              // The server deals them in turn.
              assert.ok(shares[name] >= 90, `${name} has ${shares[name]}`);
            }
          }),
      ),
  ),
);

test(
  ...withPeer(
    MONGREL2,
    "one of three is killed amid 2,000 requests, and the others answer all they hold",
    () =>
      withMongrel2(
        {},
        (server) =>
          withPool([server], NAMES, 2, async (handlers) => {
            const atOnce = 24;
            const answers: Awaited<ReturnType<typeof ask>>[] = [];
            let killed: Promise<void> | null = null;
            await askMany(2000, atOnce, async (i) => {
              const answer = await ask(server, `/count/${i}`);
              if (answer !== null) assert.equal(answer.about, `/count/${i}`);
              answers.push(answer);
              if (answers.length >= 700) {
                killed ??= handlers.get("Ben")!.kill("SIGKILL");
              }
            });
            await killed;
            const shares = sharesOf(answers);
            console.log("shares of 2,000, Ben killed:", JSON.stringify(shares));
            const { Anna, Ben, Cleo, nobody = 0 } = shares;
            assert.equal(Anna + Ben + Cleo + nobody, 2000);
            // What one had in hand is lost, and no more than was on its way.
            assert.ok(nobody <= 2 * atOnce, `${nobody} were lost`);
            assert.equal(await counted(handlers.get("Anna")!), Anna);
            assert.equal(await counted(handlers.get("Cleo")!), Cleo);
            assert.ok(Ben < 400 && Anna > 700 && Cleo > 700);
          }),
      ),
  ),
);

test(
  ...withPeer(
    MONGREL2,
    "two servers share a pool, and each gets the replies to what it asked",
    async () => {
      const servers = await Promise.all([
        Mongrel2Server.start({ id: "north" }),
        Mongrel2Server.start({ id: "south" }),
      ]);
      try {
        await withPool(servers, ["Anna", "Ben"], 0, async (handlers) => {
          const answers: Awaited<ReturnType<typeof ask>>[] = [];
          // Both count their connections from 1, so ids alone would confuse them.
          await askMany(400, 16, async (i) => {
            const at = i % 2;
            const answer = await ask(servers[at], `/count/${i}`);
            assert.equal(answer?.sender, ["north", "south"][at]);
            assert.equal(answer?.about, `/count/${i}`);
            answers.push(answer);
          });
          const shares = sharesOf(answers);
          console.log("shares of two servers:", JSON.stringify(shares));
          for (const [name, handler] of handlers) {
            assert.equal(await counted(handler), shares[name]);
            assert.ok(shares[name] >= 100, `${name} has ${shares[name]}`);
          }
          // When one server has gone, the other is served on.
          await servers[0].kill();
          const alone = await Promise.all(
            Array.from(
              { length: 20 },
              (_, i) => ask(servers[1], `/count/${i}`),
            ),
          );
          for (const answer of alone) assert.equal(answer?.sender, "south");
        });
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
    },
  ),
);
