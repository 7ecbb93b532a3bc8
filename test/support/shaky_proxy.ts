// A tcp proxy that fails as networks do: it falls silent without a word, or forgets
// its connections, which then are reset by the next thing that is said. It is a
// process of Node's, the one runtime that can reset.

import { program } from "./runtime.ts";

const PROXY = `
  const { connect, createServer } = require("node:net");
  const [port] = process.argv.slice(1);
  const pairs = new Set();
  let silent = false;
  createServer((near) => {
    near.on("error", () => {});
    if (silent) return;
    const far = connect(Number(port), "127.0.0.1");
    far.on("error", () => {});
    near.pipe(far);
    far.pipe(near);
    const pair = [near, far];
    pairs.add(pair);
    for (const end of pair) end.on("close", () => pairs.delete(pair));
  }).listen(0, "127.0.0.1", function () {
    console.log(this.address().port);
  });
  process.stdin.on("data", (data) => {
    for (const word of String(data).trim().split("\\n")) {
      if (word === "heal") silent = false;
      else for (const pair of pairs) {
        for (const end of pair) {
          end.unpipe();
          end.removeAllListeners("data");
          if (word === "silence") end.pause();
          else end.on("data", () => end.resetAndDestroy()).resume();
        }
      }
      if (word === "silence") silent = true;
      console.log(word);
    }
  });
`;

/** A proxy before a port of this machine. */
export interface ShakyProxy {
  readonly address: string;
  /** Nothing passes any more, and nobody is told; who connects hears nothing. */
  silence(): Promise<void>;
  /** Who connects from now on gets through. */
  heal(): Promise<void>;
  /** The connections there are end with the next thing that is said on them. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one before an address. */
export async function shakyProxy(address: string): Promise<ShakyProxy> {
  const child = program("node", ["-e", PROXY, address.split(":").at(-1)!]);
  const port = await child.line();
  const told = async (word: string) => {
    child.tell(word);
    await child.line();
  };
  return {
    address: `tcp://127.0.0.1:${port}`,
    silence: () => told("silence"),
    heal: () => told("heal"),
    forget: () => told("forget"),
    close: () => child.kill(),
  };
}
