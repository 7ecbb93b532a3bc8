// A small HTTP server on a Stream socket, which speaks to peers that don't speak
// ZeroMQ: bytes come in as `[id, bytes]`, and go out the same way. Run it with a
// port, and talk to it with curl:
//
//     deno run --allow-net examples/http_server.ts 8080
//     bun examples/http_server.ts 8080
//     node examples/http_server.ts 8080
//
//     curl http://127.0.0.1:8080/hello
//     curl --data "a question" http://127.0.0.1:8080/echo

import process from "node:process";
import { Stream, text } from "../mod.ts";

const server = new Stream();
await server.bind(`tcp://127.0.0.1:${process.argv[2] ?? "*"}`);
console.log(server.lastEndpoint!.replace("tcp", "http"));

/** What has come of each connection's request so far, by the connection's id. */
const requests = new Map<string, string>();

for await (const [id, bytes] of server) {
  const connection = id.join();
  if (bytes.length === 0) {
    // A connection begins, or ends.
    if (!requests.delete(connection)) requests.set(connection, "");
    continue;
  }
  // A byte is a character here: that keeps the length of the body true.
  const request = requests.get(connection)! + String.fromCharCode(...bytes);
  const body = bodyOf(request);
  requests.set(connection, body === null ? request : "");
  if (body === null) continue;

  const [method, path] = request.split(" ");
  const [status, answer] = reply(method, path, body);
  await server.send([
    id,
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n` +
    `Content-Length: ${answer.length}\r\nConnection: close\r\n\r\n`,
  ]);
  if (answer.length > 0) await server.send([id, answer]);
  // Empty bytes end the connection, once what was sent before has left.
  await server.send([id, null]);
}

/** The body of a request; null while some of it is missing. */
function bodyOf(request: string): string | null {
  const end = request.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const length = /^content-length: *(\d+)/im.exec(request.slice(0, end));
  const body = request.slice(end + 4);
  return body.length < Number(length?.[1] ?? 0) ? null : body;
}

function reply(
  method: string,
  path: string,
  body: string,
): [status: string, body: Uint8Array] {
  const bytes = Uint8Array.from(body, (character) => character.charCodeAt(0));
  const utf8 = new TextEncoder();
  if (path === "/hello") return ["200 OK", utf8.encode("Hello from ZeroMQ\n")];
  if (path === "/echo" && method === "POST") {
    return ["200 OK", utf8.encode(`${text(bytes)}\n`)];
  }
  return ["404 Not Found", utf8.encode(`There is no ${path}\n`)];
}
