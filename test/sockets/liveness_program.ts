// Programs that are to end by themselves, or not to.

import process from "node:process";
import { Publisher, Pull, Push, Subscriber } from "../../mod.ts";

const [name, ...args] = process.argv.slice(2);

switch (name) {
  case "bound":
    await new Pull().bind("tcp://127.0.0.1:*");
    break;
  case "connected": {
    const pull = new Pull();
    const push = new Push();
    await pull.bind("tcp://127.0.0.1:*");
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    await pull.receive();
    break;
  }
  case "heartbeats": {
    const publisher = new Publisher({ heartbeatInterval: 10 });
    const subscriber = new Subscriber({ heartbeatInterval: 10 });
    subscriber.subscribe("");
    await publisher.bind("tcp://127.0.0.1:*");
    subscriber.connect(publisher.lastEndpoint!);
    const heard = subscriber.receive();
    let done = false;
    heard.then(() => done = true);
    while (!done) {
      await publisher.send("x");
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    break;
  }
  case "connecting":
    new Pull().connect(args[0]);
    break;
  case "receiving": {
    const pull = new Pull();
    pull.connect("inproc://nobody");
    pull.receive();
    break;
  }
  case "iterating": {
    const pull = new Pull();
    await pull.bind("tcp://127.0.0.1:*");
    (async () => {
      for await (const _ of pull);
    })();
    break;
  }
  case "sending":
    new Push().send("x");
    break;
  case "observing":
    new Push().events.on("bind", () => {});
    break;
  case "aborted": {
    const abort = new AbortController();
    const receive = new Pull().receive({ signal: abort.signal });
    abort.abort();
    await receive.catch(() => {});
    break;
  }
  case "timed out":
    await new Pull({ receiveTimeout: 20 }).receive().catch(() => {});
    break;
  case "unsent": {
    const push = new Push({ linger: Number(args[0]) });
    push.connect("tcp://127.0.0.1:1");
    await push.send("x");
    break;
  }
  case "lingering": {
    const push = new Push({ linger: Number(args[0]) });
    push.connect("tcp://127.0.0.1:1");
    await push.send("x");
    push.close();
    break;
  }
  case "hello": {
    const push = new Push();
    push.connect(args[0]);
    for (let i = 0; i < 100; i++) await push.send(`hello ${i}`);
    if (args[1] === "close") push.close();
    break;
  }
  default:
    throw new Error(`no such case: ${name}`);
}
console.log("begun");
