// Connects to a port again and again, and is gone at once each time; then says so.

import { connect } from "node:net";
import process from "node:process";

const [port, count] = process.argv.slice(2).map(Number);
let left = count;
const one = () => {
  if (left-- <= 0) return;
  const socket = connect(
    { port, host: "127.0.0.1" },
    () => socket.resetAndDestroy(),
  );
  socket.on("error", () => {});
  socket.on("close", one);
};
process.on("exit", () => console.log("gone"));
for (let i = 0; i < 20; i++) one();
