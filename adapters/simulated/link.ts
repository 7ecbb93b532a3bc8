// A connection of a simulated world, from the attempt on: two ends, and whether
// they still hear each other.

import { coded } from "../coded.ts";
import { End } from "./end.ts";
import type { SimulatedHost } from "./host.ts";
import type { SimulatedListener } from "./listener.ts";
import type { SimulatedWorld } from "./world.ts";

export class Link {
  readonly near: End;
  readonly far: End;
  readonly #world: SimulatedWorld;
  #state: "attempt" | "up" | "over" = "attempt";

  constructor(from: SimulatedHost, world: SimulatedWorld) {
    this.#world = world;
    this.near = new End(world, this, from);
    this.far = new End(world, this, from);
    this.near.mate = this.far;
    this.far.mate = this.near;
  }

  touches(a?: SimulatedHost, b?: SimulatedHost): boolean {
    const hosts = [this.near.host, this.far.host];
    return (a === undefined || hosts.includes(a)) &&
      (b === undefined || hosts.includes(b));
  }

  refuse(code: string): void {
    if (this.#state !== "attempt") return;
    this.#state = "over";
    this.near.die(coded(code, "nobody there"));
  }

  /** The attempt gets to a host. */
  arrive(host: SimulatedHost, port: number): void {
    if (this.#state !== "attempt") return;
    const listener = host.ports.get(port);
    if (listener === undefined) {
      this.#world.after(
        this.#world.latency(),
        () => this.refuse("ECONNREFUSED"),
      );
      return;
    }
    const from = `${this.near.host.address}:${this.near.host.freePort()}`;
    this.#join(listener, host, from, `${host.address}:${port}`);
  }

  /** The attempt gets to a path of its own host. */
  arriveAt(host: SimulatedHost, path: string): void {
    if (this.#state !== "attempt") return;
    const listener = host.paths.get(path);
    if (listener === undefined) this.refuse("ENOENT");
    else this.#join(listener, host, "", path);
  }

  #join(
    listener: SimulatedListener,
    host: SimulatedHost,
    from: string,
    to: string,
  ): void {
    this.#state = "up";
    this.#world.linked(this, true);
    this.far.host = host;
    this.far.local = to;
    this.far.remote = from;
    this.near.local = from;
    this.near.remote = to;
    this.far.handler = listener.accept(this.far);
    this.far.open();
    this.#world.after(this.#world.latency(), () => this.near.open());
  }

  /** The caller gives an attempt up. */
  giveUp(): void {
    if (this.#state !== "attempt") return;
    this.#state = "over";
    this.#world.after(
      0,
      () => this.near.die(coded("ECONNABORTED", "given up")),
    );
  }

  get attempting(): boolean {
    return this.#state === "attempt";
  }

  get parted(): boolean {
    return this.#world.parted(this.near.host, this.far.host);
  }

  healed(): void {
    this.near.deliver();
    this.far.deliver();
  }

  /** Both ends learn, each in its own time, that the connection is gone. */
  cut(): void {
    if (this.#state !== "up") return;
    this.#state = "over";
    this.#world.linked(this, false);
    for (const end of [this.near, this.far]) {
      end.silent = true;
      this.#world.after(
        this.#world.latency(),
        () => end.die(coded("ECONNRESET", "the connection was cut")),
      );
    }
  }

  over(): void {
    this.#state = "over";
    this.#world.linked(this, false);
  }
}
