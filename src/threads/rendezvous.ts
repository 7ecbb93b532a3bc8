// How sockets of several threads meet by name (zmq_inproc(7)). Everybody in the
// group hears everybody: who connects to a name that isn't bound in its own thread
// says so, now and when a name is bound elsewhere; who has bound it offers a link;
// and the first offer is taken. Who joins greets, and is told where ZAP handlers are.
//
//   connects:  want ─────> (bound?) offer ─────> answer
//   binds:     bound ────> (waiting?) want ...
//   joins:     hello ────> bound, where it is a handler
//
// How an offer was answered stands in the link itself: it is answered once, however
// often it comes. Where words may be lost, whoever wants says so again and again, and
// is offered the same link once more; and who offers does so again, too, and looks.

import { Timer, type Timers } from "../endpoints/timers.ts";
import type { ThreadGroup, Threads } from "../runtime/threads.ts";
import type {
  Elsewhere,
  InprocConnection,
  InprocEndpoint,
  InprocMember,
  InprocRegistry,
} from "../transports/inproc.ts";
import { InprocBinding } from "../transports/inproc.ts";
import { Link, RING_BYTES } from "./link.ts";
import type { LinkMemories, LinkMemory } from "./link_memory.ts";
import {
  type Ending,
  type Host as EndHost,
  RemoteEnd,
  type RemoteSocket,
} from "./remote_end.ts";
import { Roll } from "./roll.ts";
import type { Sign, Signs } from "./signs.ts";

/** What is said in the group. */
type Word =
  | { is: "hello" }
  | { is: "bound"; by: string; life: string; name: string; sign: Sign | null }
  | { is: "unbound"; by: string }
  | { is: "left"; by: string }
  | {
    is: "want";
    name: string;
    id: string;
    life: string;
    ringBytes: number;
    socket: RemoteSocket;
  }
  | {
    is: "offer";
    id: string;
    life: string;
    memory: unknown;
    offer: number;
    socket: RemoteSocket;
  }
  | { is: "answer"; id: string };

/** What a thread's contexts share. */
interface Host extends EndHost {
  readonly timers: Timers;
  now(): number;
}

type Want = Word & { is: "want" };

/** What is said again, as it may have been lost: when, and how long after that. */
interface Repeated {
  at: number;
  patience: number;
}

/** A connection that nobody here has bound the name of. */
interface Waiting extends Repeated {
  readonly connection: InprocConnection;
}

/** A link that was offered, until that is answered. */
interface Offer extends Repeated {
  readonly want: Want;
  /** Which offer of its memory it is. */
  readonly number: number;
  /** What it was offered for. */
  readonly binding: InprocBinding;
  readonly memory: LinkMemory;
  readonly link: Link;
  /** Looks no more whether who wanted it has ended. */
  readonly cancel: () => void;
}

/** How long a thread outlives its closed sockets for those who may still bind, in milliseconds. */
const LINGER_MS = 2000;
/** How long those who are greeted have to say what they have bound, in milliseconds. */
const ANSWERS_MS = 250;
/** Where words may be lost: how soon what is wanted or offered is said again, twice that later, and so on; and at least. */
const REPEAT_MS = 50;
const LEAST_OFTEN_MS = 2000;

export class Rendezvous implements Elsewhere {
  readonly #threads: Threads;
  readonly #memories: LinkMemories;
  readonly #registry: InprocRegistry;
  readonly #host: Host;
  readonly #group: ThreadGroup;
  /** By what others learn of this thread's end. */
  readonly #life: string;
  /** What the ids of connections here begin with, and how many there were. */
  readonly #ours: string;
  /** Who else has a handler, and when all of them have said so. */
  readonly #roll: Roll;
  readonly #knownAt: number;
  /** Where handlers are bound; the signs of that, if the members share memory for them; ours. */
  readonly #handlers: string;
  readonly #signs: Signs | null;
  #sign: Sign | null = null;
  #wants = 0;
  /** What is to be said in this turn: a channel may lose what comes by hundreds. */
  #words: Word[] = [];
  readonly #waiting = new Map<string, Waiting>();
  /** What is offered from here, by what was wanted. */
  readonly #offers = new Map<string, Offer>();
  readonly #repeat: Timer = new Timer((now) => this.#again(now));
  /** What is wanted from here while there is no memory for it. */
  readonly #wanted = new Map<string, Want>();
  readonly #ends = new Set<RemoteEnd>();
  /** Connections whose sockets are closed, and what lets their thread go. */
  readonly #lingering = new Map<InprocConnection, () => void>();
  #settle: () => void = () => {};

