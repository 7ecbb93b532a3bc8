// A background thread: the endpoints of sockets whose application is in another
// thread, with everything that is needed to keep their connections.

import type { Told } from "../base/event.ts";
import type { OptionValues } from "../base/option_types.ts";
import { conflatesInto, type SocketType } from "../base/socket_type.ts";
import { bindAddress, connectAddress } from "../endpoints/address.ts";
import type { Endpoint, EndpointOwner } from "../endpoints/endpoint.ts";
import type { Wanted } from "../endpoints/carrier.ts";
import type { Reactor } from "../endpoints/reactor.ts";
import type {
  Admission,
  Authority,
  Question,
  SocketSide,
} from "../endpoints/socket_side.ts";
import type { Credentials } from "../mechanisms/mechanism.ts";
import type { InboundQueue } from "../routing/inbound_queue.ts";
import { OutboundLog } from "../routing/outbound_log.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { Channel } from "../runtime/io_thread.ts";
import { Link, type LinkMemory, linkMemory } from "./link.ts";
import { ThreadEnd } from "./thread_end.ts";
import { ThreadInbox } from "./thread_inbox.ts";
import { THREAD, ThreadPort } from "./thread_port.ts";
import {
  faultOf,
  type Order,
  plainError,
  type Report,
  type ThreadData,
} from "./words.ts";

/** What a thread knows of a socket. */
interface ThreadSocket {
  readonly type: SocketType;
  readonly options: OptionValues;
  closed: string | null;
}

export class ThreadHost {
  readonly reactor: Reactor;
  readonly #port: ThreadPort;
  readonly #sockets = new Map<number, ThreadSocket>();
  readonly #endpoints = new Map<number, ThreadEndpoint>();
  readonly #questions = new Map<number, (admission: Admission) => void>();
  #question = 0;

  constructor(reactor: Reactor, channel: Channel, data: ThreadData) {
    this.reactor = reactor;
    this.#port = new ThreadPort(
      THREAD,
      channel,
      data.port,
      data.told,
      (word) => this.#hear(word as Order),
    );
    // It lives until it is ended.
    reactor.hold();
    this.#port.listen(
      () => reactor.turn.entered(),
      (fn) => reactor.adapter.endOfTurn(fn),
    );
  }

  say(report: Report): void {
    this.#port.say(report);
  }

  /** A link over memory that the application has made, or over some that it is told of. */
  link(
    endpoint: number,
    options: OptionValues,
    given: LinkMemory | null,
  ): Link {
    const memory = given ?? linkMemory(this.#port.nextNumber(), options);
    if (given === null) this.say({ is: "pipe", endpoint, pipe: memory });
    return new Link(memory, this.#port, this.reactor.reserve);
  }

  /** Asks the application about a peer. */
  ask(endpoint: number, credentials: Credentials, address: string): Question {
    const question = ++this.#question;
    this.say({ is: "ask", endpoint, question, credentials, address });
    const answer = new Promise<Admission>((resolve) =>
      this.#questions.set(question, resolve)
    );
    const withdraw = () => {
      if (this.#questions.delete(question)) {
        this.say({ is: "withdraw", question });
      }
    };
    return { answer, withdraw };
  }

  /** An endpoint is over. */
  over(endpoint: number): void {
    this.#endpoints.delete(endpoint);
    this.say({ is: "over", endpoint });
  }

  #hear(order: Order): void {
    switch (order.is) {
      case "socket": {
        const { socket, type } = order;
        const options = order.options as unknown as OptionValues;
        this.#sockets.set(socket, { type, options, closed: null });
        return;
      }
      case "option": {
        const { options } = this.#sockets.get(order.socket)!;
        (options as unknown as Record<string, unknown>)[order.name] =
          order.value;
        return;
      }
      case "forget":
        this.#sockets.delete(order.socket);
        return;
      case "open":
        this.#open(order);
        return;
      case "answer": {
        const { question, fault, properties } = order;
        const resolve = this.#questions.get(question);
        this.#questions.delete(question);
        resolve?.({
          fault: fault === null ? null : faultOf(fault),
          properties,
        });
        return;
      }
      case "close":
      case "abort": {
        const endpoint = this.#endpoints.get(order.endpoint);
        if (endpoint === undefined) return;
        endpoint.known.closed = order.closed;
        if (order.is === "abort") endpoint.abort();
        else endpoint.close(order.discard);
        this.#tellClosed(order.endpoint, endpoint);
      }
    }
  }

  async #tellClosed(number: number, endpoint: ThreadEndpoint): Promise<void> {
    await endpoint.whenClosed();
    this.say({ is: "closed", endpoint: number });
  }

  #open({ socket, endpoint, address, bind, givenId, pipe }: Order & {
    is: "open";
  }): void {
    const known = this.#sockets.get(socket)!;
    const made = new ThreadEndpoint(this, endpoint, known, pipe);
    this.#endpoints.set(endpoint, made);
    const opened = (at: string) =>
      this.say({ is: "opened", endpoint, address: at, error: null });
    const failed = (cause: unknown) => {
      const error = plainError(cause);
      this.say({ is: "opened", endpoint, address, error });
      made.over();
    };
    try {
      const { carriers } = this.reactor.parts;
      const { carrier, place } = bind
        ? bindAddress(address, carriers)
        : connectAddress(address, carriers);
      if (carrier === null) return;
      const started = made.open({ address, carrier, place, bind, givenId });
      if (started === null) opened(made.address);
      else {
        started.then(() => {
          opened(made.address);
          made.opened();
        }, failed);
      }
    } catch (error) {
      failed(error);
    }
  }
}

