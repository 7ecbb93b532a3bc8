// A program of the drop-in that ends, or stays, as zeromq.js would; what it does
// is its argument. It prints "ready" first.

import process from "node:process";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import * as old from "../../src/zeromqjs/v5_compat.ts";
import { collect } from "../support/memory.ts";

const what = process.argv[2];
const pull = new zmq.Pull();
await pull.bind("tcp://127.0.0.1:*");
const push = new zmq.Push();
push.connect(pull.lastEndpoint!);
await push.send("x");
await pull.receive();

switch (what) {
  case "idle":
    break;
  case "receive":
    pull.receive();
    break;
  case "events":
    pull.events.on("disconnect", () => {});
    break;
  case "linger": {
    const other = new zmq.Push({ linger: 50 });
    other.connect("tcp://127.0.0.1:1");
    await other.send("never taken");
    other.close();
    break;
  }
  case "no linger": {
    const other = new zmq.Push({ linger: 0 });
    other.connect("tcp://127.0.0.1:1");
    await other.send("never taken");
    break;
  }
  case "old push":
    old.socket("push").bindSync("inproc://old");
    break;
  case "old reply":
    old.socket("rep").bindSync("inproc://old");
    break;
  case "old closed":
    old.socket("rep").close();
    break;
  case "abandoned":
    await abandoned();
    break;
  case "abandoned events":
    await abandoned((events) => events.on("bind", () => {}));
    break;
  case "loop":
    await loop();
    break;
}
console.log("ready");
/** A socket that nobody can reach is closed: its address is free again. */
async function abandoned(
  listen: (events: zmq.Observer) => void = () => {},
): Promise<void> {
  const name = "inproc://abandoned";
  await (async () => {
    const pull = new zmq.Pull();
    listen(pull.events);
    await pull.bind(name);
  })();
  for (;;) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
    const other = new zmq.Pull();
    const free = await other.bind(name).then(() => true, () => false);
    other.close();
    if (free) return;
  }
}

/** A socket that a loop reads from is not abandoned. */
async function loop(): Promise<void> {
  const name = "inproc://loop";
  const heard = (async () => {
    const reader = new zmq.Pull();
    await reader.bind(name);
    for await (const [part] of reader) return String(part);
    return "the loop ended";
  })();
  for (let i = 0; i < 10; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const sender = new zmq.Push();
  sender.connect(name);
  await sender.send("heard");
  if (await heard !== "heard") throw new Error(await heard);
}
