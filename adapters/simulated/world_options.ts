// What a simulated world may be asked for, and what it does if it isn't.

/** How the network of a {@linkcode SimulatedWorld} behaves. */
export interface NetworkOptions {
  /** Milliseconds that bytes travel, from the first to the second number. Default 0.1 to 2. */
  latency?: readonly [number, number];
  /** Bytes that one direction of a connection holds, from the first to the second number. Default 1024 to 65536. */
  window?: readonly [number, number];
  /** The most bytes that arrive at once; each arrival has between 1 and this many. Default 16384. */
  piece?: number;
  /**
   * How likely it is that a sender knows to the byte what has left when its
   * connection dies, as on Deno and Bun, and not just whole writes, as on Node.
   * Default 0.5.
   */
  exact?: number;
  /** How likely a datagram is lost. Default 0. */
  loss?: number;
  /** How likely a datagram arrives twice. Default 0. */
  duplication?: number;
  /** Milliseconds that a datagram may be late beyond its latency, so that others overtake it. Default 0. */
  disorder?: number;
}

/** Options of a {@linkcode SimulatedWorld}. */
export interface WorldOptions extends NetworkOptions {
  /** What all chance comes from. Default 1. */
  seed?: number;
}

const LARGEST_SEED = 0xffffffff;
const OPTIONS: readonly string[] = [
  ...["seed", "latency", "window", "piece", "exact"],
  ...["loss", "duplication", "disorder"],
];

/** Options with their defaults; a TypeError if one makes no sense. */
export function worldOptions(options: WorldOptions): Required<WorldOptions> {
  const { seed = 1 } = options;
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
    throw new TypeError(
      `A seed is a whole number from 0 to ${LARGEST_SEED}, not ${seed}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (!OPTIONS.includes(name)) {
      throw new TypeError(
        `A SimulatedWorld has no option ${name}, but ${OPTIONS.join(", ")}`,
      );
    }
  }
  for (const name of ["latency", "window"] as const) {
    const [least, most] = options[name] ?? [1, 1];
    if (!(least >= (name === "window" ? 1 : 0)) || !(most >= least)) {
      throw new TypeError(
        `${name} is the least and the most: two numbers, the second not below the first`,
      );
    }
  }
  return {
    seed,
    latency: options.latency ?? [0.1, 2],
    window: options.window ?? [1024, 65536],
    piece: options.piece ?? 16384,
    exact: options.exact ?? 0.5,
    loss: options.loss ?? 0,
    duplication: options.duplication ?? 0,
    disorder: options.disorder ?? 0,
  };
}
