// Programs of zeromq.js 6 and 5 that the drop-in has to run as they are.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { BUN, must, NODE, OLD_NODE, run, runs } from "./commands.ts";

/** Runs programs of zeromq.js with the drop-in under these names. */
export function migrates(user: string, name: string, old: string): void {
  const programs = {
    "star.mjs": migrated(`import * as zmq from "${name}";`),
    "default.mjs": migrated(`import zmq from "${name}";`),
    "required.cjs": migrated(`const zmq = require("${name}");`),
    "old.mjs": migratedOld(`import * as zmq from "${old}";`),
    "old.cjs": migratedOld(`const zmq = require("${old}");`),
  };
  for (const [file, text] of Object.entries(programs)) {
    writeFileSync(join(user, file), text);
  }
  for (const runtime of [OLD_NODE, NODE, BUN]) {
    for (const file of Object.keys(programs)) {
      runs(user, runtime, [file], `${runtime} runs ${file} with ${name}`);
    }
  }
  for (const file of Object.keys(programs)) {
    const args = ["run", "--no-prompt", "--allow-net", file];
    const said = run(user, process.execPath, args);
    must(said === "done", `deno runs ${file} with ${name}`, said);
  }
}

/** A program of zeromq.js 6. */
function migrated(imports: string): string {
  return `${imports}
async function main() {
  const reply = new zmq.Reply();
  await reply.bind("tcp://127.0.0.1:*");
  const request = new zmq.Request({ linger: 0 });
  request.connect(reply.lastEndpoint);
  await request.send(4);
  for await (const [message] of reply) {
    await reply.send(2 * parseInt(message.toString(), 10));
    break;
  }
  const [result] = await request.receive();
  request.close();
  reply.close();
  const right = Buffer.isBuffer(result) && result.toString("hex") === "38" &&
    zmq.version === "4.3.5" && request instanceof zmq.Socket;
  console.log(right ? "done" : result);
}
main();
`.replace("async function", bufferFor(imports) + "async function");
}

/** Deno has Buffer as a module only, as far as programs in ESM go. */
function bufferFor(imports: string): string {
  return imports.startsWith("import")
    ? 'import { Buffer } from "node:buffer";\n'
    : "";
}

/** A program of zeromq.js 5. */
function migratedOld(imports: string): string {
  return `${imports}
const pull = zmq.socket("pull");
const push = zmq.socket("push");
pull.on("message", (a, b) => {
  console.log(a.toString() + b === "done" ? "done" : [a, b]);
  pull.close();
  push.close();
});
pull.bind("tcp://127.0.0.1:*", () => {
  push.connect(pull.last_endpoint).send(["do", "ne"]);
});
`;
}

/** A test that Jest runs, which takes no modules. */
export const MIGRATED_TEST = `const zmq = require("zeromq");
const { default: again } = require("zeromq");
test("a message comes", async () => {
  const pull = new zmq.Pull();
  const push = new again.Push({ linger: 0 });
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint);
  await push.send([Buffer.from("a"), new Uint8Array([98])]);
  expect((await pull.receive()).join("")).toBe("ab");
  pull.close();
  push.close();
});
`;

/** A program of zeromq.js 6 with types. */
export function migratedTypes(names: string): string {
  return `import ${names} from "zeromq";
import type { MessageLike, SocketOptions } from "zeromq";
import { Server } from "zeromq/draft";
import { socket } from "zeromq/v5-compat";
import type { socket as sameSocket } from "zeromq/v5-compat.js";

class Queue<T extends MessageLike | MessageLike[]> {
  queue: T[] = [];
  socket: zmq.Dealer;
  constructor(socket: zmq.Dealer) {
    this.socket = socket;
  }
}
const options: SocketOptions<zmq.Router> = { mandatory: true, linger: 0 };
const router = new zmq.Router(options);
// @ts-expect-error It can't be set.
const wrong: SocketOptions<zmq.Router> = { lastEndpoint: "" };
// @ts-expect-error There is no such option.
new zmq.Push({ sendHighWatermark: 1 });
// @ts-expect-error A Push receives nothing.
new zmq.Push().receive();
const readable: zmq.Readable = router;
const writable: zmq.Writable = router;
router.events.on("bind:error", ({ error }) => error.code.length);
export async function main(): Promise<string> {
  await router.send(["id", null, 1, Buffer.from("x")]);
  const [id, ...rest] = await router.receive();
  for await (const [part] of router) part.readUInt8(rest.length);
  new Server().send("x", { routingId: 1 });
  socket("pull").on("message", (a) => a.length).bind("tcp://127.0.0.1:*");
  router.connect("tcp://127.0.0.1:1", { routingId: "x" });
  return id.toString("hex");
}
export const same: typeof sameSocket = socket;
export { Queue, readable, writable, wrong };
`;
}
