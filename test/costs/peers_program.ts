// So many peers that shake hands as a DEALER would, each asking once; then they
// wait for a line of input, and leave. `bare` ones say nothing.

import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import process from "node:process";
import { greeting, message, property, ready } from "../support/zmtp.ts";
import { concat } from "../support/bytes.ts";

const [, , port, count, how] = process.argv;
const AT_ONCE = 50;
const sockets: Socket[] = [];
let answered = 0;

function peer(number: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => {
      if (how === "bare") resolve();
      else {
        const name = property("Identity", `peer ${number}`);
        socket.write(concat(greeting(), ready("DEALER", name)));
      }
    });
    sockets.push(socket);
    let text = "";
    let asked = false;
    socket.on("error", reject);
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (!asked && text.includes("READY")) {
        asked = true;
        socket.write(message(`question ${number}`));
      }
      if (text.endsWith(`re question ${number}`)) {
        answered++;
        resolve();
      }
    });
  });
}

let next = 0;
const all = Number(count);
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  while (next < all) await peer(next++);
}));
console.log(`connected ${sockets.length}, answered ${answered}`);
for await (const _ of createInterface({ input: process.stdin })) break;
for (const socket of sockets) socket.destroy();
console.log("gone");
process.exit();
