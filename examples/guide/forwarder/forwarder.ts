// A forwarder takes what a publisher sends into another network: it is the only
// subscriber that the publisher sees, and the only publisher that its subscribers
// see. What they subscribe to travels the other way, so only what somebody wants
// comes here at all. Use it with weather/publisher.ts and weather/subscriber.ts.
//
//     deno run --allow-net examples/guide/forwarder/forwarder.ts
//     bun examples/guide/forwarder/forwarder.ts
//     node examples/guide/forwarder/forwarder.ts
//
// Arguments: the publisher's endpoint to connect to, the endpoint to bind.

import process from "node:process";
import { Proxy, XPublisher, XSubscriber } from "../../../mod.ts";

const [inner = "tcp://127.0.0.1:5556", outer = "tcp://127.0.0.1:8100"] = process
  .argv.slice(2);

using source = new XSubscriber();
using subscribers = new XPublisher();
source.connect(inner);
await subscribers.bind(outer);
console.log(subscribers.lastEndpoint);

await new Proxy(source, subscribers).run();
