// HTTP out: programs that speak ZeroMQ ask a server that speaks HTTP. A Request
// sends a path, and a body if it is a POST, and gets the status and the body.
//
//     deno run --allow-net examples/bridges/http_out.ts
//     bun examples/bridges/http_out.ts
//     node examples/bridges/http_out.ts
//
// A Router, so that one answer that is slow keeps nobody else from theirs.
//
// Arguments: the endpoint to bind, the address of the server, the milliseconds that
// an answer may take.

import process from "node:process";
import { type Frame, Router, text } from "../../mod.ts";

const [
  endpoint = "tcp://127.0.0.1:5559",
  server = "http://127.0.0.1:8080",
  timeout = "5000",
] = process.argv.slice(2);

const router = new Router();
await router.bind(endpoint);
console.log(router.lastEndpoint);

for await (const [client, empty, path, body] of router) {
  fetched(path, body).then(
    (answer) => router.send([client, empty, ...answer]),
  );
}

async function fetched(
  path: Frame,
  body: Frame | undefined,
): Promise<[status: number, body: string | Uint8Array]> {
  try {
    // The client chooses the path, never the server.
    const { pathname, search } = new URL(text(path), "http://_");
    const response = await fetch(server + pathname + search, {
      method: body === undefined ? "GET" : "POST",
      body: body as BodyInit,
      signal: AbortSignal.timeout(Number(timeout)),
    });
    return [response.status, new Uint8Array(await response.arrayBuffer())];
  } catch (error) {
    return [(error as Error).name === "TimeoutError" ? 504 : 502, `${error}\n`];
  }
}
