// How much memory a program has, once its garbage is collected.

import process from "node:process";

/** Collects garbage, where the program was started so that it can. */
export function collect(): void {
  const globals = globalThis as {
    gc?: () => void;
    Bun?: { gc(force: boolean): void };
  };
  globals.gc?.();
  globals.Bun?.gc(true);
}

/** Resident memory in bytes after garbage was collected. */
export function residentMemory(): number {
  collect();
  return process.memoryUsage().rss;
}

/** Bytes in objects and buffers after garbage was collected, whatever the allocator keeps beside. */
export function heldMemory(): number {
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}
