// `node:http` with requests and responses as `fetch` has them, and with the plain
// WebSockets that Node has clients for and no server: text_socket.ts.

import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { attachUpgrade } from "../../src/attach/attach.ts";
import { Socket } from "../../mod.ts";
import type { Site } from "./serve.ts";
import { acceptTextSocket } from "./text_socket.ts";

/** Serves on loopback; resolves with the port. */
export async function serveOnNode(
  port: number,
  { fetch, webSocket }: Site,
): Promise<number> {
  const server = createServer((incoming, outgoing) => {
    // Who breaks off, or sends what is no request, gets nothing.
    answer(incoming, outgoing, fetch).catch(() => outgoing.destroy());
  });
  server.on("upgrade", (incoming, stream, head) => {
    if (webSocket instanceof Socket) {
      attachUpgrade(webSocket, incoming, stream, head);
    } else if (webSocket !== undefined) {
      acceptTextSocket(incoming, stream, head, webSocket);
    } else stream.destroy();
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  return (server.address() as { port: number }).port;
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fetch: Site["fetch"],
): Promise<void> {
  const { status, headers, body } = await fetch(requestOf(incoming));
  outgoing.writeHead(status, Object.fromEntries(headers));
  // It reads no faster than the page does, and is cancelled when the page goes.
  if (body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(body as never), outgoing);
}

function requestOf(incoming: IncomingMessage): Request {
  const { method, url, headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(`http://${headers.host}${url}`, {
    method,
    headers: headers as Record<string, string>,
    body: hasBody ? Readable.toWeb(incoming) as BodyInit : null,
    // Fetch demands it of those whose body is a stream.
    ...{ duplex: "half" },
  });
}
