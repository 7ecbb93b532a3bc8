// A disk in a simulated world: it takes its time, is full now and then, and fails.

import { coded } from "../../adapters/coded.ts";
import type { SwapFile, SwapStore } from "../../src/runtime/swap_store.ts";
import type { SimulatedWorld } from "../../src/testing/testing.ts";

export class SimulatedDisk implements SwapStore {
  /** Files that there are. */
  files = 0;
  readonly blockBytes: number;
  readonly #world: SimulatedWorld;
  readonly #failing: number;

  /** `failing` is how likely it is that something fails. */
  constructor(world: SimulatedWorld, blockBytes: number, failing: number) {
    this.#world = world;
    this.blockBytes = blockBytes;
    this.#failing = failing;
  }

  check(): void {}

  async open(): Promise<SwapFile> {
    await this.done("EMFILE", () => {});
    this.files++;
    return new File(this);
  }

  /** Does something after a while, or half of it and fails. */
  async done(code: string, act: (whole: boolean) => void): Promise<void> {
    const world = this.#world;
    await new Promise<void>((resolve) => world.after(world.latency(), resolve));
    const whole = world.random() >= this.#failing;
    act(whole);
    if (!whole) throw coded(code, "the simulated disk fails");
  }
}

class File implements SwapFile {
  readonly #disk: SimulatedDisk;
  #bytes = new Uint8Array(65536);
  #there = true;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return this.#disk.done("ENOSPC", (whole) => {
      const count = whole ? bytes.length : bytes.length >> 1;
      while (this.#bytes.length < at + count) this.#grow();
      // Who writes leaves the bytes as they are until they are written.
      this.#bytes.set(bytes.subarray(0, count), at);
    });
  }

  read(into: Uint8Array, at: number): Promise<void> {
    return this.#disk.done("EIO", (whole) => {
      const count = whole ? into.length : into.length >> 1;
      into.set(this.#bytes.subarray(at, at + count));
    });
  }

  remove(): void {
    if (this.#there) this.#disk.files--;
    this.#there = false;
  }

  #grow(): void {
    const grown = new Uint8Array(2 * this.#bytes.length);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
