// What asks, and times the answers:
//
//     http PORT PATH CONNECTIONS SIZE WARM COUNT   as a client of the server
//     deal SIZE WARM COUNT                         in the place of the server
//
// "measured N NS" says how long N of them took, when WARM have gone before.

import { connect } from "node:net";
import process from "node:process";
import { Push, Subscriber } from "../../mod.ts";
import { formatRequest } from "../../src/mongrel2/mongrel2.ts";

const [mode, ...args] = process.argv.slice(2);
const now = process.hrtime.bigint;
/** Requests that wait for an answer at the same time. */
const WINDOW = 1000;

if (mode === "http") http(args);
else await deal(args);

/** Counts answers, and says what they took. */
function counter(warm: number, count: number): (more: number) => void {
  let answers = 0;
  let began = 0n;
  let at = 0;
  return (more) => {
    answers += more;
    if (began === 0n && answers >= warm) {
      began = now();
      at = answers;
    }
    if (answers < warm + count) return;
    console.log(`measured ${answers - at} ${now() - began}`);
    process.exit();
  };
}

function http([port, path, connections, size, warm, count]: string[]): void {
  const request = Buffer.from(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n` +
      "User-Agent: bench\r\nAccept-Encoding: gzip, deflate\r\n\r\n",
  );
  const body = Number(size);
  const tell = counter(Number(warm), Number(count));
  for (let i = 0; i < Number(connections); i++) {
    const socket = connect(Number(port), "127.0.0.1");
    socket.setNoDelay(true);
    let received: Buffer = Buffer.alloc(0);
    socket.on("connect", () => socket.write(request));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("a connection was closed")));
    socket.on("data", (data) => {
      received = received.length === 0 ? data : Buffer.concat([received, data]);
      const head = received.indexOf("\r\n\r\n");
      if (head < 0 || received.length < head + 4 + body) return;
      if (!received.toString("latin1", 0, 15).endsWith(" 200 OK")) {
        fail(new Error(received.toString("latin1", 0, head)));
      }
      received = Buffer.alloc(0);
      tell(1);
      socket.write(request);
    });
  }
}

async function deal([size, warm, count]: string[]): Promise<void> {
  const push = new Push({ sendHighWaterMark: 0 });
  const replies = new Subscriber({ receiveHighWaterMark: 0 });
  replies.subscribe("main");
  await push.bind("tcp://127.0.0.1:*");
  await replies.bind("tcp://127.0.0.1:*");
  console.log(`endpoints ${push.lastEndpoint} ${replies.lastEndpoint}`);
  const request = formatRequest({
    sender: "main",
    connection: "7",
    path: "/hello",
    headers: {
      "PATH": "/hello",
      "x-forwarded-for": "127.0.0.1",
      "accept": "*/*",
      "user-agent": "bench",
      "accept-encoding": "gzip, deflate",
      "host": "localhost",
      "METHOD": "GET",
      "VERSION": "HTTP/1.1",
      "URI": "/hello",
      "PATTERN": "/",
      "URL_SCHEME": "http",
      "REMOTE_ADDR": "127.0.0.1",
    },
  });
  // Replies to nobody would be lost: the first ones wait until it has subscribed.
  while (replies.stats().peers === 0 || push.stats().peers === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  const tell = counter(Number(warm), Number(count));
  let body = 0;
  await push.sendMany(new Array(WINDOW).fill(request));
  for (;;) {
    const some = await replies.receiveMany();
    for (const [reply] of some) body += reply.length;
    if (body < Number(size)) fail(new Error("an answer has no body"));
    tell(some.length);
    await push.sendMany(new Array(some.length).fill(request));
  }
}

function fail(error: Error): never {
  console.error(error.message);
  process.exit(1);
}
