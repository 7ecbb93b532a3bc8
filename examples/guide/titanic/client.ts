// Leaves a request at titanic.ts, and comes for the reply, now or in another life.
//
//     deno run --allow-net examples/guide/titanic/client.ts
//     bun examples/guide/titanic/client.ts
//     node examples/guide/titanic/client.ts
//
// Arguments: the broker's endpoint, then either of
//
//     submit echo Hello    leaves a request, and prints its name
//     collect 0b61c3f2-…   waits for the reply to it, and prints that
//
// It ends with exit code 1 if the request can't be left, or is unknown.

import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "../../../mod.ts";
import { MajordomoClient } from "../majordomo/client.ts";
import { BROKER } from "../majordomo/protocol.ts";

const [broker = BROKER, command = "submit", ...rest] = process.argv.slice(2);

using client = new MajordomoClient(broker);
const done = command === "collect"
  ? await collect(rest[0])
  : await submit(rest.length > 0 ? rest : ["echo", "Hello"]);
if (!done) process.exit(1);

async function submit(request: string[]): Promise<boolean> {
  const [status, name] = await titanic("titanic.request", ...request);
  if (status === "200") console.log(name);
  return status === "200";
}

async function collect(name: string): Promise<boolean> {
  for (;;) {
    const [status, ...reply] = await titanic("titanic.reply", name);
    if (status === "400") return false;
    if (status === "200") {
      console.log(reply.join(" "));
      await titanic("titanic.close", name);
      return true;
    }
    await sleep(200);
  }
}

/** What Titanic answers; nothing if it can't be reached. */
async function titanic(service: string, ...body: string[]): Promise<string[]> {
  return (await client.request(service, ...body) ?? []).map(text);
}
