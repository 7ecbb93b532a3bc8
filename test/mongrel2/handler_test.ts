// Handlers without Mongrel2: sockets of ours stand in for the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Push, Subscriber, text } from "../../mod.ts";
import { ChunkedReply } from "../../src/mongrel2/chunked_reply.ts";
import {
  formatRequest,
  type HandlerOptions,
  MalformedError,
  Mongrel2Handler,
  parseRequest,
} from "../../src/mongrel2/mongrel2.ts";
import { freePorts } from "../support/mongrel2.ts";
import { sleep, within } from "../support/wait.ts";

const request = (connection: string, path = "/") =>
  formatRequest({
    sender: "main",
    connection,
    path,
    headers: { METHOD: "GET", VERSION: "HTTP/1.1" },
  });
const TO = { sender: "main", connection: "7" };

/** Runs with a server's sockets, of which the one for replies is bound by `listen`. */
async function withServer(
  options: Partial<HandlerOptions>,
  run: (
    handler: Mongrel2Handler,
    push: Push,
    listen: (topic?: string) => Promise<Subscriber>,
  ) => Promise<void>,
): Promise<void> {
  await using context = new Context();
  const push = new Push({ context });
  await push.bind("tcp://127.0.0.1:*");
  const [port] = await freePorts(1);
  const replies = `tcp://127.0.0.1:${port}`;
  const requests = push.lastEndpoint!;
  const handler = new Mongrel2Handler({
    ...{ requests, replies, context },
    ...options,
  });
  const open: Subscriber[] = [];
  try {
    await run(handler, push, async (topic = "main") => {
      const subscriber = new Subscriber({ context });
      open.push(subscriber);
      subscriber.subscribe(topic);
      await subscriber.bind(replies);
      return subscriber;
    });
  } finally {
    for (const socket of [handler, push, ...open]) socket.close();
  }
}

test("a reply waits until its server has subscribed", () =>
  withServer({}, async (handler, _push, listen) => {
    let sent = false;
    const reply = handler.reply(TO, "Hello").then(() => sent = true);
    await sleep(50);
    assert.equal(sent, false);
    const server = await listen();
    await within("it is sent", reply);
    assert.deepEqual((await server.receive()).map(text), ["main 1:7, Hello"]);
  }));

test("a server of another id takes no reply, and one that asks for all takes it", () =>
  withServer({ replyTimeout: 300 }, async (handler, _push, listen) => {
    const other = await listen("mainland");
    await assert.rejects(handler.reply(TO, "Hello"), { code: "EHOSTUNREACH" });
    other.subscribe("");
    await assert.rejects(
      handler.reply(TO, 5 as unknown as string),
      /TypeError: A body is text or bytes/,
    );
    await handler.reply(TO, "Hello");
    const [bytes] = await within("it comes", other.receive());
    assert.equal(text(bytes), "main 1:7, Hello");
  }));

test("closing a handler ends its iterations, and the replies that wait", () =>
  withServer({ replyTimeout: -1 }, async (handler, push) => {
    const waits = handler.reply(TO, "Hello");
    const seen: string[] = [];
    const iteration = (async () => {
      for await (const { path } of handler) {
        seen.push(path);
        if (seen.length === 2) handler.close();
      }
    })();
    await push.send(request("1", "/a"));
    await push.send(request("2", "/b"));
    await within("it ends", iteration);
    assert.deepEqual(seen, ["/a", "/b"]);
    await assert.rejects(waits, { code: "EBADF" });
    await assert.rejects(handler.reply(TO, "Hello"), { code: "EBADF" });
    assert.ok(handler.closed);
  }));

test("what is no request is passed over, counted and told of", () => {
  const faults: MalformedError[] = [];
  const onMalformed = (fault: MalformedError) => faults.push(fault);
  return withServer({ onMalformed }, async (handler, push) => {
    await push.send("nonsense");
    await push.send([request("1"), "a second frame"]);
    await push.send(request("2", "/fine"));
    const { path } = await within("it comes", handler.receive());
    assert.equal(path, "/fine");
    assert.equal(handler.malformed, 2);
    assert.ok(faults.every((fault) => fault instanceof MalformedError));
    assert.equal(text(faults[0].bytes), "nonsense");
  });
});

