// Imports everything, makes a socket of each type and lets go of it: the process
// ends by itself. Says what of the global names had changed.

import process from "node:process";

const before = Object.getOwnPropertyNames(globalThis);
const { Publisher, Pull, Push, Reply, Request, Subscriber } = await import(
  "../../mod.ts"
);
await import("../../src/testing/testing.ts");
for (const type of [Publisher, Pull, Push, Reply, Request, Subscriber]) {
  new type();
}
const after = Object.getOwnPropertyNames(globalThis);
console.log(after.filter((name) => !before.includes(name)).join() || "nothing");
process.on("exit", () => console.log("over"));
