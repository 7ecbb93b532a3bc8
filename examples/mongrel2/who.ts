// The first of two stages: finds out who asks, and passes on the request with what it
// found. Who says nothing is nobody. It replies to none: that is what the last stage,
// work.ts, is for. Each stage is a process of its own, and of either there may be many.
//
//     client ──HTTP──> Mongrel2
//                        │ PUSH: requests
//                        v
//                      Pull │ who.ts │ Push
//                                       │ requests, and who asks
//                                       v
//                                     Pull │ work.ts │ Publisher
//                                                        │ replies
//     client <──HTTP── Mongrel2, SUB <───────────────────┘
//
//     deno run --allow-net examples/mongrel2/who.ts
//     bun examples/mongrel2/who.ts
//     node examples/mongrel2/who.ts
//
// Arguments: the server's endpoint of requests, and the endpoint to bind for the next
// stage.

import process from "node:process";
import { Pull, Push } from "../../mod.ts";
import {
  formatRequest,
  MalformedError,
  parseRequest,
} from "../../src/mongrel2/mongrel2.ts";

const [
  requests = "tcp://127.0.0.1:9997",
  next = "tcp://127.0.0.1:9993",
] = process.argv.slice(2);

/** Who has which token; a real stage would look it up. */
const USERS = new Map([["apple", "Anna"], ["banana", "Ben"]]);

using incoming = new Pull();
await using outgoing = new Push();
await outgoing.bind(next);
incoming.connect(requests);
console.log(outgoing.lastEndpoint);

for await (const [bytes] of incoming) {
  try {
    const request = parseRequest(bytes);
    if (request.kind !== "request") continue;
    const token = request.headers.get("authorization") ?? "";
    const user = USERS.get(token.replace(/^Bearer /, "")) ?? "nobody";
    // A header in capitals is one that no client can send.
    const headers = { ...request.headers.toObject(), USER: user };
    const { sender, connection, path, body } = request;
    await outgoing.send(
      formatRequest({ sender, connection, path, headers, body }),
    );
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    console.log(`passed over: ${error.message}`);
  }
}
