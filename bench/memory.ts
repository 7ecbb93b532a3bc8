import type { Benchmark } from "./harness/benchmark.ts";
export const memory: Benchmark = { name: "memory", what: "", run: () => Promise.resolve([]) };
