// One end of a connection in a simulated world. Bytes count as sent when they enter
// the sender's window, as with a kernel; they leave it when the receiver has taken
// them, so a receiver that doesn't read stops its sender.
//
//   write ──> sender's window ──(latency, in pieces)──> receiver's window ──> data

import type { ByteStream, StreamHandler } from "../../src/runtime/adapter.ts";
import { coded } from "../coded.ts";
import type { SimulatedHost } from "./host.ts";
import type { Link } from "./link.ts";
import type { SimulatedWorld } from "./world.ts";

const NONE = new Uint8Array(0);

export class End implements ByteStream {
  local = "";
  remote = "";
  readonly exact: boolean;
  host: SimulatedHost;
  handler: StreamHandler | null = null;
  mate: End | null = null;
  /** Nothing reaches it any more. */
  silent = false;
  readonly #world: SimulatedWorld;
  readonly #link: Link;
  readonly #window: number;
  /** Whether it reads into memory that the handler gives. */
  readonly #pulls: boolean;
  /** And says that it hands it over at once, as it does. */
  readonly #atOnce: boolean;
  #opened = false;
  #dead = false;
  #paused = false;
  #ending = false;

  // Outwards: what the owner wrote and the window had no room for, and how
  // much of the window is taken.
  #writing: Uint8Array = NONE;
  #unreported = 0;
  #taken = 0;
  // Inwards: what has arrived or is under way, in order.
  readonly #arriving: { at: number; bytes: Uint8Array | null }[] = [];
  #scheduled = false;

  constructor(world: SimulatedWorld, link: Link, host: SimulatedHost) {
    this.#world = world;
    this.#link = link;
    this.host = host;
    this.#window = world.window();
    this.exact = world.exact();
    const chance = world.random();
    this.#pulls = chance < 0.5;
    this.#atOnce = chance < 0.25;
  }

  open(): void {
    if (this.#dead || this.silent || this.#opened) return;
    this.#opened = true;
    this.handler!.opened(this);
    this.deliver();
  }

  write(bytes: Uint8Array): void {
    if (this.#dead) return;
    if (this.#writing.length > 0 || this.#unreported > 0) {
      throw new Error("write() before sent() has covered the last one");
    }
    this.#writing = bytes;
    this.#unreported = bytes.length;
    // Half of all writes are taken within the call, as on Bun and Node.
    if (this.#world.random() < 0.5) this.#fillWindow();
    else this.#world.after(0, () => this.#fillWindow());
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule(0);
  }

  end(limit: number): void {
    if (this.#dead) return;
    if (!this.#opened) {
      this.abort();
      return;
    }
    this.#ending = true;
    this.#paused = false;
    this.mate!.#arrive(null);
    this.#schedule(0);
    this.#world.after(limit, () => this.die(undefined));
  }

  abort(): void {
    if (this.#dead) return;
    if (this.#link.attempting) {
      this.#link.giveUp();
      return;
    }
    this.silent = true;
    this.#world.after(0, () => this.die(undefined));
    // What was under way may or may not get there before the news does.
    const mate = this.mate!;
    if (this.#world.random() < 0.5) mate.#arrive(null);
    else {
      this.#world.after(
        this.#world.latency(),
        () => mate.die(coded("ECONNRESET", "the peer is gone")),
      );
    }
  }

  ref(): void {}

  unref(): void {}

  die(error: Error | undefined): void {
    if (this.#dead) return;
    this.#dead = true;
    this.silent = true;
    this.#arriving.length = 0;
    this.#link.over();
    if (this.handler !== null) {
      this.handler.closed(this.#ending ? undefined : error);
    }
    // The other end hears of it, unless it has already.
    const mate = this.mate!;
    if (mate.#opened && !mate.#dead && !mate.silent) mate.#arrive(null);
  }

  /** Hands over what has arrived by now. */
  deliver(): void {
    while (!this.#dead && !this.silent && this.#opened && !this.#paused) {
      const next = this.#arriving[0];
      if (next === undefined || this.#link.parted) return;
      if (next.at > this.#world.now) {
        this.#schedule(next.at - this.#world.now);
        return;
      }
      if (next.bytes === null) {
        this.#arriving.shift();
        this.die(undefined);
        return;
      }
      this.#handOver(next.bytes);
    }
  }

  #handOver(bytes: Uint8Array): void {
    const handler = this.handler!;
    let length = Math.min(bytes.length, this.#world.piece());
    if (this.#ending) {
      length = bytes.length;
      this.#shift(length);
    } else if (this.#pulls && handler.readTarget !== undefined) {
      const target = handler.readTarget(this.#atOnce);
      length = Math.min(length, target.length);
      target.set(bytes.subarray(0, length));
      this.#shift(length);
      handler.data(target.subarray(0, length));
    } else {
      this.#shift(length);
      handler.data(bytes.slice(0, length));
    }
    const mate = this.mate!;
    mate.#taken -= length;
    mate.#fillWindow();
  }

  #shift(length: number): void {
    const next = this.#arriving[0];
    if (next.bytes!.length === length) this.#arriving.shift();
    else next.bytes = next.bytes!.subarray(length);
  }

  /** Puts as much of what was written under way as the window has room for. */
  #fillWindow(): void {
    if (this.#dead || this.silent) return;
    const length = Math.min(this.#writing.length, this.#window - this.#taken);
    if (length <= 0) return;
    const bytes = this.#writing.slice(0, length);
    this.#writing = this.#writing.subarray(length);
    this.#taken += length;
    this.mate!.#arrive(bytes);
    if (this.exact) {
      this.#unreported -= length;
      this.handler!.sent(length);
    } else if (this.#writing.length === 0) {
      const sent = this.#unreported;
      this.#unreported = 0;
      this.handler!.sent(sent);
    }
  }

  /** Something is on its way here; null is the end. */
  #arrive(bytes: Uint8Array | null): void {
    if (this.#dead || this.silent) return;
    const last = this.#arriving.at(-1)?.at ?? 0;
    const at = Math.max(last, this.#world.now + this.#world.latency());
    this.#arriving.push({ at, bytes });
    this.#schedule(at - this.#world.now);
  }

  #schedule(delay: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#world.after(delay, () => {
      this.#scheduled = false;
      this.deliver();
    });
  }
}
