// A worker of a program: binds where it is told to, one line for all, and says where it
// listens, or the code of why it doesn't. Started without arguments on Node, it has
// two such workers of `node:cluster`, which share what they listen at unless told not
// to, and passes lines on: those that begin with a number go to that worker.

import cluster from "node:cluster";
import process from "node:process";
import { createInterface } from "node:readline";
import { Dish, Pull, type ZmqError } from "../../mod.ts";

async function bind(address: string): Promise<string> {
  const socket = address.startsWith("udp") ? new Dish() : new Pull();
  try {
    await socket.bind(address);
    return socket.lastEndpoint!;
  } catch (error) {
    return (error as ZmqError).code;
  }
}

async function answer(line: string): Promise<string> {
  return JSON.stringify(await Promise.all(JSON.parse(line).map(bind)));
}

const lines = () => createInterface({ input: process.stdin });
if (cluster.isWorker) {
  process.on("message", async (line) => {
    process.send!(await answer(line as string));
  });
} else if (process.argv[2] === "workers") {
  const workers = [cluster.fork(), cluster.fork()];
  for (const worker of workers) {
    worker.on("message", (line) => console.log(line));
  }
  lines().on("line", (line) => {
    workers[Number(line[0])].send(line.slice(1));
  });
} else {
  lines().on("line", async (line) => console.log(await answer(line)));
}
