// Who listens at a port or a path of a simulated host.

import type {
  ByteStream,
  Listener,
  StreamHandler,
} from "../../src/runtime/adapter.ts";

export class SimulatedListener<K = number | string> implements Listener {
  readonly local: string;
  readonly accept: (stream: ByteStream) => StreamHandler;
  readonly #places: Map<K, SimulatedListener>;
  readonly #place: K;

  constructor(
    places: Map<K, SimulatedListener>,
    local: string,
    place: K,
    accept: (stream: ByteStream) => StreamHandler,
  ) {
    this.#places = places;
    this.#place = place;
    this.local = local;
    this.accept = accept;
    places.set(place, this as SimulatedListener<unknown> as SimulatedListener);
  }

  close(): void {
    // A path may be another's by now.
    const here: unknown = this.#places.get(this.#place);
    if (here === this) this.#places.delete(this.#place);
  }
}
