// A handler that answers each request with so many bytes.
//
// Arguments: the server's endpoints of requests and of replies; the bytes.

import process from "node:process";
import { Mongrel2Handler } from "../../src/mongrel2/mongrel2.ts";

const [requests, replies, size] = process.argv.slice(2);
const handler = new Mongrel2Handler({ requests, replies });
const body = "x".repeat(Number(size));
console.log("ready");

for await (const request of handler) {
  if (request.kind !== "request") continue;
  await handler.replyHttp(request, { body });
}
