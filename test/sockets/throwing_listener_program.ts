// A program with a listener that throws, and another one.

import { Pull } from "../../mod.ts";

const pull = new Pull();
pull.events.on("bind", () => {
  throw new Error("thrown by a listener");
});
pull.events.on("bind", () => console.log("the other listener was called"));
await pull.bind("tcp://127.0.0.1:*");
pull.close();
