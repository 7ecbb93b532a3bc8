// The bridges between ZeroMQ and the web, each a process, as programs and as pages see them.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import {
  Publisher,
  Pull,
  Reply,
  Request,
  Subscriber,
  text,
} from "../../mod.ts";
import { texts } from "../support/bytes.ts";
import { CHROMIUM, withPages } from "../support/browsers.ts";
import { endpoints, LONG, onStage, type Stage } from "../support/guide.ts";
import { withPeer } from "../support/peer.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until, within } from "../support/wait.ts";

const ANY = "tcp://127.0.0.1:*";

function onBridges(play: (stage: Stage) => Promise<void>): Promise<void> {
  const permissions = ["--allow-net", "--allow-read"];
  return onStage(play, { where: "bridges", permissions });
}

function post(url: string, body: string): Promise<Response> {
  return fetch(url, { method: "POST", body });
}

/** Begins a question, and goes away in the middle of it. */
async function breakOff(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const half = `POST /ask HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`;
  await new Promise<void>((resolve) => socket.write(half, () => resolve()));
  socket.destroy();
}

/** A page's plain WebSocket, as a program has it. */
class Chatter {
  readonly heard: unknown[] = [];
  readonly #socket: WebSocket;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<unknown>;

  constructor(url: string) {
    this.#socket = new WebSocket(url.replace("http", "ws"));
    this.opened = new Promise((resolve) => this.#socket.onopen = resolve);
    this.closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#socket.onmessage = ({ data }) => this.heard.push(JSON.parse(data));
  }

  say(name: string, words: string): void {
    this.sayRaw(JSON.stringify({ name, words }));
  }

  sayRaw(message: string): void {
    this.#socket.send(message);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Lines of server-sent events, as they come. */
async function* eventsOf(response: Response): AsyncGenerator<string[]> {
  let text = "";
  const utf8 = new TextDecoder();
  for await (const bytes of response.body!) {
    text += utf8.decode(bytes, { stream: true });
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) {
      if (event.startsWith("data: ")) yield JSON.parse(event.slice(6));
    }
  }
}

test("HTTP in: many questions are answered at once, each with its own answer", () =>
  onBridges(({ start }) =>
    withSockets(async (keep) => {
      const replies = [keep(new Reply()), keep(new Reply())];
      for (const reply of replies) await reply.bind(ANY);
      const [endpoint] = replies.map((reply) => reply.lastEndpoint!);
      const [url] = await endpoints(start("http_in.ts", 0, endpoint, ANY));
      (async () => {
        for await (const [question] of replies[0]) {
          await replies[0].send(["re: ", question]);
        }
      })();
      const bodies = Array.from({ length: 20 }, (_, i) => `grün ${i}`);
      const answers = await Promise.all(bodies.map(async (body) => {
        const response = await post(`${url}/ask`, body);
        assert.equal(response.status, 200);
        return await response.text();
      }));
      assert.deepEqual(answers, bodies.map((body) => `re: ${body}`));
      assert.equal((await fetch(`${url}/ask`)).status, 405);
      await breakOff(url);
      assert.equal((await post(`${url}/other`, "")).status, 404);
    })
  ));

test("HTTP in: 504 when the answer doesn't come in time, 503 when too many wait", () =>
  onBridges(({ start }) =>
    withSockets(async (keep) => {
      const reply = keep(new Reply());
      await reply.bind(ANY);
      const [url, sink] = await endpoints(
        start("http_in.ts", 0, reply.lastEndpoint!, ANY, 3000, 3),
      );
      const codes = await Promise.all(
        Array.from({ length: 4 }, async (_, i) => {
          const response = await post(`${url}/ask`, `${i}`);
          await response.text();
          return response.status;
        }),
      );
      assert.deepEqual(codes.sort(), [503, 504, 504, 504]);
      // What comes late is not taken for the answer to another question.
      for (let i = 0; i < 3; i++) {
        await reply.receive();
        await reply.send("too late");
      }
      const asking = post(`${url}/ask`, "now");
      assert.deepEqual(texts(await reply.receive()), ["now"]);
      await reply.send("in time");
      assert.equal(await (await asking).text(), "in time");

      const tell = async (what: string) => {
        const response = await post(`${url}/tell`, what);
        await response.text();
        return response.status;
      };
      assert.equal(await tell("nobody listens"), 503);
      const pull = keep(new Pull());
      pull.connect(sink);
      let status = 503;
      while (status === 503) status = await tell("somebody listens");
      assert.equal(status, 202);
      assert.deepEqual(texts(await pull.receive()), ["somebody listens"]);
    })
  ));

test("HTTP out: a Request gets what an HTTP server answers, and a status when it doesn't", () =>
  onBridges(({ start }) =>
    withSockets(async (keep) => {
      const reply = keep(new Reply());
      await reply.bind(ANY);
      const [url] = await endpoints(
        start("http_in.ts", 0, reply.lastEndpoint!, ANY, LONG),
      );
      const [out] = await endpoints(start("http_out.ts", ANY, url, 3000));
      const [nowhere] = await endpoints(
        start("http_out.ts", ANY, "http://127.0.0.1:1"),
      );
      const request = keep(new Request());
      request.connect(out);
      // Out by HTTP, and back in by the bridge of the other direction.
      const asking = request.request(["/ask", "Hello"]);
      assert.deepEqual(texts(await reply.receive()), ["Hello"]);
      await reply.send("World");
      assert.deepEqual(texts(await asking), ["200", "World"]);
      const status = async (...message: string[]) =>
        text((await request.request(message))[0]);
      assert.equal(await status("/missing"), "404");
      assert.equal(await status("/ask", "not answered"), "504");
      const elsewhere = keep(new Request());
      elsewhere.connect(nowhere);
      assert.equal(text((await elsewhere.request("/"))[0]), "502");
    })
  ));

test("events: a page gets the topics that it asked for, and nothing is asked for when it has gone", () =>
  onBridges(({ start }) =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      await publisher.bind(ANY);
      const [url] = await endpoints(
        start("events.ts", 0, publisher.lastEndpoint!),
      );
      const abort = new AbortController();
      const response = await fetch(`${url}/events?topic=Oslo&topic=Lima`, {
        signal: abort.signal,
      });
      assert.equal(response.headers.get("content-type"), "text/event-stream");
      await until("it asks", () => publisher.topicsCount === 2, LONG);
      for (const city of ["Perth", "Lima", "Quito", "Oslo\n\n"]) {
        await publisher.send([city, 20]);
      }
      const events = eventsOf(response);
      assert.deepEqual((await events.next()).value, ["Lima", "20"]);
      assert.deepEqual((await events.next()).value, ["Oslo\n\n", "20"]);
      abort.abort();
      await until("nothing is asked for", () => publisher.topicsCount === 0);
    })
  ));

