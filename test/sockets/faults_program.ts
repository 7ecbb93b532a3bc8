// What faults_test.ts stops, kills and starves: `pull` and `listen` print each message
// that they get, `subscribe` too, with heartbeats, and `crowded` is a Pull that has no
// descriptors left until it is told something.

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { Pull, Subscriber, text } from "../../mod.ts";

const [role, address, ...topics] = process.argv.slice(2);

if (role === "crowded") await crowded();
const socket = role === "subscribe"
  ? new Subscriber({
    heartbeatInterval: 100,
    heartbeatTimeout: 200,
    reconnectInterval: 20,
  })
  : new Pull({ reconnectInterval: 20 });
if (role === "listen") await socket.bind(address);
else socket.connect(address);
if (socket instanceof Subscriber) socket.subscribe(...topics);
console.log("ready");
for await (const message of socket) console.log(message.map(text).join(" "));

async function crowded(): Promise<never> {
  const pull = new Pull();
  pull.events.on("accept:error", ({ error }) => console.log(error.code));
  await pull.bind("tcp://127.0.0.1:*");
  const files: number[] = [];
  try {
    for (;;) files.push(openSync("/dev/null", "r"));
  } catch {
    // None left: leaves room for two connections.
    for (const file of files.splice(0, 2)) closeSync(file);
  }
  process.stdin.once("data", () => {
    for (const file of files) closeSync(file);
    console.log("plenty");
  });
  console.log(pull.lastEndpoint);
  for await (const message of pull) console.log(message.map(text).join(" "));
  throw new Error("it is over");
}
