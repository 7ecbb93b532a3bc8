/**
 * The whole library in a simulated world: hosts, a network and a clock that run from one
 * seed, without a socket.
 *
 * @module
 */

import { SimulatedWorld as World } from "../../adapters/simulated/world.ts";
import type { WorldOptions } from "../../adapters/simulated/world_options.ts";
import * as curve from "../endpoints/curve.ts";
import { provideCurve } from "../endpoints/curve_part.ts";

/**
 * Hosts, a network and a clock that run from one seed: the whole of Nought in a
 * world where minutes pass in milliseconds and every fault can be replayed.
 *
 * @example
 * ```ts
 * import { Context, Pull, Push } from "@nought/zeromq";
 * import { SimulatedWorld } from "@nought/zeromq/testing";
 *
 * const world = new SimulatedWorld({ seed: 7 });
 * const here = new Context({ adapter: world.host("here").adapter() });
 * const there = new Context({ adapter: world.host("there").adapter() });
 *
 * const push = new Push({ context: here });
 * push.connect("tcp://there:5555"); // nobody listens yet
 * await push.send("hello");
 * await world.run(10_000);
 *
 * const pull = new Pull({ context: there });
 * pull.bind("tcp://*:5555");
 * await world.run(1_000);
 * console.log(pull.tryReceive()?.length); // 1
 * ```
 */
export class SimulatedWorld extends World {
  /** Makes a world. */
  constructor(options: WorldOptions = {}) {
    super(options);
    // Time here doesn't wait for what is loaded.
    provideCurve(curve);
  }
}

export { SimulatedAdapter } from "../../adapters/simulated/adapter.ts";
export { SimulatedClock } from "../../adapters/simulated/clock.ts";
export { SimulatedHost } from "../../adapters/simulated/host.ts";
export type {
  NetworkOptions,
  WorldOptions,
} from "../../adapters/simulated/world_options.ts";
