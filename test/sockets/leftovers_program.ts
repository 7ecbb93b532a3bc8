// Prints how many timers are left of sockets, right after they were disposed of.

import process from "node:process";

const timers = new Set<unknown>();
const globals = globalThis as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;
for (
  const [set, clear] of [["setTimeout", "clearTimeout"], [
    "setInterval",
    "clearInterval",
  ]]
) {
  const [realSet, realClear] = [globals[set], globals[clear]];
  globals[set] = (fn, ...rest) => {
    const timer = realSet((...args: unknown[]) => {
      if (set === "setTimeout") timers.delete(timer);
      (fn as (...args: unknown[]) => void)(...args);
    }, ...rest);
    timers.add(timer);
    return timer;
  };
  globals[clear] = (timer) => {
    timers.delete(timer);
    realClear(timer);
  };
}

const { Context, Pull, Push } = await import("../../mod.ts");
const left: Record<string, number> = {};
for (
  const address of [
    "tcp://127.0.0.1:*",
    "inproc://left",
    "ipc://*",
    "ws://127.0.0.1:*",
  ]
) {
  {
    await using pull = new Pull();
    await using push = new Push({ heartbeatInterval: 1000 });
    await pull.bind(address);
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    await pull.receive({ timeout: 5000 });
  }
  left[address] = timers.size;
}
{
  await using push = new Push({ linger: 0 });
  push.connect("tcp://127.0.0.1:1");
}
left["nobody there"] = timers.size;
const context = new Context();
const pull = new Pull({ context });
const waits = pull.receive().catch(() => {});
await context.terminate();
await waits;
left["terminated"] = timers.size;
console.log(JSON.stringify(left));
process.exit();
