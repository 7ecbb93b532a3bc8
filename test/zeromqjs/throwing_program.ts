// Listeners and callbacks of zeromq.js 5 that throw: each is told to the process,
// and the next message comes. Prints "over" when all were.

import process from "node:process";
import * as zmq from "../../src/zeromqjs/v5_compat.ts";

const thrown: string[] = [];
process.on("uncaughtException", (error) => {
  thrown.push((error as Error).message);
});
const fail = (text: string) => {
  throw new Error(text);
};
const [push, pull] = [zmq.socket("push"), zmq.socket("pull")];
pull.on("error", (error) => thrown.push(`told ${error.message}`));
pull.bind("tcp://127.0.0.1:*", () => fail("bound"));
await new Promise((resolve) => setTimeout(resolve, 50));
pull.bind("inproc://throwing", () => push.connect("inproc://throwing"));
pull.on("message", (part) => {
  if (String(part) === "one") fail("message");
  push.close();
  pull.close();
});
push.send("one", 0, () => fail("sent"));
setTimeout(() => push.send("two"), 50);
process.on("exit", () => {
  const all = thrown.sort().join(" ");
  console.log(all === "bound message sent" ? "over" : all);
});
