// Random worlds from a seed, one of the plays below each. `play` runs one and
// throws when an invariant breaks.

import { groups } from "./groups.ts";
import { numbered } from "./numbered.ts";
import { paired } from "./paired.ts";
import { pipeline } from "./pipeline.ts";
import { pubsub } from "./pubsub.ts";
import { raced } from "./raced.ts";
import { reqrep } from "./reqrep.ts";
import { routed } from "./routed.ts";
import { Scene } from "./scene.ts";
import { streams } from "./streams.ts";
import { threaded } from "./threaded.ts";
import { xpubsub } from "./xpubsub.ts";

/** What came of a world. */
export interface Outcome {
  readonly kind: string;
  /** Things that happened in it. */
  readonly events: number;
  readonly cuts: number;
}

/**
 * The plays; the three of the six common socket types come thrice as often. There are
 * 19, so that each is played with every trait that a scene has of its seed.
 */
const PLAYS: readonly ((scene: Scene) => Promise<void>)[] = [
  ...[pipeline, pubsub, reqrep, pipeline, pubsub, reqrep],
  ...[pipeline, pubsub, reqrep],
  ...[routed, xpubsub, paired, numbered, groups, scattered, streams],
  threaded,
  ...[raced, raced],
];

/** How many kinds of worlds there are. */
export const KINDS: number = new Set(PLAYS).size;

/** The kind of the world of a seed. */
export function kindOf(seed: number): string {
  return PLAYS[seed % PLAYS.length].name;
}

/** Runs the world of a seed. */
export async function play(seed: number): Promise<Outcome> {
  const scene = new Scene(seed);
  const kind = PLAYS[seed % PLAYS.length];
  await scene.play(async () => {
    await kind(scene);
    await scene.end();
  });
  return { kind: kind.name, events: scene.events, cuts: scene.cuts };
}

function scattered(scene: Scene): Promise<void> {
  return pipeline(scene, true);
}