/** One endpoint, and the socket as its connections see it. */
class ThreadEndpoint implements SocketSide, EndpointOwner, Authority {
  readonly type: SocketType;
  readonly options: OptionValues;
  readonly reactor: Reactor;
  readonly authority: Authority = this;
  /** The application's thread knows who watches. */
  readonly observed = true;
  readonly known: ThreadSocket;
  readonly #host: ThreadHost;
  readonly #number: number;
  readonly #ends = new Map<Pipe, ThreadEnd>();
  readonly #links = new Map<Pipe, Link>();
  #given: LinkMemory | null;
  #endpoint: Endpoint | null = null;
  #opening = false;
  #ended = false;
  #over = false;

  constructor(
    host: ThreadHost,
    number: number,
    known: ThreadSocket,
    given: LinkMemory | null,
  ) {
    this.#host = host;
    this.#number = number;
    this.known = known;
    this.type = known.type;
    this.options = known.options;
    this.reactor = host.reactor;
    this.#given = given;
  }

  get address(): string {
    return this.#endpoint!.address;
  }

  get closed(): string | null {
    return this.known.closed;
  }

  open(wanted: Wanted): Promise<void> | null {
    const { endpoint, start } = wanted.carrier.plan(wanted, this, this)
      .make();
    this.#endpoint = endpoint;
    const started = start();
    if (started === null) return null;
    this.#opening = true;
    return started;
  }

  /** It is open. */
  opened(): void {
    this.#opening = false;
    if (this.#ended) this.over();
  }

  close(discard: boolean): void {
    if (!discard) { for (const end of this.#ends.values()) end.drain(); }
    this.#endpoint?.close(discard);
  }

  abort(): void {
    this.#endpoint?.abort();
  }

  whenClosed(): Promise<void> | undefined {
    return this.#endpoint?.whenClosed?.();
  }

  /** Nothing more comes of it. */
  over(): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.over(this.#number);
    for (const link of this.#links.values()) link.end();
    this.#links.clear();
    this.#ends.clear();
  }

  // SocketSide and EndpointOwner.

  queues(): [inbound: InboundQueue, log: OutboundLog] {
    const { conflate } = this.options;
    return [
      new ThreadInbox(conflate && conflatesInto(this.type)),
      new OutboundLog(0, conflate),
    ];
  }

  pipeDropped(pipe: Pipe): void {
    this.#ends.get(pipe)?.dropped();
  }

  attach(pipe: Pipe): void {
    const link = this.#host.link(this.#number, this.options, this.#given);
    this.#given = null;
    const end = new ThreadEnd(pipe, link, this, this.reactor.reserve, () => {
      this.#ends.delete(pipe);
      this.#links.delete(pipe);
      link.end();
    });
    this.#ends.set(pipe, end);
    this.#links.set(pipe, link);
  }

  detach(pipe: Pipe): void {
    if (!pipe.open) return;
    const end = this.#ends.get(pipe);
    if (end === undefined) pipe.open = false;
    else end.detach();
  }

  emit(event: Told): void {
    const endpoint = this.#number;
    if (!("error" in event) || event.error === undefined) {
      this.#host.say({ is: "event", endpoint, event });
      return;
    }
    const { error, ...rest } = event;
    this.#host.say({
      is: "event",
      endpoint,
      event: rest as Told,
      error: plainError(error),
    });
  }

  endpointOver(): void {
    this.#ended = true;
    // What is being opened is closed once it is open.
    if (!this.#opening) this.over();
  }

  // Authority.

  judge(credentials: Credentials, address: string): Question {
    return this.#host.ask(this.#number, credentials, address);
  }
}
