// Binds to the address it is given, and then waits to be killed, or closes.

import process from "node:process";
import { Pull, ZmqError } from "../../mod.ts";

const [address, then] = process.argv.slice(2);
const pull = new Pull();
try {
  await pull.bind(address);
  console.log("bound");
  if (then === undefined) await pull.receive();
} catch (error) {
  if (!(error instanceof ZmqError)) throw error;
  console.log(error.message);
}
pull.close();
