// Ports for transports whose address both programs are told beforehand.

/** Below those that Linux hands out itself. */
const FIRST = 20_000;
const PORTS = 12_000;

let next = Math.floor(Math.random() * PORTS);

/** A port that was not used a moment ago. */
export function nextPort(): number {
  return FIRST + next++ % PORTS;
}
