// What a program meets that may not use the network, or a part of it.

import { Pull, Push, ZmqError } from "../../mod.ts";

const told = (error: unknown) =>
  error instanceof ZmqError ? `${error.code} ${error.address}` : `${error}`;

const push = new Push({ linger: 0 });
const pull = new Pull();
try {
  push.connect("tcp://127.0.0.1:5555");
  console.log("connected");
} catch (error) {
  console.log(told(error));
}
try {
  await pull.bind("tcp://127.0.0.1:*");
  console.log("bound");
} catch (error) {
  console.log(told(error));
}
await pull.bind("inproc://free");
const free = new Push();
free.connect("inproc://free");
await free.send("x");
console.log((await pull.receive()).length);
free.close();
push.close();
pull.close();
