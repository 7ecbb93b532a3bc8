// Programs with background threads that are to end by themselves.

import process from "node:process";
import { Context, Pull, Push } from "../../mod.ts";
import {
  background,
  receiveSync,
  sendSync,
} from "../../src/background/background.ts";

const [name, address] = process.argv.slice(2);
const context = new Context({ background, ioThreads: 2 });

if (name === "left") {
  // Nothing is closed: what was accepted still arrives.
  const push = new Push({ context });
  push.connect(address);
  for (let i = 0; i < 2000; i++) await push.send(`${i}`);
} else if (name === "terminated") {
  const push = new Push({ context });
  push.connect(address);
  await push.send("0");
  await context.terminate();
} else if (name === "bound") {
  await new Pull({ context }).bind("tcp://127.0.0.1:*");
} else if (name === "blocking") {
  using push = new Push({ context });
  push.connect(address);
  for (let i = 0; i < 2000; i++) sendSync(push, `${i}`);
} else if (name === "asking") {
  using pull = new Pull({ context });
  pull.connect(address);
  console.log(new TextDecoder().decode(receiveSync(pull)[0]));
}
console.log("end");
