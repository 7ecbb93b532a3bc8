// Does the tasks of pipeline/ventilator.ts and tells pipeline/sink.ts, until the
// sink says that all is done. Start as many as you like.
//
//     deno run --allow-net examples/guide/pipeline/worker.ts
//     bun examples/guide/pipeline/worker.ts
//     node examples/guide/pipeline/worker.ts
//
// Arguments: the endpoints of the ventilator, of the sink, and of the sink's end
// signal; a name.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { merge, Pull, Push, Subscriber, text } from "../../../mod.ts";

const [
  ventilator = "tcp://127.0.0.1:5557",
  sink = "tcp://127.0.0.1:5558",
  signal = "tcp://127.0.0.1:5559",
  name = `worker ${process.pid}`,
] = process.argv.slice(2);

using tasks = new Pull();
await using results = new Push();
using end = new Subscriber();
end.subscribe("end");
end.connect(signal);
// Who takes no task before it hears the end doesn't miss it.
while (end.stats().peers === 0) await sleep(10);
results.connect(sink);
tasks.connect(ventilator);

let done = 0;
for await (const { socket, message } of merge<Pull | Subscriber>(tasks, end)) {
  if (socket === end) break;
  const milliseconds = text(message[0]);
  await sleep(Number(milliseconds));
  await results.send(["done", name, milliseconds]);
  done++;
}
console.log(`${name} did ${done} tasks`);