test("events: a page that doesn't read misses messages, and another gets them all", () =>
  onBridges(({ start }) =>
    withSockets(async (keep) => {
      const publisher = keep(new Publisher());
      await publisher.bind(ANY);
      const [url] = await endpoints(
        start("events.ts", 0, publisher.lastEndpoint!, 20),
      );
      const abort = new AbortController();
      const { signal } = abort;
      const slow = await fetch(`${url}/events?topic=a`, { signal });
      const quick = await fetch(`${url}/events?topic=ab`, { signal });
      await until("both ask", () => publisher.topicsCount === 2, LONG);
      const events = eventsOf(quick);
      const COUNT = 1000;
      const body = "x".repeat(100_000);
      for (let i = 0; i < COUNT; i++) {
        await publisher.send(["ab", i, body]);
        assert.equal((await events.next()).value[1], `${i}`);
      }
      let sending = true;
      const going = (async () => {
        while (sending) {
          await publisher.send(["a", "end"]);
          await sleep(20);
        }
      })();
      let got = 0;
      let last = -1;
      for await (const [topic, number] of eventsOf(slow)) {
        if (topic === "a") break;
        assert.ok(Number(number) > last, "in order");
        last = Number(number);
        got++;
      }
      sending = false;
      await going;
      assert.ok(got < COUNT, `it got ${got} of ${COUNT}`);
      abort.abort();
    })
  ));