  constructor(
    name: string,
    threads: Threads,
    memories: LinkMemories,
    handlers: string,
    signs: Signs | null,
    registry: InprocRegistry,
    host: Host,
    id: string,
  ) {
    this.#threads = threads;
    this.#memories = memories;
    this.#registry = registry;
    this.#host = host;
    this.#ours = id;
    this.#group = threads.group(name, (words) => {
      for (const word of words as Word[]) this.#hear(word);
    });
    this.#life = threads.life();
    this.#handlers = handlers;
    this.#signs = signs;
    this.#roll = new Roll(threads, (sign) => signs?.remove(sign));
    this.#knownAt = host.now() + ANSWERS_MS;
    this.#say({ is: "hello" });
  }

  /** A name was bound in this thread. */
  bound(name: string): void {
    const handles = name === this.#handlers;
    if (handles) this.#sign ??= this.#signs?.put() ?? null;
    const sign = handles ? this.#sign : null;
    this.#say({ is: "bound", by: this.#ours, life: this.#life, name, sign });
  }

  /** A name is free again in this thread. */
  unbound(name: string): void {
    if (name !== this.#handlers) return;
    this.#unsign();
    this.#say({ is: "unbound", by: this.#ours });
  }

  #unsign(): void {
    if (this.#sign !== null) this.#signs!.remove(this.#sign);
    this.#sign = null;
  }

  /** Whether another thread has a ZAP handler; later, while some may not have said so. */
  get handles(): boolean | Promise<boolean> {
    if (this.#signs !== null) return this.#signs.any;
    const left = this.#knownAt - this.#host.now();
    if (left <= 0 || this.#roll.any) return this.#roll.any;
    return new Promise((resolve) => {
      this.#host.stay(left, () => resolve(this.#roll.any));
    });
  }

  /** A connection found nobody in this thread. */
  wanted(connection: InprocConnection): void {
    const id = this.#ours + this.#wants++;
    const at = this.#host.now() + REPEAT_MS;
    this.#waiting.set(id, { connection, at, patience: REPEAT_MS });
    this.#want(id, connection);
    this.#repeatAt(at);
  }

  /** A connection waits no more. */
  forget(connection: InprocConnection): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting.connection === connection) this.#waiting.delete(id);
    }
    this.#part(connection);
  }

  #part(connection: InprocConnection): void {
    this.#lingering.get(connection)?.();
    this.#lingering.delete(connection);
  }

  /** This thread lives a little longer, so that what waits can still be met. */
  linger(connection: InprocConnection): void {
    const { lingers = -1 } = connection.member;
    const patience = lingers < 0 ? LINGER_MS : Math.min(lingers, LINGER_MS);
    const release = this.#host.stay(patience, () => {
      this.#lingering.delete(connection);
      for (const waiting of this.#waiting.values()) {
        if (waiting.connection === connection) waiting.at = Infinity;
      }
      this.#settle();
    });
    this.#lingering.set(connection, release);
  }

  /** Resolves once what closed sockets had sent has gone over, or after so many milliseconds (-1: whenever that is). */
  settled(linger: number): Promise<void> {
    return new Promise((resolve) => {
      const patience = linger < 0
        ? () => {}
        : this.#host.stay(linger, () => resolve());
      this.#settle = () => {
        if (this.#lingering.size > 0) return;
        for (const end of this.#ends) if (end.busy) return;
        patience();
        resolve();
      };
      this.#settle();
    });
  }

  /** Leaves the group. */
  close(): void {
    this.#host.timers.clear(this.#repeat);
    this.#say({ is: "left", by: this.#ours });
    this.#speak();
    this.#unsign();
    this.#roll.close();
    for (const end of [...this.#ends]) end.end();
    for (const offer of [...this.#offers.values()]) {
      // Who hears of it later finds it answered.
      if (offer.link.answer(offer.number, "declined")) this.#withdraw(offer);
      else this.#refuse(offer);
    }
    this.#wanted.clear();
    this.#memories.close();
    this.#waiting.clear();
    for (const release of this.#lingering.values()) release();
    this.#lingering.clear();
    // Now that nothing is held any more, this thread's life may be over.
    this.#group.close();
  }

  #say(word: Word): void {
    this.#words.push(word);
    if (this.#words.length === 1) Promise.resolve().then(() => this.#speak());
  }

  #speak(): void {
    if (this.#words.length > 0) this.#group.post(this.#words);
    this.#words = [];
  }

  #want(id: string, connection: InprocConnection): void {
    const { address: name, member } = connection;
    this.#say({
      is: "want",
      name,
      id,
      life: this.#life,
      ringBytes: member.ringBytes ?? RING_BYTES,
      socket: describe(member),
    });
  }

  #hear(word: Word): void {
    if (word.is === "hello") {
      const name = this.#handlers;
      if (this.#registry.boundTo(name) !== null) this.bound(name);
    } else if (word.is === "unbound") {
      this.#roll.left(word.by);
    } else if (word.is === "left") {
      this.#left(word.by);
    } else if (word.is === "bound") {
      const { by, life, name, sign } = word;
      if (name === this.#handlers) this.#roll.joined(by, life, sign);
      for (const [id, { connection }] of this.#waiting) {
        if (connection.address === name) this.#want(id, connection);
      }
    } else if (word.is === "want") {
      this.#offer(word);
    } else if (word.is === "offer") {
      this.#answer(word);
    } else {
      const offer = this.#offers.get(word.id);
      if (offer !== undefined) this.#look(offer);
    }
  }

  /** Others are told no more by a member, and answer it no more. */
  #left(by: string): void {
    this.#roll.left(by);
    const stays = ({ id }: Want) => !id.startsWith(by);
    for (const [id, want] of this.#wanted) {
      if (!stays(want)) this.#wanted.delete(id);
    }
    for (const offer of this.#offers.values()) {
      if (!stays(offer.want) && !this.#look(offer)) this.#withdraw(offer);
    }
  }

  /** Says once more what may have been lost, and looks whether offers were taken. */
  #again(now: number): void {
    let next = Infinity;
    for (const [id, waiting] of this.#waiting) {
      if (due(waiting, now)) this.#want(id, waiting.connection);
      next = Math.min(next, waiting.at);
    }
    for (const offer of this.#offers.values()) {
      // Who wanted it may do so no more, and be silent.
      if (!this.#look(offer) && due(offer, now)) this.#sayOffer(offer);
    }
    if (this.#offers.size > 0) next = Math.min(next, now + REPEAT_MS);
    this.#repeatAt(next);
  }

  #repeatAt(at: number): void {
    if (!this.#threads.lossy || at >= this.#repeat.at) return;
    this.#host.timers.set(this.#repeat, at);
  }

  #offer(want: Want): void {
    const { name, id, life, ringBytes } = want;
    const binding = this.#registry.boundTo(name);
    if (binding === null) return;
    const before = this.#offers.get(id);
    if (before !== undefined) {
      // That it was offered may have been lost, or how that was answered.
      if (!this.#look(before)) this.#sayOffer(before);
      return;
    }
    const memory = this.#memories.take(ringBytes, life);
    if (memory === null) {
      this.#wanted.set(id, want);
      if (this.#wanted.size === 1) {
        this.#memories.whenFree(() => this.#retry());
      }
      return;
    }
    const link = new Link(memory, 1, this.#threads);
    const number = link.offer();
    const cancel = this.#threads.whenEnded(life, () => {
      // It may have taken the offer, which is heard later than its end.
      if (!this.#look(offer)) this.#withdraw(offer);
    });
    const at = this.#host.now() + REPEAT_MS;
    const offer: Offer = {
      ...{ want, number, binding, memory, link, cancel },
      ...{ at, patience: REPEAT_MS },
    };
    this.#offers.set(id, offer);
    this.#sayOffer(offer);
    this.#repeatAt(at);
  }

  #sayOffer({ want, number, binding, memory }: Offer): void {
    this.#say({
      is: "offer",
      id: want.id,
      life: this.#life,
      memory: memory.key,
      offer: number,
      socket: describe(binding.member),
    });
  }

  /** Goes on with an offer that was answered; false if it wasn't. */
  #look(offer: Offer): boolean {
    const { answered } = offer.link;
    if (answered === "taken") this.#serve(offer);
    else if (answered === "declined") this.#withdraw(offer);
    return answered !== "open";
  }

  /** There may be memory for what was wanted. */
  #retry(): void {
    const wanted = [...this.#wanted.values()];
    this.#wanted.clear();
    for (const want of wanted) this.#offer(want);
  }

  /** Nobody takes an offer any more. */
  #withdraw({ want, memory, cancel }: Offer): void {
    cancel();
    this.#offers.delete(want.id);
    // The other side first: whose side 1 is free may be taken.
    this.#memories.free(memory, 0, want.life);
    this.#memories.free(memory, 1, this.#life);
  }

  /** The first offer for a connection that waits is taken. */
  #answer(
    { id, life, memory: key, socket, offer }: Word & { is: "offer" },
  ): void {
    // What others wanted is not for us to answer.
    if (!id.startsWith(this.#ours)) return;
    const memory = this.#memories.find(key);
    const connection = this.#waiting.get(id)?.connection;
    const link = new Link(memory, 0, this.#threads);
    // It may come once more, even when it is over.
    const answer = connection === undefined ? "declined" : "taken";
    if (!link.answer(offer, answer)) return;
    this.#say({ is: "answer", id });
    if (connection === undefined) {
      this.#memories.free(memory, 0, this.#life);
      return;
    }
    this.#waiting.delete(id);
    this.#registry.forget(connection);
    const end = this.#makeEnd(
      socket,
      connection.member,
      memory,
      link,
      life,
      (ending) => ending === "anew" ? connection.renew() : connection.close(),
    );
    const binding = new InprocBinding(
      connection.address,
      end,
      NOBODY,
      this.#registry,
    );
    connection.meet(binding);
    end.start();
    this.#part(connection);
  }

  /** Somebody took an offer: connects them to what was offered, be it unbound by now, or has its name. */
  #serve(offer: Offer): void {
    const { want, binding, memory, cancel } = offer;
    cancel();
    const { name, id, life, socket } = want;
    this.#offers.delete(id);
    const open = (binding.member.closed ?? null) === null;
    const bound = open ? binding : this.#registry.boundTo(name);
    if (bound === null) {
      this.#refuse(offer);
      return;
    }
    let connection: InprocConnection | null = null;
    const end = this.#makeEnd(
      socket,
      bound.member,
      memory,
      offer.link,
      life,
      () => connection?.close(),
    );
    connection = this.#registry.connectTo(bound, end, NOBODY);
    end.start();
  }

  /** Its socket was closed meanwhile: who took the offer is told that it is over. */
  #refuse({ want, memory, link, cancel }: Offer): void {
    cancel();
    this.#offers.delete(want.id);
    link.end();
    this.#memories.free(memory, 1, this.#life);
  }

  #makeEnd(
    socket: RemoteSocket,
    ours: InprocMember,
    memory: LinkMemory,
    link: Link,
    life: string,
    over: (ending: Ending) => void,
  ): RemoteEnd {
    const { side } = link;
    const cancel = this.#threads.whenEnded(life, () => {
      this.#memories.free(memory, side === 0 ? 1 : 0, life);
      end.lose();
    });
    const end: RemoteEnd = new RemoteEnd(
      socket,
      ours,
      link,
      this.#host,
      (ending) => {
        cancel();
        this.#memories.free(memory, side, this.#life);
        this.#ends.delete(end);
        if (ending !== "parted") over(ending);
        this.#settle();
      },
    );
    this.#ends.add(end);
    return end;
  }
}

/** Whether it is time to say it again; the next time is twice as late. */
function due(repeated: Repeated, now: number): boolean {
  if (repeated.at > now) return false;
  repeated.patience = Math.min(2 * repeated.patience, LEAST_OFTEN_MS);
  repeated.at = now + repeated.patience;
  return true;
}

const NOBODY = { endpointOver: (_endpoint: InprocEndpoint) => {} };

function describe(member: InprocMember): RemoteSocket {
  const { options, routingId, type } = member;
  const { sendHighWaterMark, receiveHighWaterMark, conflate } = options;
  return { type, routingId, sendHighWaterMark, receiveHighWaterMark, conflate };
}
