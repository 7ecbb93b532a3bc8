// The last of two stages: does what is asked, for who asks as who.ts has found out,
// and replies to the server, which the request names. The drawing is in who.ts.
//
//     deno run --allow-net examples/mongrel2/work.ts
//     bun examples/mongrel2/work.ts
//     node examples/mongrel2/work.ts
//
//     curl -H 'Authorization: Bearer apple' http://127.0.0.1:6767/tea
//
// Arguments: the endpoint of the stage before, and the server's endpoint of replies; a
// name.

import process from "node:process";
import { Mongrel2Handler } from "../../src/mongrel2/mongrel2.ts";

const [
  requests = "tcp://127.0.0.1:9993",
  replies = "tcp://127.0.0.1:9996",
  name = `worker ${process.pid}`,
] = process.argv.slice(2);

await using handler = new Mongrel2Handler({ requests, replies });
console.log("ready");

for await (const request of handler) {
  const user = request.headers.variable("USER") ?? "nobody";
  if (user === "nobody") {
    await handler.replyHttp(request, { status: 401, body: "Who are you?\n" });
    continue;
  }
  await handler.replyHttp(request, {
    body: `${name} has ${request.path} for ${user}\n`,
  });
}
