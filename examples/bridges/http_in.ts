// HTTP in: programs that speak HTTP ask and tell those that speak ZeroMQ.
//
//     POST /ask    a question for a Reply; its answer is the response
//     POST /tell   something for a Pull; nobody waits for what comes of it
//
//     deno run --allow-net examples/bridges/http_in.ts
//     bun examples/bridges/http_in.ts
//     node examples/bridges/http_in.ts
//
//     curl --data Hello http://127.0.0.1:8080/ask
//
// Many questions are on their way at once: a Dealer sends each with a number before
// the empty frame, and a Reply gives back what stood there. 504 is for who waited
// too long, 503 for whom there is no room, so that a server that is slow or gone
// costs the bridge no more than its queues.
//
// Arguments: the port, the endpoint of the Reply, the endpoint to bind for Pulls,
// the milliseconds that an answer may take, how many may wait.

import process from "node:process";
import { Dealer, type Message, Push, text } from "../../mod.ts";
import { serve, status } from "./serve.ts";

const [
  port = "8080",
  server = "tcp://127.0.0.1:5555",
  sink = "tcp://127.0.0.1:5558",
  timeout = "1000",
  most = "100",
] = process.argv.slice(2);

const dealer = new Dealer({ sendHighWaterMark: Number(most), linger: 0 });
const push = new Push({ sendHighWaterMark: Number(most) });
dealer.connect(server);
await push.bind(sink);

/** Who waits for an answer, by the number of the question. */
const waiting = new Map<string, (answer: Message) => void>();
let asked = 0;

console.log(await serve(Number(port), { fetch }), push.lastEndpoint);

for await (const [number, _empty, ...answer] of dealer) {
  // Who gave up is not there any more.
  waiting.get(text(number))?.(answer);
}

async function fetch(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname !== "/ask" && pathname !== "/tell") return status(404);
  if (request.method !== "POST") return status(405, "POST it");
  const body = new Uint8Array(await request.arrayBuffer());
  return pathname === "/ask" ? await ask(body) : tell(body);
}

async function ask(question: Uint8Array): Promise<Response> {
  const number = `${asked++}`;
  if (waiting.size >= Number(most) || !dealer.trySend([number, "", question])) {
    return status(503, "too many questions");
  }
  let timer: ReturnType<typeof setTimeout>;
  const answer = await new Promise<Message | null>((resolve) => {
    waiting.set(number, resolve);
    timer = setTimeout(() => resolve(null), Number(timeout));
  });
  clearTimeout(timer!);
  waiting.delete(number);
  return answer === null
    ? status(504, "no answer in time")
    : new Response(new Blob(answer as BlobPart[]));
}

function tell(what: Uint8Array): Response {
  return push.trySend(what) ? status(202) : status(503, "nobody takes it");
}
