// Weather for whoever listens: a publisher sends readings of several cities all
// the time, whether somebody listens or not. What a subscriber asked for is chosen
// here, at the publisher, so nothing else travels. Start any number of
// subscriber.ts, before or after.
//
//     deno run --allow-net examples/guide/weather/publisher.ts
//     bun examples/guide/weather/publisher.ts
//     node examples/guide/weather/publisher.ts
//
// Arguments: the endpoint to bind.

import process from "node:process";
import { setInterval } from "node:timers/promises";
import { Publisher } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5556"] = process.argv.slice(2);
const cities = ["Berlin", "Lima", "Oslo", "Perth", "Quito"];

const publisher = new Publisher();
await publisher.bind(endpoint);
console.log(publisher.lastEndpoint);

for await (const _ of setInterval(20)) {
  for (const city of cities) {
    const degrees = Math.round(Math.random() * 60 - 20);
    const humidity = Math.round(Math.random() * 100);
    await publisher.send([city, degrees, humidity]);
  }
}
