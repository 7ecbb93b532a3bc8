// The table that the clone is about, as each server and each client holds it, and
// how to keep it the same as a server's.

import { Subscriber, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";
import {
  ALIVE,
  ask,
  fromFrames,
  LIVENESS,
  type Places,
  type Update,
} from "./protocol.ts";

/** So many changes are remembered, to know one that is made twice. */
const MEMORY = 1000;

export class Table {
  /** The place of the last change in the order of all. */
  sequence = 0;
  readonly #rows = new Map<string, Update>();
  readonly #expires = new Map<string, number>();
  readonly #made = new Set<string>();
  readonly #changed: (update: Update) => void;

  constructor(changed: (update: Update) => void = () => {}) {
    this.#changed = changed;
  }

  get(key: string): string | undefined {
    return this.#rows.get(key)?.value;
  }

  /** What is under a key that ends with a slash, or everything. */
  under(subtree: string): Update[] {
    const all = [...this.#rows.values()];
    return all.filter(({ key }) => key.startsWith(subtree));
  }

  /** Whether a change was made lately. */
  has(id: string): boolean {
    return this.#made.has(id);
  }

  /** Makes a change, unless it is an old one. */
  apply(update: Update): void {
    if (update.sequence <= this.sequence) return;
    this.sequence = update.sequence;
    this.#put(update);
  }

  /** Becomes the same as another table. */
  load(sequence: number, rows: Update[]): void {
    const keys = new Set(rows.map(({ key }) => key));
    for (const row of this.#rows.values()) {
      if (!keys.has(row.key)) this.#put({ ...row, value: "" });
    }
    for (const row of rows) {
      if (this.#rows.get(row.key)?.id !== row.id) this.#put(row);
    }
    this.sequence = sequence;
  }

  /** The keys whose time is over. */
  expired(): string[] {
    const now = Date.now();
    return [...this.#expires].filter(([, expires]) => expires <= now)
      .map(([key]) => key);
  }

  #put(update: Update): void {
    const { key, id, ttl, value } = update;
    if (value === "") this.#rows.delete(key);
    else this.#rows.set(key, update);
    if (ttl > 0 && value !== "") {
      this.#expires.set(key, Date.now() + ttl * 1000);
    } else this.#expires.delete(key);
    this.#made.add(id);
    if (this.#made.size > MEMORY) {
      this.#made.delete(this.#made.values().next().value!);
    }
    this.#changed(update);
  }
}

/** What to follow a server for, and how patiently. */
export interface FollowOptions {
  /** A key that ends with a slash, or nothing for everything. */
  subtree: string;
  /** Milliseconds between its heartbeats. */
  interval: number;
  /** Ends it. */
  signal?: AbortSignal;
  /** Called when the table is the same as the server's for the first time. */
  ready?: () => void;
}

/** Keeps a table the same as a server's; resolves when that one doesn't serve. */
export async function follow(
  server: Places,
  table: Table,
  { subtree, interval, signal, ready }: FollowOptions,
): Promise<void> {
  const limits = { timeout: interval * LIVENESS, signal };
  using updates = new Subscriber();
  updates.subscribe(subtree);
  updates.subscribe(ALIVE);
  updates.connect(server.updates);
  try {
    // A server that is there in case the other dies learns from this that it did.
    if (await ask(server.requests, ["ping"], limits) === null) return;
    // Who has heard one thing hears all that is sent from now on; so what is not
    // in the snapshot comes as an update.
    if (await inTime(updates.receive(limits)) === null) return;
    const snapshot = ["snapshot", subtree];
    const answer = await ask(server.requests, snapshot, limits);
    if (answer === null) return;
    const [sequence, ...rows] = answer;
    table.load(Number(text(sequence)), fromFrames(rows));
    ready?.();
    for (;;) {
      const message = await inTime(updates.receive(limits));
      if (message === null) return;
      for (const update of fromFrames(message)) table.apply(update);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
