// ROUTER (RFC 28): the first frame of a message names the peer it goes to or
// comes from. A peer's name is what it calls itself, what `connect` was told, or
// made up: a zero byte and a number. Two peers of one name: the newcomer waits,
// unheard, until the name is free, or takes it over (`handover`), and the other waits.
// None is cut off, or two that come again would take it from each other for ever.

import { writeUint32 } from "../base/frame.ts";
import { EMPTY, type Message } from "../base/message.ts";
import { latin1 } from "../base/utf8.ts";
import { LoadBalancer } from "../routing/load_balancer.ts";
import {
  FULL,
  type Host,
  NO_PEER,
  type SendResult,
  SENT,
  UNREACHABLE,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { Succession } from "../routing/succession.ts";
import { type EdgeSettings, sendOpenings } from "./dealer.ts";
import { ReceivingPattern } from "./receiving.ts";

/** The options that a Router looks at. */
export interface RouterSettings extends EdgeSettings {
  readonly mandatory: boolean;
  readonly handover: boolean;
  readonly notify: number | boolean;
}

/** Bits of `notify`. */
const CONNECTS = 1;
const DISCONNECTS = 2;
/** Bytes of a name that was made up: a zero, and a number. */
const MADE_UP = 5;

export class RouterPattern extends ReceivingPattern {
  /** Whether a message to nobody waits as long as there is no peer at all, as in zeromq.js. */
  patient = false;
  readonly #settings: RouterSettings;
  readonly #peers = new Map<string, Pipe>();
  /** Those whose name is another's. */
  readonly #waiting = new Set<Pipe>();
  /** Those of them who were taken over from: the name, and up to which message they had it, of all they ever sent. */
  readonly #unread = new Map<Pipe, { name: Uint8Array; last: number }>();
  readonly #succession: Succession = new Succession(this.queue);
  readonly #ready = new LoadBalancer();
  /** Who was nearly full when it was sent to, last. */
  #strained: Pipe | null = null;
  #nextId: number;

  /** `firstId` is random: names of a socket's former lives don't return. */
  constructor(host: Host, settings: RouterSettings, firstId: number) {
    super(host);
    this.#settings = settings;
    this.#nextId = firstId;
  }

  override get addressed(): boolean {
    return true;
  }

  override get left(): readonly Pipe[] {
    return [...this.queue.left, ...this.#succession.closed];
  }

  override configured(): void {
    this.host.writable();
  }

  override attached(pipe: Pipe): void {
    if (pipe.givenId.length > 0) this.#identify(pipe, pipe.givenId, false);
  }

  override reconnected(pipe: Pipe): void {
    if (pipe.id.length === 0) {
      // The name it was given may be taken, which it waits for no more.
      this.#waiting.delete(pipe);
      this.#identify(pipe, pipe.routingId, true);
    } else if (this.#notifies(CONNECTS)) this.deliver(pipe, EMPTY);
    sendOpenings(pipe, this.#settings);
  }

  override hiccuped(pipe: Pipe): void {
    // One that waited for a name may come back with another one.
    this.#waiting.delete(pipe);
    if (this.#notifies(DISCONNECTS) && pipe.id.length > 0) {
      this.deliver(pipe, EMPTY);
    }
  }

  override detached(pipe: Pipe): void {
    if (this.#waiting.delete(pipe) || pipe.id.length === 0) {
      if (this.#unread.has(pipe)) super.detached(pipe);
      return;
    }
    const key = keyOf(pipe.id);
    if (this.#peers.get(key) === pipe) {
      this.#peers.delete(key);
      this.#ready.remove(pipe);
    }
    super.detached(pipe);
    this.#succession.leave(key, pipe);
    for (const other of this.#waiting) {
      if (keyOf(nameOf(other)) === key) {
        this.#waiting.delete(other);
        this.#identify(other, nameOf(other), other.peer !== null);
        return;
      }
    }
    // A send that waited for it learns that it is gone.
    this.host.writable();
  }

  override ended(pipe: Pipe): void {
    if (pipe.id.length === 0) return;
    if (this.#notifies(DISCONNECTS)) this.deliver(pipe, EMPTY);
    const { disconnectMessage } = this.#settings;
    if (disconnectMessage !== null) {
      this.deliver(pipe, disconnectMessage.slice());
    }
  }

  override writable(pipe: Pipe): void {
    this.#ready.activate(pipe);
    this.host.writable();
  }

  override canSend(): boolean {
    return !this.#settings.mandatory || this.#ready.ready();
  }

  override trySend(message: Message): SendResult {
    // A name and nothing more is for nobody, as in libzmq.
    if (message.length === 1) return SENT;
    const pipe = this.#find(message[0]);
    if (pipe === undefined) {
      if (this.#settings.mandatory) {
        return this.patient && this.#peers.size === 0 ? NO_PEER : UNREACHABLE;
      }
      this.host.dropped();
      return SENT;
    }
    if (this.#settings.mandatory) {
      return !pipe.waitedFor && pipe.send(message, 1, null) ? SENT : FULL;
    }
    if (!pipe.send(message, 1, null)) pipe.drops++;
    else if (pipe.strained) {
      this.#strained = pipe;
      this.host.pressed();
    }
    return SENT;
  }

  override strained(): boolean {
    return this.#strained?.strained ?? false;
  }

  override tryReceive(): Message | null {
    for (;;) {
      const message = this.queue.take();
      if (message === null) return null;
      const from = this.queue.last!;
      if (from.id.length > 0) {
        message.unshift(from.id);
        return message;
      }
      const { name, last } = this.#unread.get(from)!;
      const { gone } = from.inbound;
      this.#readUpTo(from, last);
      if (gone <= last) {
        message.unshift(name);
        return message;
      }
      // The last that was its was lost with its memory.
      this.host.dropped();
    }
  }

  /** Whether a peer can take a message; `undefined` if there is none of this name. */
  state(id: Uint8Array): boolean | undefined {
    return this.#find(id)?.ready();
  }

  /** Whether a name is taken. */
  has(id: Uint8Array): boolean {
    return this.#peers.has(keyOf(id));
  }

  protected override deliver(pipe: Pipe, body: Uint8Array): void {
    if (this.#succession.holds(pipe)) {
      pipe.inbound.push(body, 0);
      return;
    }
    if (pipe.open || this.queue.has(pipe)) {
      super.deliver(pipe, body);
      return;
    }
    // The last that is heard of it, in its turn.
    pipe.inbound.push(body, 0);
    const key = keyOf(pipe.id);
    this.#succession.enter(key, pipe);
    this.#succession.leave(key, pipe);
    this.host.readable();
  }

  #find(id: Uint8Array): Pipe | undefined {
    const last = this.queue.last;
    if (last !== null && last.id === id && last.open && id.length > 0) {
      return last;
    }
    return this.#peers.get(keyOf(id));
  }

  #notifies(bit: number): boolean {
    return ((this.#settings.notify as number) & bit) !== 0;
  }

  /** Names a peer, or has it wait; of one that is here one hears first that it has come. */
  #identify(pipe: Pipe, name: Uint8Array, here: boolean): void {
    if (name.length === 0) name = this.#makeUp();
    const key = keyOf(name);
    const other = this.#peers.get(key);
    if (other !== undefined) {
      if (!this.#settings.handover) {
        this.#waiting.add(pipe);
        return;
      }
      this.#ready.remove(other);
      this.#waiting.add(other);
      const last = other.inbound.come;
      this.#unread.set(other, { name: other.id, last });
      other.id = EMPTY;
      this.#readUpTo(other, last);
      this.#succession.leave(key, other);
    }
    pipe.id = name;
    if (here && this.#notifies(CONNECTS)) pipe.inbound.pushFirst(EMPTY);
    this.#peers.set(key, pipe);
    this.#ready.add(pipe);
    if (this.#unread.delete(pipe)) this.#succession.back(pipe);
    else this.#succession.enter(key, pipe);
    if (this.queue.has(pipe) && pipe.inbound.count > 0) this.host.readable();
    this.host.writable();
  }

  /** A peer whose name was taken over is heard up to the last message that it said under it. */
  #readUpTo(pipe: Pipe, message: number): void {
    if (pipe.inbound.gone < message) return;
    this.#unread.delete(pipe);
    const { last } = this.queue;
    this.queue.remove(pipe);
    this.queue.last = last;
  }

  #makeUp(): Uint8Array {
    const id = new Uint8Array(MADE_UP);
    do {
      writeUint32(id, 1, this.#nextId);
      this.#nextId = (this.#nextId + 1) >>> 0;
    } while (this.#peers.has(keyOf(id)));
    return id;
  }
}

/** The name a peer would have. */
function nameOf(pipe: Pipe): Uint8Array {
  return pipe.givenId.length > 0 ? pipe.givenId : pipe.routingId;
}

function keyOf(id: Uint8Array): string {
  return latin1(id, 0, id.length);
}
