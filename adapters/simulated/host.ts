// A machine of a simulated world: its name and address, and who listens there.

import { SimulatedAdapter } from "./adapter.ts";
import type { SimulatedDatagrams } from "./datagrams.ts";
import type { SimulatedListener } from "./listener.ts";
import type { SimulatedWorld } from "./world.ts";

/** A machine in a {@linkcode SimulatedWorld}. */
export class SimulatedHost {
  /** Its name, for `tcp://name:port`. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
  /** The world it is in. */
  readonly world: SimulatedWorld;
  /** Who listens at its ports; for the world's own parts. */
  readonly ports: Map<number, SimulatedListener> = new Map();
  /** Its sockets of datagrams; for the world's own parts. */
  readonly datagrams: Set<SimulatedDatagrams> = new Set();
  /** Who listens at its ipc paths; for the world's own parts. */
  readonly paths: Map<string, SimulatedListener> = new Map();
  #nextPort = 49152;

  /** Made by {@linkcode SimulatedWorld.host}. */
  constructor(name: string, address: string, world: SimulatedWorld) {
    this.name = name;
    this.address = address;
    this.world = world;
  }

  /** A new program on this host, for one `new Context({ adapter })`: another takes one of its own. */
  adapter(): SimulatedAdapter {
    return new SimulatedAdapter(this);
  }

  /** A port that nobody has; for the world's own parts. */
  freePort(): number {
    while (this.ports.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort++;
  }
}
