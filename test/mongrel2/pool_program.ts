// A handler of pool_test.ts: answers each request with its name, the server that
// asked and the path; "count" makes it say how many it has answered.
//
// Arguments: its name, the servers' endpoints of requests and of replies, each with
// commas, and the milliseconds of work that a request is.

import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Mongrel2Handler } from "../../src/mongrel2/mongrel2.ts";

const [name, requests, replies, work] = process.argv.slice(2);
const handler = new Mongrel2Handler({
  requests: requests.split(","),
  replies: replies.split(","),
});
let answered = 0;
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "count") console.log(answered);
  if (line === "end") handler.close();
}).on("close", () => handler.close());
console.log("ready");

for await (const request of handler) {
  if (request.kind !== "request") continue;
  if (Number(work) > 0) await sleep(Number(work));
  const body = `${name} ${request.sender} ${request.path}`;
  await handler.replyHttp(request, { body });
  if (request.path.startsWith("/count")) answered++;
}
process.exit();