test("no reply is lost while a server is slow", () =>
  withServer({}, async (handler, _push, listen) => {
    const server = await listen();
    const body = new Uint8Array(1000);
    const count = 20_000;
    const sending = (async () => {
      for (let i = 0; i < count; i++) await handler.reply(TO, body);
    })();
    await sleep(100);
    for (let got = 0; got < count; got++) {
      await within("the next one", server.receive());
    }
    await sending;
  }));

test("a handler is given endpoints", async () => {
  assert.throws(
    () => new Mongrel2Handler({ requests: "nowhere", replies: [] }),
    { code: "EINVAL" },
  );
  await withServer({}, async (handler, push, listen) => {
    const server = await listen();
    await push.send(request("1"));
    await handler.replyHttp(await handler.receive(), { body: "x" });
    assert.match(text((await server.receive())[0]), /^main 1:1, HTTP\/1.1 200/);
  });
});

test("an end of a chunked reply that failed can be tried again", async () => {
  const sent: string[] = [];
  let failing = true;
  const say = (what: string) => {
    if (failing) return Promise.reject(new Error("nobody there"));
    sent.push(what);
    return Promise.resolve();
  };
  const asked = parseRequest(request("7"));
  const reply = new ChunkedReply(
    {
      reply: (_to, bytes) =>
        say(typeof bytes === "string" ? bytes : text(bytes)),
      hangUp: () => say("hang up"),
    },
    { ...asked, keepsAlive: false } as typeof asked,
    {},
  );
  await assert.rejects(reply.end(), { message: "nobody there" });
  failing = false;
  await Promise.all([reply.end(), reply.end()]);
  assert.deepEqual(sent, ["0\r\n\r\n", "hang up"]);
  await assert.rejects(reply.write("more"), { code: "EINVAL" });
});

test("a replyTimeout is a number of milliseconds", async () => {
  for (const wrong of [NaN, -2]) {
    assert.throws(
      () =>
        new Mongrel2Handler({
          requests: "inproc://requests",
          replies: "inproc://replies",
          replyTimeout: wrong,
        }),
      { code: "EINVAL" },
    );
  }
  await sleep(0);
});

test("a server that has gone holds up no other, and its replies are for nobody who comes after it", async () => {
  await using context = new Context();
  const open: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(socket: T) => {
    open.push(socket);
    return socket;
  };
  try {
    const server = async (id: string, at: string) => {
      const replies = keep(new Subscriber({ context }));
      replies.subscribe(id);
      await replies.bind(at);
      return replies;
    };
    const push = keep(new Push({ context }));
    await push.bind("tcp://127.0.0.1:*");
    const ports = await freePorts(2);
    const [one, two] = ports.map((port) => `tcp://127.0.0.1:${port}`);
    const first = await server("one", one);
    const second = await server("two", two);
    const handler = keep(
      new Mongrel2Handler({
        requests: push.lastEndpoint!,
        replies: [one, two],
        replyTimeout: 300,
        context,
      }),
    );
    for (const sender of ["one", "two"]) {
      await handler.reply({ sender, connection: "1" }, "hello");
    }
    await first.receive();
    await second.receive();
    await first.closeAsync();
    let refused = 0;
    for (let i = 0; i < 1200 && refused === 0; i++) {
      await handler.reply({ sender: "one", connection: "7" }, "late")
        .catch(({ code }: { code: string }) => {
          assert.equal(code, "EHOSTUNREACH");
          refused++;
        });
    }
    assert.equal(refused, 1);
    await handler.reply({ sender: "two", connection: "1" }, "to the other");
    assert.match(text((await second.receive())[0]), /to the other$/);
    const successor = await server("one", one);
    await handler.reply({ sender: "one", connection: "1" }, "anew");
    assert.match(text((await successor.receive())[0]), /anew$/);
  } finally {
    for (const socket of open) socket.close();
  }
});
