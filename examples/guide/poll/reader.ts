// One reader, two sources: the tasks of pipeline/ventilator.ts and the readings
// of weather/publisher.ts, in one loop. Sources that have a message at the same
// time take turns, so the busier one doesn't starve the other.
//
//     deno run --allow-net examples/guide/poll/reader.ts
//     bun examples/guide/poll/reader.ts
//     node examples/guide/poll/reader.ts
//
// Arguments: the endpoints of the ventilator and of the publisher, how many
// messages to read.

import process from "node:process";
import { Pull, receiveAny, Subscriber, text } from "../../../mod.ts";

const [
  ventilator = "tcp://127.0.0.1:5557",
  publisher = "tcp://127.0.0.1:5556",
  count = "100",
] = process.argv.slice(2);

using tasks = new Pull();
using weather = new Subscriber();
tasks.connect(ventilator);
weather.connect(publisher);
weather.subscribe("Oslo");

const sources: (Pull | Subscriber)[] = [tasks, weather];
for (let i = 0; i < Number(count); i++) {
  const { socket, message } = await receiveAny(sources);
  const words = message.map(text).join(" ");
  console.log(socket === tasks ? `task: ${words}` : `weather: ${words}`);
}
