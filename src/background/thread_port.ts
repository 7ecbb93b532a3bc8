// One background thread and the thread of the application, seen from either: words
// that are posted, and links (link.ts) that have something to read. A link that has
// puts its number in a queue and rings; the bell is one message, however many links
// and messages there are, until it is heard.
//
//   integers, each once for either side: bell rung | all links | queue: put, taken |
//   listening | numbers of the queue

import type { Channel } from "../runtime/io_thread.ts";
import type { Link } from "./link.ts";

/** The sides: who has the application, and who keeps the connections. */
export const APPLICATION = 0;
export const THREAD = 1;
export type Side = 0 | 1;

const RUNG = 0;
const ALL = 2;
const PUT = 4;
const TAKEN = 6;
const LISTENING = 8;
const NUMBERS = 10;
/** Numbers in a queue; links beyond that are found by looking at all. */
const QUEUE = 1024;

/** A bell, as a word. */
const BELL = 0;

/** What goes with a link, in the order of what is in its ring. */
interface Enclosure {
  readonly link: number;
  readonly enclosed: unknown;
}

/** The ring that follows the last one of a link. */
interface Follower {
  readonly link: number;
  readonly memory: SharedArrayBuffer;
}

/** Memory of a port. */
export function portMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * (NUMBERS + 2 * QUEUE));
}

export class ThreadPort {
  readonly side: Side;
  readonly #channel: Channel;
  readonly #ints: Int32Array<SharedArrayBuffer>;
  /** Counts what was said to the application, which may be waiting for that. */
  readonly #told: Int32Array<SharedArrayBuffer>;
  readonly #links = new Map<number, Link>();
  /** Links that rang before they were known. */
  readonly #early = new Set<number>();
  readonly #heard: (word: unknown) => void;
  #numbers: number;
  /** Whether it looks at the end of each turn. */
  #awake = false;
  /** The latest link that the other side has made. */
  #latest = 0;

  /** `heard` is given the words that are none of the links'. */
  constructor(
    side: Side,
    channel: Channel,
    memory: SharedArrayBuffer,
    told: SharedArrayBuffer,
    heard: (word: unknown) => void,
  ) {
    this.side = side;
    this.#channel = channel;
    this.#ints = new Int32Array(memory);
    this.#told = new Int32Array(told);
    this.#heard = heard;
    this.#numbers = side;
  }

  /** Whether the other side hears what it is told. */
  get met(): boolean {
    return Atomics.load(this.#ints, LISTENING + 1 - this.side) === 1;
  }

  /**
   * Begins to hear. While there is something to do it looks again at the end of each
   * turn, and nobody has to ring; `entered` is called before anything is done of a turn.
   */
  listen(entered: () => void, later: (fn: () => void) => void): void {
    Atomics.store(this.#ints, LISTENING + this.side, 1);
    this.#tell();
    const look = () => {
      entered();
      if (!this.#drain()) this.#sleep();
      if (this.#awake) later(look);
    };
    this.#channel.listen((word) => {
      entered();
      this.#drain();
      if (word !== BELL) this.#take(word);
      if (this.#awake) return;
      this.#awake = true;
      later(look);
    });
  }

  /** Does what has been told, without a turn of the event loop; false if nothing has. */
  pump(): boolean {
    let any = this.#drain();
    for (;;) {
      const word = this.#channel.poll();
      if (word === undefined) return any;
      any = true;
      this.#drain();
      if (word === BELL) this.#sleep();
      else this.#take(word);
    }
  }

  /** Says something. */
  say(word: unknown, transfer?: ArrayBuffer[]): void {
    this.#channel.post(word, transfer);
    this.#tell();
  }

  /** A number for a new link; both sides count for themselves. */
  nextNumber(): number {
    return this.#numbers += 2;
  }

  add(link: Link): void {
    const { number } = link;
    this.#links.set(number, link);
    if ((number & 1) !== this.side && number > this.#latest) {
      this.#latest = number;
    }
    if (this.#early.delete(link.number)) link.run();
  }

  remove(link: Link): void {
    this.#links.delete(link.number);
  }

  /** A link has something to read for the other side. */
  strike(link: Link): void {
    if (!link.mark()) return;
    const ints = this.#ints;
    const theirs = 1 - this.side;
    const put = Atomics.load(ints, PUT + theirs);
    if (((put - Atomics.load(ints, TAKEN + theirs)) | 0) >= QUEUE) {
      Atomics.store(ints, ALL + theirs, 1);
    } else {
      const place = NUMBERS + theirs * QUEUE + (put & (QUEUE - 1));
      Atomics.store(ints, place, link.number);
      Atomics.store(ints, PUT + theirs, (put + 1) | 0);
    }
    if (Atomics.exchange(ints, RUNG + theirs, 1) === 0) {
      this.#channel.post(BELL);
    }
    this.#tell();
  }

  #tell(): void {
    if (this.side === APPLICATION) return;
    Atomics.add(this.#told, 0, 1);
    Atomics.notify(this.#told, 0);
  }

  /** From now on whoever has something to tell rings, unless there is something. */
  #sleep(): void {
    this.#awake = false;
    Atomics.store(this.#ints, RUNG + this.side, 0);
    while (this.#drain());
  }

  #take(word: unknown): void {
    const { link: number } = word as Enclosure | Follower;
    if (number === undefined) {
      this.#heard(word);
      return;
    }
    const link = this.#links.get(number);
    if (link === undefined) return;
    if ("memory" in (word as object)) link.follow((word as Follower).memory);
    else link.enclosures.push((word as Enclosure).enclosed);
    link.run();
  }

  /** Does what links have told; false if none has. */
  #drain(): boolean {
    const ints = this.#ints;
    const ours = this.side;
    let any = false;
    for (;;) {
      const taken = Atomics.load(ints, TAKEN + ours);
      if (taken === Atomics.load(ints, PUT + ours)) break;
      any = true;
      const place = NUMBERS + ours * QUEUE + (taken & (QUEUE - 1));
      const number = Atomics.load(ints, place);
      Atomics.store(ints, TAKEN + ours, (taken + 1) | 0);
      const link = this.#links.get(number);
      if (link !== undefined) link.run();
      else if ((number & 1) !== ours && number > this.#latest) {
        this.#early.add(number);
      }
    }
    if (Atomics.exchange(ints, ALL + ours, 0) === 0) return any;
    for (const link of [...this.#links.values()]) link.run();
    return true;
  }
}
