// A handler of a Mongrel2 server: says hello, counts slowly, and takes uploads. Start
// as many as you like: the server deals its requests to them in turn.
//
//     client ──HTTP──> Mongrel2 ──requests──> Pull │ handler
//            <─────────         <──replies─── Publisher │
//
// The server's config is mongrel2.conf, beside this file. Then
//
//     deno run --allow-net examples/mongrel2/handler.ts
//     bun examples/mongrel2/handler.ts
//     node examples/mongrel2/handler.ts
//
//     curl http://127.0.0.1:6767/hello
//     curl http://127.0.0.1:6767/count
//     curl --data-binary @some-large-file http://127.0.0.1:6767/upload
//
// Arguments: the server's endpoints of requests and of replies; several servers have
// theirs with commas between them.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Mongrel2Handler,
  type Mongrel2Request,
} from "../../src/mongrel2/mongrel2.ts";

const [
  requests = "tcp://127.0.0.1:9997",
  replies = "tcp://127.0.0.1:9996",
] = process.argv.slice(2);

await using handler = new Mongrel2Handler({
  requests: requests.split(","),
  replies: replies.split(","),
  onMalformed: (error) => console.log(`passed over: ${error.message}`),
});
console.log("ready");

for await (const request of handler) {
  switch (request.kind) {
    case "request":
    case "uploadDone":
      // Not awaited: who counts slowly keeps nobody else waiting.
      answer(request).catch((error) => console.log(`no answer: ${error}`));
      break;
    case "uploadStart":
      console.log(`an upload begins: ${request.upload!.path}`);
      break;
    case "disconnect":
      console.log(`connection ${request.connection} has gone`);
      break;
    default:
      await handler.hangUp(request);
  }
}

async function answer(request: Mongrel2Request): Promise<void> {
  if (request.upload !== null) {
    const length = request.headers.get("content-length");
    const { path } = request.upload;
    return await handler.replyHttp(request, {
      body: `${length} bytes are in ${path}\n`,
    });
  }
  if (request.path === "/hello") {
    const who = request.remoteAddress;
    return await handler.replyHttp(request, { body: `Hello, ${who}\n` });
  }
  if (request.path === "/count") {
    const reply = await handler.replyChunked(request);
    for (let i = 1; i <= 3; i++) {
      await reply.write(`${i}\n`);
      await sleep(100);
    }
    return await reply.end();
  }
  await handler.replyHttp(request, {
    status: 404,
    body: `There is no ${request.path}\n`,
  });
}
