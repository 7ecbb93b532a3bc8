// A port that answers nobody: a listener in a stopped process, whose queue of
// new connections is full.

import { connect, type Socket } from "node:net";
import { program } from "./runtime.ts";
import { sleep } from "./wait.ts";

const LISTENER = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    console.log(server.address().port);
    process.kill(process.pid, "SIGSTOP");
  });
`;

/** A port that connections hang at, and how to end it. */
export async function blackHole(): Promise<
  { port: number; close: () => Promise<void> }
> {
  const listener = program("node", ["-e", LISTENER]);
  const port = Number(await listener.line());
  const fillers: Socket[] = [];
  for (;;) {
    const filler = connect(port, "127.0.0.1");
    filler.on("error", () => {});
    fillers.push(filler);
    const connected = await Promise.race([
      new Promise((resolve) => filler.once("connect", () => resolve(true))),
      sleep(200).then(() => false),
    ]);
    if (!connected) break;
    if (fillers.length > 100) throw new Error("the port answers");
  }
  return {
    port,
    async close() {
      for (const filler of fillers) filler.destroy();
      await listener.kill();
    },
  };
}
