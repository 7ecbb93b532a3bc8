// An incoming endpoint (zmq_bind(3)): a listener and the sessions of the peers
// that came to it. Unbinding it ends them too, as libzmq does.

import { type AddressRange, inRange, parseRange } from "../base/cidr.ts";
import { codeOf, type ErrorCode, ZmqError } from "../base/errors.ts";
import type { Fault } from "../base/fault.ts";
import { hostOfPeer } from "../base/peer_address.ts";
import type {
  ByteStream,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../runtime/adapter.ts";
import type { Around } from "../transports/stream_transport.ts";
import type { Endpoint, EndpointOwner } from "./endpoint.ts";
import { emitEnd } from "./failure.ts";
import { Gate } from "./gate.ts";
import { type Phase, Session, type SessionOwner } from "./session.ts";
import {
  type SessionSettings,
  sessionSettings,
  type SocketSide,
} from "./socket_side.ts";

export class Acceptor implements Endpoint, SessionOwner {
  /** The resolved address, once it listens. */
  address: string;
  readonly #socket: SocketSide;
  readonly #owner: EndpointOwner;
  readonly #target: StreamTarget;
  readonly #settings: SessionSettings;
  readonly #around: (() => Around) | null;
  readonly #filters: readonly AddressRange[] | null;
  readonly #sessions = new Set<Session>();
  readonly #limits: Limits;
  /** Peers whose handshake is not through. */
  readonly #pending = new Set<Session>();
  /** How many connections each address has, where that is limited. */
  readonly #hosts = new Map<string, number>();
  #listener: Listener | null = null;
  #freed: Promise<void> | undefined;
  #closing = false;
  #over = false;

  constructor(
    socket: SocketSide,
    address: string,
    target: StreamTarget,
    around: (() => Around) | null,
    owner: EndpointOwner,
  ) {
    this.#socket = socket;
    this.address = address;
    this.#target = target;
    this.#around = around;
    this.#owner = owner;
    this.#settings = sessionSettings(socket);
    const filters = target.kind === "tcp"
      ? socket.options.tcpAcceptFilter
      : null;
    const { maxPendingHandshakes, maxConnections, maxConnectionsPerAddress } =
      socket.options;
    this.#limits = {
      pending: maxPendingHandshakes,
      all: maxConnections || Infinity,
      each: maxConnectionsPerAddress || Infinity,
    };
    this.#filters = filters?.map((range) => parseRange(range)!) ?? null;
  }

  /**
   * Listens. Gives `null` where that is done, and otherwise resolves once it is;
   * throws, or rejects with, a {@linkcode ZmqError} if it can't be.
   */
  listen(name: (local: string) => string): Promise<void> | null {
    const { reactor } = this.#socket;
    if (this.#closing) return null;
    const begun = (listener: Listener) => this.#begun(listener, name);
    const failed = (cause: unknown) => this.#failed(cause);
    try {
      const listener = reactor.adapter.listen(
        this.#target,
        (stream) => this.#take(stream),
        (error) => this.#refused(error),
      );
      if (listener instanceof Promise) return listener.then(begun, failed);
      begun(listener);
    } catch (cause) {
      failed(cause);
    }
    return null;
  }

  #begun(listener: Listener, name: (local: string) => string): void {
    this.#listener = listener;
    this.address = name(listener.local);
    if (this.#closing) this.close(true);
    else this.#socket.emit({ type: "bind", address: this.address });
  }

  #failed(cause: unknown): never {
    const error = bindError(this.address, cause);
    this.#socket.emit({ type: "bind:error", address: this.address, error });
    throw error;
  }

  /** Takes in a stream that nobody of ours has accepted; what it brings goes to the result. */
  admit(around: Around): StreamHandler {
    return this.#judged(null, () => around.behind(this.#join(around)));
  }

  close(discard: boolean): void {
    this.#unlisten();
    for (const session of [...this.#sessions]) session.part(discard);
    this.#finish();
  }

  whenClosed(): Promise<void> | undefined {
    return this.#freed;
  }

  abort(): void {
    this.#unlisten();
    for (const session of [...this.#sessions]) session.abort();
    this.#finish();
  }

  opened(session: Session): void {
    this.#count(session, 1);
    this.#socket.emit({
      type: "accept",
      address: this.address,
      peer: session.peer,
    });
  }

  established(session: Session): void {
    this.#pending.delete(session);
    if (this.#socket.type === "STREAM") return;
    this.#socket.emit({
      type: "handshake",
      address: this.address,
      peer: session.peer,
    });
  }

  over(session: Session, phase: Phase, fault: Fault | null): void {
    this.#sessions.delete(session);
    this.#pending.delete(session);
    if (phase !== "connecting") this.#count(session, -1);
    if (!this.#closing && phase !== "connecting") {
      emitEnd(this.#socket, this.address, session.peer, phase, fault);
    }
    this.#finish();
  }

  unwanted(_session: Session): void {}

  /** Takes a stream in, if there is room for it and its address is one that may come. */
  #take(stream: ByteStream): StreamHandler {
    return this.#judged(stream, (opened) => {
      const around = this.#around?.() ?? null;
      return around === null
        ? this.#join(opened!)
        : around.behind(this.#join(around));
    });
  }

  /** Judges a stream as soon as there is what it takes: its address is known once it is open. */
  #judged(
    stream: ByteStream | null,
    accept: (stream: ByteStream | null) => StreamHandler,
  ): StreamHandler {
    const full = this.#fullness();
    if (full !== null) {
      return new Gate(() => {
        this.#turnAway(full[0], full[1]);
        return null;
      });
    }
    if (this.#filters === null && this.#limits.each === Infinity) {
      return accept(stream);
    }
    return new Gate((opened) => {
      const host = hostOfPeer(opened.remote);
      const filters = this.#filters;
      if (filters !== null && !filters.some((range) => inRange(host, range))) {
        this.#turnAway("EACCES", `tcpAcceptFilter does not let ${host} in`);
        return null;
      }
      if ((this.#hosts.get(host) ?? 0) >= this.#limits.each) {
        this.#turnAway(
          "EDQUOT",
          `${host} has as many connections as maxConnectionsPerAddress allows`,
        );
        return null;
      }
      return accept(opened);
    });
  }

  /** Why there is no room for another peer; null if there is. */
  #fullness(): [code: ErrorCode, why: string] | null {
    if (this.#pending.size >= this.#limits.pending) {
      return [
        "EBUSY",
        "as many handshakes are under way as maxPendingHandshakes allows",
      ];
    }
    return this.#sessions.size >= this.#limits.all
      ? ["EUSERS", "there are as many peers as maxConnections allows"]
      : null;
  }

  #count({ peer }: Session, more: 1 | -1): void {
    if (this.#limits.each === Infinity) return;
    const host = hostOfPeer(peer.address);
    const count = (this.#hosts.get(host) ?? 0) + more;
    if (count > 0) this.#hosts.set(host, count);
    else this.#hosts.delete(host);
  }

  #turnAway(code: ErrorCode, why: string): void {
    this.#refused(Object.assign(new Error(why), { code }));
  }

  /** Begins a session on a stream; what it brings goes to the result. */
  #join(stream: ByteStream): StreamHandler {
    const session = new Session(this.#socket, this.#settings, this, false);
    this.#sessions.add(session);
    if (this.#socket.type !== "STREAM") this.#pending.add(session);
    return session.accept(stream);
  }

  #refused(cause: Error): void {
    const { address } = this;
    const why = `Cannot accept a peer at ${address}: ${cause.message}`;
    const error = new ZmqError(codeOf(cause), why, { address, cause });
    this.#socket.emit({ type: "accept:error", address, error });
  }

  #unlisten(): void {
    this.#closing = true;
    if (this.#listener === null) return;
    this.#freed = this.#listener.close() ?? undefined;
    this.#listener = null;
    this.#socket.emit({ type: "close", address: this.address });
  }

  #finish(): void {
    if (!this.#closing || this.#over || this.#sessions.size > 0) return;
    this.#over = true;
    // Whoever waits for the end may want to bind there.
    if (this.#freed === undefined) this.#owner.endpointOver(this);
    else this.#freed.then(() => this.#owner.endpointOver(this));
  }
}

/** How many peers a listener has at most. */
interface Limits {
  readonly pending: number;
  readonly all: number;
  readonly each: number;
}

const ADVICE: Record<string, string> = {
  EADDRINUSE: "another socket is bound there; unbind it, or bind to port 0",
  EADDRNOTAVAIL: "no interface of this machine has that address",
  EACCES: "the runtime or the system does not permit it",
  ENODEV: "there is no such interface or host",
  ENOENT: "there is no such folder",
  ENAMETOOLONG: "the path is too long for a socket; take a shorter one",
};

/** A socket there would have been taken over. */
const NO_SOCKET = "a file or folder that is no socket has that path";

function bindError(address: string, cause: unknown): ZmqError {
  const code = codeOf(cause);
  const { message } = cause as Error;
  const filed = code === "EADDRINUSE" && /^ipc:..[^@]/.test(address);
  let why = filed ? NO_SOCKET : ADVICE[code] ?? message;
  // A runtime names the permission that is missing.
  if (code === "EACCES") why += `: ${message}`;
  return new ZmqError(code, `Cannot bind ${address}: ${why}`, {
    address,
    cause,
  });
}
