// Listens to weather/publisher.ts for the readings of one city, and says how warm
// it is there on average. It gets what is sent from now on, and nothing earlier.
//
//     deno run --allow-net examples/guide/weather/subscriber.ts
//     bun examples/guide/weather/subscriber.ts
//     node examples/guide/weather/subscriber.ts
//
// Arguments: the endpoint to connect to, the city ("" for all), how many readings.

import process from "node:process";
import { Subscriber, text } from "../../../mod.ts";

const [endpoint = "tcp://127.0.0.1:5556", wanted = "Oslo", count = "20"] =
  process.argv.slice(2);

using subscriber = new Subscriber();
// A prefix of the first frame: "O" would get Oslo and Osaka.
subscriber.subscribe(wanted);
subscriber.connect(endpoint);

let total = 0;
for (let i = 0; i < Number(count); i++) {
  const [city, degrees, humidity] = (await subscriber.receive()).map(text);
  total += Number(degrees);
  console.log(`${city}: ${degrees} °C, ${humidity} % humidity`);
}
console.log(`on average ${(total / Number(count)).toFixed(1)} °C`);
