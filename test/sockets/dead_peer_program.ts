// A program that has a message for a peer that is dead.

import process from "node:process";
import { Push } from "../../mod.ts";

if (process.argv[2] === "close") {
  const push = new Push();
  push.connect("tcp://127.0.0.1:1");
  await push.send("x");
  push.close();
  console.log("closed");
} else {
  const began = performance.now();
  {
    await using push = new Push();
    push.connect("tcp://127.0.0.1:1");
    await push.send("x");
  }
  console.log(`disposed after ${(performance.now() - began) / 1000}`);
}
