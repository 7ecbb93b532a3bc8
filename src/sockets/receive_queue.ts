// Receives that wait for a message, in order. One that finds a message and
// nobody before it is done at once.

import { ipBytes } from "../base/cidr.ts";
import { ZmqError } from "../base/errors.ts";
import type { EventPeer } from "../base/event.ts";
import { EMPTY, type Message } from "../base/message.ts";
import { parseProperties, type Property } from "../base/metadata.ts";
import { hostOfPeer } from "../base/peer_address.ts";
import { decodeText } from "../base/utf8.ts";
import { Timer } from "../endpoints/timers.ts";
import type { Flushable, Turn } from "../endpoints/turn.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { AbortLike } from "../runtime/abort.ts";
import { refusedBy } from "./call_limits.ts";
import type { SocketCore } from "./core.ts";
import { Waiting, WaitingLine } from "./waiting_line.ts";

/** How to receive. */
export interface ReceiveOptions {
  /** Takes the receive back while it waits; no message is lost. */
  signal?: AbortLike;
  /** Milliseconds to wait, in place of the option `receiveTimeout`. */
  timeout?: number;
}

/** A message and where it came from. */
export interface Attributed<M> {
  /** The message, as `receive` gives it. */
  readonly parts: M;
  /** The peer that sent it, as far as it is known. */
  readonly peer: EventPeer | null;
  /** Who the peer proved to be (`User-Id`); `null` without a mechanism that proves it. */
  readonly userId: string | null;
  /** What the peer said of itself in the handshake, `Socket-Type` and `X-…`, and its `Peer-Address`. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What a receive makes of a message. */
type Received =
  | Message
  | Message[]
  | IteratorResult<Message, undefined>
  | Attributed<Message>;

/** The message as it is. */
const ONE = 0;
/** As many messages as there are. */
const MANY = 1;
/** A step of an iteration. */
const STEP = 2;
/** The message and whose it is. */
const ATTRIBUTED = 3;

type Form = 0 | 1 | 2 | 3;

class WaitingReceive extends Waiting<Received> {
  readonly form: Form;
  readonly most: number;

  constructor(form: Form, most: number) {
    super();
    this.form = form;
    this.most = most;
  }
}

const END: IteratorResult<Message, undefined> = {
  value: undefined,
  done: true,
};
const NO_OPTIONS: ReceiveOptions = {};
/** Times in a turn that one who waits is woken for a message at once. */
const WAKES = 16;

/** The three that hot loops call are written out, as engines inline only so much into one. */
export class ReceiveQueue implements Flushable {
  readonly #core: SocketCore;
  readonly #line: WaitingLine<WaitingReceive>;
  #draining = false;
  /** Whether those who wait get their messages at the end of the turn. */
  #deferred = false;
  #enqueued = false;
  #wakes = 0;
  #wakeTurn = -1;

  constructor(core: SocketCore) {
    this.#core = core;
    this.#line = new WaitingLine(core.reactor);
  }

  /** How many receives wait. */
  get size(): number {
    return this.#line.size;
  }

  /** Receives a message. */
  receive(options?: ReceiveOptions): Promise<Message> {
    const core = this.#core;
    if (
      options === undefined && core.barrier === null && this.#line.size === 0
    ) {
      const message = core.pattern.tryReceive();
      if (message !== null) return give(core.reactor.turn, message);
    }
    return this.#slow(ONE, 1, options ?? NO_OPTIONS) as Promise<Message>;
  }

  /** Receives a message, and whose it is. */
  receiveAttributed(options?: ReceiveOptions): Promise<Attributed<Message>> {
    return this.#slow(ATTRIBUTED, 1, options ?? NO_OPTIONS) as Promise<
      Attributed<Message>
    >;
  }

