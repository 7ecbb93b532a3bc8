// A chat on plain WebSockets: pages speak JSON, which any browser and any program
// can, and know nothing of ZeroMQ. What they say goes to the room (room.ts); start
// this program twice, and the pages of both are in one room.
//
//     deno run --allow-net --allow-read examples/bridges/chat.ts
//     bun examples/bridges/chat.ts
//     node examples/bridges/chat.ts
//
// Then open http://127.0.0.1:8080, in two windows. On Node, which has no server for
// WebSockets, text_socket.ts is one.
//
// Arguments: the port, the endpoints that the room printed.

import { readFile } from "node:fs/promises";
import process from "node:process";
import { Push, Subscriber, text } from "../../mod.ts";
import { type Ear, type Page, serve, status } from "./serve.ts";

const [
  port = "8080",
  mouth = "tcp://127.0.0.1:5560",
  ear = "tcp://127.0.0.1:5561",
] = process.argv.slice(2);
const PAGE = await readFile(new URL("chat.html", import.meta.url), "utf8");
const HTML = { "content-type": "text/html; charset=utf-8" };

/** A page that has not taken so many bytes is too slow, and let go. */
const MOST_QUEUED = 1_000_000;

const push = new Push();
const subscriber = new Subscriber();
push.connect(mouth);
subscriber.connect(ear);
subscriber.subscribe("said");

const pages = new Set<Page>();

const fetch = ({ url }: Request) =>
  new URL(url).pathname === "/"
    ? new Response(PAGE, { headers: HTML })
    : status(404);
console.log(await serve(Number(port), { fetch, webSocket: enter }));

for await (const [_topic, name, words] of subscriber) {
  const said = JSON.stringify({ name: text(name), words: text(words) });
  for (const page of pages) {
    if (page.queued() > MOST_QUEUED) page.close();
    else page.send(said);
  }
}

function enter(page: Page): Ear {
  pages.add(page);
  return {
    said(message) {
      const said = understood(message);
      // A room that is away or full is no reason to collect what is said.
      if (said === null || !push.trySend(["said", ...said])) page.close();
    },
    gone: () => void pages.delete(page),
  };
}

/** The name and the words; null for what is not our JSON. */
function understood(message: string): [name: string, words: string] | null {
  try {
    const { name, words } = JSON.parse(message);
    if (typeof name === "string" && typeof words === "string") {
      return [name, words];
    }
  } catch {
    // It is no JSON.
  }
  return null;
}
