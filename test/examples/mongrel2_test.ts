import assert from "node:assert/strict";
import { test } from "node:test";
import { endpoints, onStage, printed, type Stage } from "../support/guide.ts";
import {
  MONGREL2,
  type Mongrel2Server,
  withMongrel2,
} from "../support/mongrel2.ts";
import { withPeer } from "../support/peer.ts";
import { until, within } from "../support/wait.ts";

/** A test of programs with a server as mongrel2.conf has it. */
function withServer(
  name: string,
  run: (stage: Stage, server: Mongrel2Server) => Promise<void>,
) {
  const options = {
    routes: [{ path: "/" }, { path: "/chat", protocol: "tnetstring" as const }],
    settings: {
      "limits.content_length": 20480,
      "upload.temp_store": "/tmp/upload.XXXXXX",
    },
  };
  test(
    ...withPeer(
      MONGREL2,
      name,
      () =>
        withMongrel2(
          options,
          (server) => onStage((stage) => run(stage, server)),
        ),
    ),
  );
}

const DIRECT = "../mongrel2/";

withServer("the handler says hello, counts and takes uploads", async (
  { start },
  { url, handlers: [{ requests, replies }] },
) => {
  const handler = start(`${DIRECT}handler.ts`, requests, replies);
  await printed(handler, /ready/);
  const said = async (path: string, body?: Uint8Array<ArrayBuffer>) => {
    const method = body === undefined ? "GET" : "POST";
    return await (await fetch(`${url}${path}`, { method, body })).text();
  };
  assert.equal(await said("/hello"), "Hello, 127.0.0.1\n");
  assert.equal(await said("/count"), "1\n2\n3\n");
  assert.equal(await said("/no"), "There is no /no\n");
  assert.match(
    await said("/upload", new Uint8Array(50_000)),
    /^50000 bytes are in \/tmp\/upload\./,
  );
  await printed(handler, /an upload begins/);
});

withServer("two stages: the first finds out who asks, the last replies", async (
  { start },
  { url, handlers: [{ requests, replies }] },
) => {
  const who = start(`${DIRECT}who.ts`, requests, "tcp://127.0.0.1:*");
  const [next] = await endpoints(who);
  const names = ["Xena", "Yuri"];
  for (const name of names) {
    await printed(start(`${DIRECT}work.ts`, next, replies, name), /ready/);
  }
  const ask = async (path: string, token: string) => {
    const headers = { authorization: `Bearer ${token}`, USER: "root" };
    const response = await fetch(`${url}${path}`, { headers });
    return `${response.status} ${await response.text()}`;
  };
  assert.equal(await ask("/tea", "stolen"), "401 Who are you?\n");
  const workers = new Set<string>();
  for (let i = 0; workers.size < names.length; i++) {
    const [token, user] = [["apple", "Anna"], ["banana", "Ben"]][i % 2];
    const answer = await ask(`/tea/${i}`, token);
    const found = /^200 (\w+) has (\S+) for (\w+)\n$/.exec(answer);
    assert.deepEqual(found?.slice(2), [`/tea/${i}`, user]);
    workers.add(found![1]);
  }
});

withServer("what one says in the chat all hear, until they leave", async (
  { start },
  { port, url, handlers: [, { requests, replies }] },
) => {
  const chat = start(`${DIRECT}chat.ts`, requests, replies);
  await printed(chat, /ready/);
  const page = await fetch(`${url}/chat`);
  assert.match(page.headers.get("content-type")!, /^text\/html/);
  assert.match(await page.text(), /new WebSocket/);
  const guests = await Promise.all([1, 2].map(async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    const heard: string[] = [];
    socket.onmessage = ({ data }) => heard.push(data);
    await within(
      "it opens",
      new Promise((resolve) => socket.onopen = resolve),
    );
    return { socket, heard };
  }));
  await printed(chat, /has come/, 2);
  guests[0].socket.send("Grüße");
  for (const { heard } of guests) {
    await until(
      "all hear it",
      () => heard.some((it) => it.endsWith(": Grüße")),
    );
  }
  guests[0].socket.close();
  await until(
    "the other one hears of it",
    () => guests[1].heard.some((it) => it.endsWith("has left")),
  );
  guests[1].socket.close();
  await printed(chat, /has left/, 2);
});