  /** Receives a message if there is one. */
  tryReceive(): Message | undefined {
    const core = this.#core;
    if (core.barrier !== null) throw core.closedError();
    if (this.#line.size > 0) return undefined;
    const message = core.pattern.tryReceive();
    if (message === null && core.pattern.mute) throw outOfTurn();
    return message ?? undefined;
  }

  /** Receives what there is, at least one message and at most so many. */
  receiveMany(upTo: number, options?: ReceiveOptions): Promise<Message[]> {
    if (!(upTo >= 1)) return Promise.reject(tooFew(upTo));
    const most = Math.floor(upTo);
    const core = this.#core;
    if (
      options === undefined && core.barrier === null && this.#line.size === 0
    ) {
      const messages = this.#takeMany(most);
      if (messages.length > 0) return give(core.reactor.turn, messages);
    }
    return this.#slow(MANY, most, options ?? NO_OPTIONS) as Promise<Message[]>;
  }

  /** The next step of an iteration; the end once the socket is closed. */
  step(): Promise<IteratorResult<Message, undefined>> {
    const core = this.#core;
    if (core.barrier === null && this.#line.size === 0) {
      const message = core.pattern.tryReceive();
      if (message !== null) {
        return give(core.reactor.turn, { value: message, done: false });
      }
    }
    const { closed } = core;
    if (closed !== null && closed !== "lost") return Promise.resolve(END);
    return this.#slow(STEP, 1, NO_OPTIONS) as Promise<
      IteratorResult<Message, undefined>
    >;
  }

  /**
   * There may be a message: those who wait get theirs. A sender in this process
   * that goes on and on would wake them for each message; from some time on they
   * are left to sleep until the turn ends, and find many.
   */
  drain(): void {
    if (this.#draining || this.#line.size === 0) return;
    const { turn } = this.#core.reactor;
    if (this.#wakeTurn !== turn.number) {
      this.#wakeTurn = turn.number;
      this.#wakes = 0;
    }
    if (this.#deferred || ++this.#wakes > WAKES) {
      this.#deferred = true;
      if (this.#enqueued) return;
      this.#enqueued = true;
      turn.enqueue(this);
    } else this.#drain();
  }

  turnEnded(): void {
    this.#enqueued = false;
    this.#drain();
    // What is left shows that it was worth the wait.
    this.#deferred = this.#core.pattern.canReceive();
    // It is for those who watch, too: they left it to those who were in line.
    if (this.#deferred) this.#core.tellWatchers();
  }

  #drain(): void {
    // While a proxy has the socket, those who waited before it wait on.
    if (this.#draining || this.#core.barrier === "proxied") return;
    this.#draining = true;
    for (;;) {
      const waiting = this.#line.first;
      if (waiting === null) break;
      const received = this.#take(waiting.form, waiting.most);
      if (received === null) break;
      this.#line.resolve(waiting, received);
    }
    this.#draining = false;
  }

  /** The socket is closed: iterations end, unless it was lost; others are told why. */
  close(error: ZmqError): void {
    this.#drain();
    for (;;) {
      const waiting = this.#line.first;
      if (waiting === null) return;
      if (waiting.form === STEP && this.#core.closed !== "lost") {
        this.#line.resolve(waiting, END);
      } else this.#line.reject(waiting, error);
    }
  }

  #slow(
    form: Form,
    most: number,
    options: ReceiveOptions,
  ): Promise<Received> {
    const core = this.#core;
    if (core.barrier !== null) return Promise.reject(core.closedError());
    const refused = refusedBy(options);
    if (refused !== undefined) return Promise.reject(refused);
    if (this.#line.size === 0) {
      const received = this.#take(form, most);
      if (received !== null) return give(core.reactor.turn, received);
    }
    if (core.pattern.mute && core.sends.size === 0) {
      return Promise.reject(outOfTurn());
    }
    const timeout = options.timeout ?? core.options.receiveTimeout;
    if (timeout === 0) return Promise.reject(timedOut(0));
    if (this.#line.size >= core.options.maxPendingReceives) {
      return Promise.reject(tooMany(core.options.maxPendingReceives));
    }
    const waiting = new WaitingReceive(form, most);
    const promise = this.#line.add(waiting) as Promise<Received>;
    if (timeout > 0) {
      const timer = new Timer(() => {
        this.#drain();
        if (!waiting.settled) this.#line.reject(waiting, timedOut(timeout));
      });
      this.#line.limit(waiting, timer, timeout);
    }
    if (options.signal !== undefined) {
      this.#line.abortable(waiting, options.signal, () => this.drain());
    }
    return promise;
  }

  #take(form: Form, most: number): Received | null {
    if (form === MANY) {
      const messages = this.#takeMany(most);
      return messages.length > 0 ? messages : null;
    }
    const message = this.#core.pattern.tryReceive();
    if (message === null || form === ONE) return message;
    if (form === ATTRIBUTED) {
      return attributed(message, this.#core.pattern.origin);
    }
    return { value: message, done: false };
  }

  #takeMany(most: number): Message[] {
    const { pattern } = this.#core;
    const messages: Message[] = [];
    const { unsifted } = pattern;
    if (unsifted !== null) {
      unsifted.takeMany(messages, most);
      return messages;
    }
    while (messages.length < most) {
      const message = pattern.tryReceive();
      if (message === null) break;
      messages.push(message);
    }
    return messages;
  }
}

/** Done at once, unless so much was in this turn that it has to end first. */
function give<T>(turn: Turn, received: T): Promise<T> {
  return turn.spend() ? Promise.resolve(received) : later(turn, received);
}

function later<T>(turn: Turn, received: T): Promise<T> {
  return turn.next().then(() => received);
}

function attributed(
  parts: Message,
  origin: Pipe | null,
): Attributed<Message> {
  const peer = origin?.peer ?? null;
  const properties: Record<string, string> = {};
  for (const [name, value] of read(origin?.properties)) {
    // Who it is is for others to say.
    if (name.toLowerCase() !== "user-id") properties[name] = decodeText(value);
  }
  for (const [name, value] of read(origin?.admitted)) {
    properties[name] = decodeText(value);
  }
  // A path is none: on ipc libzmq has the peer's user there, whom no runtime tells.
  const host = hostOfPeer(peer?.address ?? "");
  if (ipBytes(host) !== null) properties["Peer-Address"] = host;
  return { parts, peer, userId: properties["User-Id"] ?? null, properties };
}

/** Properties, the last first, so that the first of a name stands. */
function read(encoded: Uint8Array = EMPTY): Property[] {
  return parseProperties(encoded, 0, encoded.length)!.reverse();
}

function outOfTurn(): ZmqError {
  return new ZmqError(
    "EFSM",
    "Cannot receive: it is not this socket's turn; send first",
  );
}

function timedOut(timeout: number): ZmqError {
  return new ZmqError(
    "EAGAIN",
    `Cannot receive within ${timeout} ms: no message came; wait longer, or raise receiveTimeout`,
  );
}

function tooFew(most: number): ZmqError {
  return new ZmqError(
    "EINVAL",
    `Cannot receive ${most} messages: at least one is waited for`,
  );
}

function tooMany(most: number): ZmqError {
  return new ZmqError(
    "EBUSY",
    `Cannot receive: ${most} receives wait already; await each receive, or raise maxPendingReceives`,
  );
}
