// A live ticker whose page has a Subscriber of its own: a Publisher is attached to
// the web server, so pages and programs connect to the port of the page itself, and
// each page gets what it subscribed to and no more.
//
//     deno run --allow-net --allow-read examples/bridges/ticker.ts
//     bun examples/bridges/ticker.ts
//     node examples/bridges/ticker.ts
//
// Then open http://127.0.0.1:8080/?symbol=NOU&symbol=ZMQ. The browser loads the
// sources of the library as they are, but for the types, which are taken out on the
// way; an application would bundle them.
//
// Arguments: the port.

import { readFile } from "node:fs/promises";
import * as nodeModule from "node:module";
import process from "node:process";
import { setInterval } from "node:timers/promises";
import { Publisher } from "../../mod.ts";
import { serve, status } from "./serve.ts";

const [port = "8080"] = process.argv.slice(2);
const ROOT = new URL("../../", import.meta.url);
const SOURCE = /^\/((src|adapters|examples\/bridges)\/[\w/]+\.ts)$/;
const html = await readFile(new URL("ticker.html", import.meta.url), "utf8");

const prices = new Map([["NOU", 100], ["ZMQ", 431], ["WSS", 64.55]]);
const publisher = new Publisher();
const url = await serve(Number(port), { fetch, webSocket: publisher });
console.log(url);

for await (const _ of setInterval(50)) {
  for (const [symbol, price] of prices) {
    const next = price * (0.99 + Math.random() / 50);
    prices.set(symbol, next);
    await publisher.send([symbol, next.toFixed(2)]);
  }
}

async function fetch(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/") return page(html, "text/html");
  const source = SOURCE.exec(pathname)?.[1];
  if (source === undefined) return status(404);
  try {
    const typed = await readFile(new URL(source, ROOT), "utf8");
    return page(stripped(typed), "text/javascript");
  } catch {
    return status(404);
  }
}

function page(text: string, type: string): Response {
  const headers = { "content-type": `${type}; charset=utf-8` };
  return new Response(text, { headers });
}

/** TypeScript without the types: Deno and Node do it by one function, Bun by another. */
function stripped(source: string): string {
  const { Bun } = globalThis as unknown as Transpiling;
  if (Bun === undefined) return nodeModule.stripTypeScriptTypes(source);
  return new Bun.Transpiler({ loader: "ts" }).transformSync(source);
}

interface Transpiling {
  Bun?: {
    Transpiler: new (options: { loader: string }) => {
      transformSync(source: string): string;
    };
  };
}