test("chat: pages of two processes are in one room", () =>
  onBridges(async ({ start }) => {
    const room = await endpoints(start("room.ts", ANY, ANY));
    const [here, there] = await Promise.all([1, 2].map(async () => {
      const [url] = await endpoints(start("chat.ts", 0, ...room));
      return url;
    }));
    const [anna, ben, cleo] = [here, there, there].map((url) =>
      new Chatter(url)
    );
    const all = [anna, ben, cleo];
    for (const one of all) await within("it is open", one.opened, LONG);
    // The bridges' subscriptions may still be on their way.
    const heard = (words: string) => (one: Chatter) =>
      one.heard.some((said) => (said as { words: string }).words === words);
    while (!all.every(heard("is it on?"))) {
      anna.say("Anna", "is it on?");
      await sleep(20);
    }
    const long = "grün 🙂 ".repeat(100);
    ben.say("Ben", long);
    for (const one of all) {
      await until("it hears Ben", () => heard(long)(one));
      assert.deepEqual(one.heard.at(-1), { name: "Ben", words: long });
    }
    cleo.sayRaw("{not ours");
    await within("it is let go", cleo.closed);
    anna.say("Anna", "who is left?");
    await until("Ben hears", () => heard("who is left?")(ben));
    for (const one of [anna, ben]) {
      one.close();
      await within("it ends", one.closed);
    }
  }));

test("ticker: a program subscribes at the port of the page", () =>
  onBridges(({ start }) =>
    withSockets(async (keep) => {
      const [url] = await endpoints(start("ticker.ts", 0));
      const subscriber = keep(new Subscriber());
      subscriber.subscribe("ZMQ");
      subscriber.connect(url.replace("http", "ws"));
      for (let i = 0; i < 3; i++) {
        const [symbol, price] = texts(await subscriber.receive());
        assert.equal(symbol, "ZMQ");
        assert.match(price, /^\d+\.\d\d$/);
      }
      const source = await fetch(`${url}/examples/bridges/ticker_page.ts`);
      assert.equal(source.status, 200);
      assert.doesNotMatch(await source.text(), /interface/);
      for (const path of ["README.md", "src/..%2fREADME.md", "src/none.ts"]) {
        assert.equal((await fetch(`${url}/${path}`)).status, 404);
      }
    })
  ));

test(
  ...withPeer(
    CHROMIUM,
    "the chat page, the ticker page and the weather page work in Chromium",
    () =>
      onBridges(async ({ start }) => {
        const room = await endpoints(start("room.ts", ANY, ANY));
        const weather = start("../guide/weather/publisher.ts", ANY);
        const [source] = await endpoints(weather);
        const programs = [
          start("chat.ts", 0, ...room),
          start("chat.ts", 0, ...room),
          start("ticker.ts", 0),
          start("events.ts", 0, source),
        ];
        const [here, there, ticker, events] = (await Promise.all(
          programs.map(endpoints),
        )).map(([url]) => url);
        await withPages([
          here,
          there,
          `${ticker}/?symbol=NOU`,
          `${events}/?topic=Oslo`,
        ], async (anna, ben, prices, cities) => {
          const say = (name: string, words: string) =>
            `{
            const form = document.querySelector("form");
            form.name.value = ${JSON.stringify(name)};
            form.words.value = ${JSON.stringify(words)};
            form.querySelector("button").click();
          }`;
          const shown = 'document.querySelector("#said")?.innerText ?? ""';
          for (const page of [anna, ben]) {
            await page.until('document.forms[0]?.dataset.open === "yes"');
          }
          while (!`${await ben.evaluate(shown)}`.includes("Anna: <b>Hi</b>")) {
            await anna.evaluate(say("Anna", "<b>Hi</b>"));
            await sleep(50);
          }
          await ben.evaluate(say("Ben", "Good morning"));
          await anna.until(`(${shown}).includes("Ben: Good morning")`);

          const table = 'document.querySelector("#prices").innerText';
          await prices.until(`/^NOU\\s+\\d+\\.\\d\\d$/.test(${table}.trim())`);
          const first = await prices.evaluate(table);
          await prices.until(`${table} !== ${JSON.stringify(first)}`);

          const list = 'document.querySelector("#cities").innerText';
          await cities.until(`/^Oslo\\s+-?\\d+ °C$/.test(${list}.trim())`);
        });
      }),
  ),
);
