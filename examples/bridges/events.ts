// Server-sent events: pages listen to a Publisher with the `EventSource` that every
// browser has. `/events?topic=Oslo` is what begins with Oslo, `/events` is all.
//
//     deno run --allow-net --allow-read examples/bridges/events.ts
//     bun examples/bridges/events.ts
//     node examples/bridges/events.ts
//
// It goes with guide/weather/publisher.ts; then open http://127.0.0.1:8080.
//
// There is one connection to the Publisher, and a Subscriber within the process for
// each page. A page that reads slowly fills its own Subscriber's queue, and then
// misses what doesn't fit; nobody waits for it, and it costs no more than that.
//
// Arguments: the port, the endpoint of the Publisher, how many messages may wait.

import { readFile } from "node:fs/promises";
import process from "node:process";
import {
  type Message,
  Proxy,
  Subscriber,
  text,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import { inTime } from "../guide/in_time.ts";
import { serve, status } from "./serve.ts";

const [port = "8080", endpoint = "tcp://127.0.0.1:5556", most = "100"] = process
  .argv.slice(2);
const PAGE = await readFile(new URL("events.html", import.meta.url), "utf8");
const HTML = { "content-type": "text/html; charset=utf-8" };
const STREAM = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
};

const outside = new XSubscriber();
const inside = new XPublisher({ sendHighWaterMark: Number(most) });
outside.connect(endpoint);
await inside.bind("inproc://events");

console.log(await serve(Number(port), { fetch }));
// Subscriptions travel back through it, so only what a page wants comes in.
await new Proxy(outside, inside).run();

function fetch(request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/") return new Response(PAGE, { headers: HTML });
  if (pathname !== "/events") return status(404);
  const topics = searchParams.getAll("topic");
  const stream = events(topics.length > 0 ? topics : [""]);
  return new Response(stream, { headers: STREAM });
}

/** What a page is sent: as fast as it takes it, until it goes. */
function events(topics: string[]): ReadableStream<Uint8Array> {
  const subscriber = new Subscriber({
    receiveHighWaterMark: Number(most),
    receiveTimeout: 15_000,
  });
  subscriber.subscribe(...topics);
  subscriber.connect("inproc://events");
  const utf8 = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(utf8.encode(": welcome\n\n")),
    async pull(controller) {
      const message = await inTime(subscriber.receive());
      if (!subscriber.closed) controller.enqueue(utf8.encode(event(message)));
    },
    cancel: () => subscriber.close(),
  });
}

/** A comment if there is nothing to tell: a page that has gone is noticed by it. */
function event(message: Message | null): string {
  if (message === null) return ": nothing new\n\n";
  return `data: ${JSON.stringify(message.map(text))}\n\n`;
}
