// A turn of the event loop: what is written at its end, how many operations may
// complete within it, and how many connections may write at once. A program
// that awaits one send after another never leaves the turn by itself, since
// each is done at once; after a while it has to let timers and I/O in.

/** Something that has bytes to write when the turn ends. */
export interface Flushable {
  turnEnded(): void;
}

/** Operations that may complete at once in one turn, and for how many milliseconds. */
const OPERATIONS = 16384;
const TURN_MS = 2;
/** Operations between looks at the clock, and the same while they go by quickly. */
const PORTION = 32;
const QUICK_PORTION = 256;
/** Milliseconds that either of them takes at most while they do. */
const QUICK_MS = 0.1;
/** The same once I/O has brought something: that is best received while it is in the processor's cache. */
const OPERATIONS_OF_IO = 65536;
const IO_MS = 8;
/** Quiet connections that may write a first message at once in one turn. */
const EAGER_WRITES = 32;

export class Turn {
  /** Tells one turn from the next. */
  number = 0;
  readonly #endOfTurn: (fn: () => void) => void;
  readonly #run: () => void = () => this.#end();
  #armed = false;
  readonly #now: () => number;
  #spent = 0;
  /** Operations until the next look at the clock, and what it said first and last. */
  #credit = 0;
  #began = 0;
  #looked = 0;
  #most = OPERATIONS;
  #limit = TURN_MS;
  #eager = EAGER_WRITES;
  #dirty: Flushable[] = [];
  #next: Promise<void> | null = null;
  #resolve: () => void = nothing;

  constructor(endOfTurn: (fn: () => void) => void, now: () => number) {
    this.#endOfTurn = endOfTurn;
    this.#now = now;
  }

  /** An I/O callback begins: a new turn, as far as it matters here. */
  entered(): void {
    this.number++;
    this.#spent = 0;
    this.#credit = 0;
    this.#most = OPERATIONS_OF_IO;
    this.#limit = IO_MS;
    this.#eager = EAGER_WRITES;
  }

  /** Counts an operation that completes at once; false if it has to wait for `next`. */
  spend(): boolean {
    return --this.#credit >= 0 || this.#spendPortion();
  }

  /** Counts a write of a quiet connection; false if it has to wait for the turn's end. */
  spendEager(): boolean {
    return --this.#eager >= 0;
  }

  /** Resolves in the next turn; one promise for all who ask in this one. */
  next(): Promise<void> {
    if (this.#next === null) {
      this.#next = new Promise((resolve) => this.#resolve = resolve);
      this.#arm();
    }
    return this.#next;
  }

  /** Asks for a call at the end of the turn. */
  enqueue(flushable: Flushable): void {
    this.#dirty.push(flushable);
    this.#arm();
  }

  /** Ends the turn now, for a thread that is about to block: what is to be written is. */
  end(): void {
    const armed = this.#armed;
    this.#end();
    // The call that was asked for still comes: who never leaves the turn asks once.
    this.#armed ||= armed;
  }

  #spendPortion(): boolean {
    this.#credit = 0;
    const now = this.#now();
    if (this.#spent === 0) this.#began = now;
    if (this.#spent >= this.#most || now - this.#began >= this.#limit) {
      return false;
    }
    const quick = now - this.#looked < QUICK_MS && this.#spent > 0;
    const portion = quick ? QUICK_PORTION : PORTION;
    this.#looked = now;
    this.#spent += portion;
    this.#credit = portion - 1;
    return true;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#endOfTurn(this.#run);
  }

  #end(): void {
    this.#armed = false;
    this.entered();
    this.#most = OPERATIONS;
    this.#limit = TURN_MS;
    const dirty = this.#dirty;
    this.#dirty = [];
    for (let i = 0; i < dirty.length; i++) dirty[i].turnEnded();
    if (this.#next !== null) {
      this.#next = null;
      this.#resolve();
    }
  }
}

function nothing(): void {}
