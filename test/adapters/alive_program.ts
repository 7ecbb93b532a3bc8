// A program that has a listener, two streams and a timer, and perhaps a hold.

import process from "node:process";
import { pickAdapter } from "../../adapters/pick.ts";
import type { StreamHandler, TcpTarget } from "../../src/runtime/adapter.ts";

const adapter = pickAdapter();
const target = (port: number): TcpTarget => ({
  kind: "tcp",
  host: "127.0.0.1",
  port,
  source: null,
  ipv6: false,
  backlog: 10,
  keepAlive: { enable: -1, idle: -1, interval: -1, count: -1 },
  sendBuffer: -1,
  receiveBuffer: -1,
  typeOfService: 0,
  descriptor: -1,
  tls: null,
  webSocket: null,
});
let opens = 0;
const handler = (): StreamHandler => ({
  opened: () => {
    if (++opens === 2) opened();
  },
  data: () => {},
  sent: () => {},
  closed: () => {},
});

adapter.clock.ref();
const listener = await adapter.listen(target(0), handler, () => {});
adapter.connect(target(Number(listener.local.split(":")[1])), handler());

function opened(): void {
  adapter.clock.setTimer(adapter.clock.now() + 3_600_000, () => {});
  if (process.argv[2] === "idle") {
    adapter.clock.unref();
  } else {
    process.stdin.once("data", () => {
      process.stdin.destroy();
      adapter.clock.unref();
    });
    process.stdin.unref?.();
  }
  console.log("ready");
}
