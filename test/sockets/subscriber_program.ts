// A Subscriber in a process of its own that checks the order of what it gets.

import process from "node:process";
import { Subscriber, text } from "../../mod.ts";

const subscriber = new Subscriber({
  receiveHighWaterMark: Number(process.argv[3]),
});
subscriber.subscribe("");
subscriber.connect(process.argv[2]);
let next = 0;
let heard = false;
for await (const [frame] of subscriber) {
  const said = text(frame);
  if (said === "tuning") {
    if (!heard) console.log("heard");
    heard = true;
  } else if (said === "end") {
    break;
  } else if (Number(said) !== next++) {
    console.log(`${said} instead of ${next - 1}`);
    process.exit(1);
  }
}
console.log(`${next} in order`);
subscriber.close();
