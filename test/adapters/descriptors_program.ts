// A program that listens with hardly a descriptor to spare, and echoes.

import { closeSync, openSync } from "node:fs";
import process from "node:process";
import { pickAdapter } from "../../adapters/pick.ts";
import type { ByteStream, StreamHandler } from "../../src/runtime/adapter.ts";

const adapter = pickAdapter();
adapter.clock.ref();
const echo = (): StreamHandler => {
  let stream: ByteStream;
  return {
    opened: (opened) => stream = opened,
    data: (bytes) => stream.write(bytes),
    sent: () => {},
    closed: () => {},
  };
};
const listener = await adapter.listen(
  {
    kind: "tcp",
    host: "127.0.0.1",
    port: 0,
    source: null,
    ipv6: false,
    backlog: 100,
    keepAlive: { enable: -1, idle: -1, interval: -1, count: -1 },
    sendBuffer: -1,
    receiveBuffer: -1,
    typeOfService: 0,
    descriptor: -1,
    tls: null,
    webSocket: null,
  },
  echo,
  () => {},
);

const files: number[] = [];
try {
  for (;;) files.push(openSync("/dev/null", "r"));
} catch {
  // None left: leaves room for three connections.
  for (const file of files.splice(0, 3)) closeSync(file);
}
process.stdin.once("data", () => {
  for (const file of files) closeSync(file);
  console.log("plenty");
  process.stdin.once("data", () => process.exit());
});
console.log(listener.local.split(":")[1]);
