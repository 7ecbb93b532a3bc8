// How sockets of several threads meet by name (zmq_inproc(7)). Everybody in the
// group hears everybody: who connects to a name that isn't bound in its own thread
// says so, now and when a name is bound elsewhere; who has bound it offers a link;
// and the first offer is taken.
//
//   connects:  want ─────> (bound?) offer ─────> take    or decline
//   binds:     bound ────> (waiting?) want ...

import { EMPTY } from "../base/message.ts";
import type { ThreadGroup, Threads } from "../runtime/threads.ts";
import type {
  Elsewhere,
  InprocConnection,
  InprocEndpoint,
  InprocMember,
  InprocRegistry,
} from "../transports/inproc.ts";
import { InprocBinding } from "../transports/inproc.ts";
import { Link, linkMemory } from "./link.ts";
import { type Host, RemoteEnd, type RemoteSocket } from "./remote_end.ts";

/** What is said in the group. */
type Word =
  | { is: "bound"; name: string }
  | { is: "want"; name: string; id: string; life: string; socket: RemoteSocket }
  | {
    is: "offer";
    id: string;
    life: string;
    memory: SharedArrayBuffer;
    socket: RemoteSocket;
    offer: string;
  }
  | { is: "take" | "decline"; offer: string };

/** A link that was offered, until somebody takes it. */
interface Offer {
  readonly name: string;
  readonly memory: SharedArrayBuffer;
  readonly life: string;
  readonly socket: RemoteSocket;
}

/** How long a thread outlives its closed sockets for those who may still bind, in milliseconds. */
const LINGER_MS = 2000;
/** Offers that are not answered, since a thread has died, are forgotten beyond so many. */
const MOST_OFFERS = 65536;

export class Rendezvous implements Elsewhere {
  readonly #threads: Threads;
  readonly #registry: InprocRegistry;
  readonly #host: Host;
  readonly #newId: () => string;
  readonly #group: ThreadGroup;
  /** What the ids of connections here begin with, and how many there were. */
  readonly #ours: string;
  #wants = 0;
  /** What is to be said in this turn: a channel may lose what comes by hundreds. */
  #words: Word[] = [];
  readonly #waiting = new Map<string, InprocConnection>();
  readonly #offers = new Map<string, Offer>();
  readonly #ends = new Set<RemoteEnd>();
  /** Connections whose sockets are closed, and what lets their thread go. */
  readonly #lingering = new Map<InprocConnection, () => void>();
  #settle: () => void = () => {};

  constructor(
    name: string,
    threads: Threads,
    registry: InprocRegistry,
    host: Host,
    newId: () => string,
  ) {
    this.#threads = threads;
    this.#registry = registry;
    this.#host = host;
    this.#newId = newId;
    this.#ours = newId();
    this.#group = threads.group(name, (words) => {
      for (const word of words as Word[]) this.#hear(word);
    });
  }

  /** A name was bound in this thread. */
  bound(name: string): void {
    this.#say({ is: "bound", name });
  }

  /** A connection found nobody in this thread. */
  wanted(connection: InprocConnection): void {
    const id = this.#ours + this.#wants++;
    this.#waiting.set(id, connection);
    this.#want(id, connection);
  }

  /** A connection waits no more. */
  forget(connection: InprocConnection): void {
    for (const [id, waiting] of this.#waiting) {
      if (waiting === connection) this.#waiting.delete(id);
    }
    this.#part(connection);
  }

  #part(connection: InprocConnection): void {
    this.#lingering.get(connection)?.();
    this.#lingering.delete(connection);
  }

  /** This thread lives a little longer, so that what waits can still be met. */
  linger(connection: InprocConnection): void {
    const release = this.#host.stay(LINGER_MS, () => {
      this.#lingering.delete(connection);
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
    this.#speak();
    this.#group.close();
    for (const end of [...this.#ends]) end.end();
    this.#waiting.clear();
    for (const release of this.#lingering.values()) release();
    this.#lingering.clear();
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
      life: this.#threads.life(),
      socket: describe(member),
    });
  }

  #hear(word: Word): void {
    if (word.is === "bound") {
      for (const [id, connection] of this.#waiting) {
        if (connection.address === word.name) this.#want(id, connection);
      }
    } else if (word.is === "want") {
      this.#offer(word.name, word.id, word.life, word.socket);
    } else if (word.is === "offer") {
      this.#answer(word);
    } else {
      const offer = this.#offers.get(word.offer);
      this.#offers.delete(word.offer);
      if (offer !== undefined && word.is === "take") this.#serve(offer);
    }
  }

  #offer(name: string, id: string, life: string, socket: RemoteSocket): void {
    const binding = this.#registry.boundTo(name);
    if (binding === null) return;
    const memory = linkMemory();
    const offer = this.#newId();
    this.#offers.set(offer, { name, memory, life, socket });
    if (this.#offers.size > MOST_OFFERS) {
      this.#offers.delete(this.#offers.keys().next().value!);
    }
    this.#say({
      is: "offer",
      id,
      life: this.#threads.life(),
      memory,
      socket: describe(binding.member),
      offer,
    });
  }

  /** The first offer for a connection that waits is taken. */
  #answer({ id, life, memory, socket, offer }: Word & { is: "offer" }): void {
    const connection = this.#waiting.get(id);
    if (connection === undefined) {
      // What others wanted is not for us to answer.
      if (id.startsWith(this.#ours)) this.#say({ is: "decline", offer });
      return;
    }
    this.#waiting.delete(id);
    this.#say({ is: "take", offer });
    this.#registry.forget(connection);
    const end = this.#makeEnd(
      socket,
      memory,
      0,
      life,
      () => connection.close(),
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

  /** Somebody took an offer: connects them to what is bound here. */
  #serve({ name, memory, life, socket }: Offer): void {
    if (this.#registry.boundTo(name) === null) {
      // It was unbound meanwhile: the other side is told that it is over.
      new Link(memory, 1, this.#threads).end();
      return;
    }
    let connection: InprocConnection | null = null;
    const end = this.#makeEnd(
      socket,
      memory,
      1,
      life,
      () => connection?.close(),
    );
    connection = this.#registry.connect(name, end, NOBODY, EMPTY);
    end.start();
  }

  #makeEnd(
    socket: RemoteSocket,
    memory: SharedArrayBuffer,
    side: 0 | 1,
    life: string,
    over: () => void,
  ): RemoteEnd {
    const link = new Link(memory, side, this.#threads);
    const cancel = this.#threads.whenEnded(life, () => end.lose());
    const end: RemoteEnd = new RemoteEnd(
      socket,
      link,
      this.#host,
      (lost) => {
        cancel();
        this.#ends.delete(end);
        if (lost) over();
        this.#settle();
      },
    );
    this.#ends.add(end);
    return end;
  }
}

const NOBODY = { endpointOver: (_endpoint: InprocEndpoint) => {} };

function describe(member: InprocMember): RemoteSocket {
  const { options, routingId, type } = member;
  const { sendHighWaterMark, receiveHighWaterMark, conflate } = options;
  return { type, routingId, sendHighWaterMark, receiveHighWaterMark, conflate };
}
