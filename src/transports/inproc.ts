// inproc (zmq_inproc(7)): sockets of one context joined without a wire. Each
// direction is one queue that both ends share, bounded by the sender's mark and
// the receiver's together. A connect may come before its bind; a message sent
// meanwhile waits, even past the end of its sender. Nothing is retried, no
// types are checked, and there are no events, but for peers that are cut off.

import { ZmqError } from "../base/errors.ts";
import type { EventPeer } from "../base/event.ts";
import type { Fault } from "../base/fault.ts";
import type { OptionValues } from "../base/option_types.ts";
import { EMPTY } from "../base/message.ts";
import { conflatesInto } from "../base/socket_type.ts";
import { InboundQueue } from "../routing/inbound_queue.ts";
import { Pipe, type Wire } from "../routing/pipe.ts";
import type { FrameCopies } from "../runtime/frame_copies.ts";

/** A socket, as far as inproc is concerned. */
export interface InprocMember {
  readonly options: OptionValues;
  /** Its name for its peers, empty if none. */
  readonly routingId: Uint8Array;
  readonly type: string;
  /** How much may be between it and another thread each way, in bytes: a power of two. */
  readonly ringBytes?: number;
  /** How long what it had sent may take to leave the thread, in milliseconds; -1, or none: for ever. */
  readonly lingers?: number;
  /** Why it is closed; null if it isn't. */
  readonly closed?: string | null;
  attach(pipe: Pipe): void;
  detach(pipe: Pipe): void;
  /** Where it stands for a socket of another thread: parts, and has that connect anew. */
  renew?(): void;
  /** One end cut the other off, and it will not come again; `connected` is whether it had connected. */
  cutOff?(
    address: string,
    peer: EventPeer,
    fault: Fault,
    connected: boolean,
  ): void;
}

/** What was bound or connected, for `unbind`, `disconnect` and `close`. */
export interface InprocEndpoint {
  readonly address: string;
  /** Whether it was bound. */
  readonly bound: boolean;
  /** Whether it is over already: a peer may refuse it while it is made. */
  readonly over: boolean;
  close(discard?: boolean): void;
  abort(): void;
}

/** Told when an endpoint is over. */
export interface InprocOwner {
  endpointOver(endpoint: InprocEndpoint): void;
}

/** Other threads, where names may be bound too. */
export interface Elsewhere {
  /** A name was bound here. */
  bound(address: string): void;
  /** A name is free again here. */
  unbound(address: string): void;
  /** Whether a ZAP handler is bound there; later, while some there may not have said so. */
  readonly handles: boolean | Promise<boolean>;
  /** A connection found nobody here. */
  wanted(connection: InprocConnection): void;
  /** It waits no more. */
  forget(connection: InprocConnection): void;
  /** Its socket is closed, and what it sent waits: somebody may still bind the name. */
  linger(connection: InprocConnection): void;
  /** Resolves once what closed sockets had sent has gone over, or after so many milliseconds (-1: whenever that is). */
  settled(linger: number): Promise<void>;
  close(): void;
}

/** The inproc names of a context. */
export class InprocRegistry {
  /** How small frames are copied for who receives them. */
  readonly copies: FrameCopies | null;
  /** Opens the way to other threads, once a name is needed; null if there is none. */
  reach: (() => Elsewhere) | null = null;
  #elsewhere: Elsewhere | null = null;
  readonly #bound = new Map<string, InprocBinding>();
  readonly #waiting = new Map<string, Set<InprocConnection>>();

  constructor(copies: FrameCopies | null) {
    this.copies = copies;
  }

  /** Binds a name, and meets those who connected before. */
  bind(
    address: string,
    member: InprocMember,
    owner: InprocOwner,
  ): InprocBinding {
    if (this.#bound.has(address)) {
      throw new ZmqError(
        "EADDRINUSE",
        `Cannot bind ${address}: another socket of this context is bound there; unbind it or choose another name`,
        { address },
      );
    }
    const elsewhere = this.elsewhere;
    const binding = new InprocBinding(address, member, owner, this);
    this.#bound.set(address, binding);
    const waiting = this.#waiting.get(address);
    this.#waiting.delete(address);
    for (const connection of waiting ?? []) {
      elsewhere?.forget(connection);
      connection.meet(binding);
    }
    elsewhere?.bound(address);
    return binding;
  }

  /** Connects to a name, now or once it is bound. */
  connect(
    address: string,
    member: InprocMember,
    owner: InprocOwner,
    givenId: Uint8Array,
  ): InprocConnection {
    const connection = new InprocConnection(
      address,
      member,
      owner,
      this,
      givenId,
    );
    this.await(connection);
    return connection;
  }

  /** Connects to what was bound, though its name may be free by now. */
  connectTo(
    binding: InprocBinding,
    member: InprocMember,
    owner: InprocOwner,
  ): InprocConnection {
    const { address } = binding;
    const connection = new InprocConnection(
      address,
      member,
      owner,
      this,
      EMPTY,
    );
    connection.meet(binding);
    return connection;
  }

  /** Lets a connection meet the binding of its name, or wait for it. */
  await(connection: InprocConnection): void {
    const { address } = connection;
    const binding = this.#bound.get(address);
    if (binding !== undefined) {
      connection.meet(binding);
      return;
    }
    const elsewhere = this.elsewhere;
    const waiting = this.#waiting.get(address) ?? new Set();
    waiting.add(connection);
    this.#waiting.set(address, waiting);
    elsewhere?.wanted(connection);
  }

  /** Other threads; asking opens the way there, and tells them what was before. */
  get elsewhere(): Elsewhere | null {
    if (this.#elsewhere !== null || this.reach === null) return this.#elsewhere;
    const elsewhere = this.#elsewhere = this.reach();
    for (const name of this.#bound.keys()) elsewhere.bound(name);
    for (const waiting of this.#waiting.values()) {
      for (const connection of waiting) elsewhere.wanted(connection);
    }
    return elsewhere;
  }

  /** Has other threads tell what they have bound, before it matters. */
  meetOthers(): void {
    this.elsewhere;
  }

  /** What is bound to a name here, if something is. */
  boundTo(address: string): InprocBinding | null {
    return this.#bound.get(address) ?? null;
  }

  /** A name is free again. */
  unbound(binding: InprocBinding): void {
    this.#bound.delete(binding.address);
    this.#elsewhere?.unbound(binding.address);
  }

  /** A connection waits no more. */
  forget(connection: InprocConnection): void {
    const waiting = this.#waiting.get(connection.address);
    waiting?.delete(connection);
    this.#elsewhere?.forget(connection);
    if (waiting?.size === 0) this.#waiting.delete(connection.address);
  }

  /** Resolves once other threads have what closed sockets sent them, or after so many milliseconds. */
  async settled(linger: number): Promise<void> {
    await this.#elsewhere?.settled(linger);
  }

  /** Forgets everything. */
  clear(): void {
    this.#bound.clear();
    this.#waiting.clear();
    this.#elsewhere?.close();
    this.reach = null;
    this.#elsewhere = null;
  }
}

/** A bound name. Unbinding it leaves the pipes it made. */
export class InprocBinding implements InprocEndpoint {
  readonly bound = true;
  readonly over = false;
  readonly address: string;
  readonly member: InprocMember;
  readonly #owner: InprocOwner;
  readonly #registry: InprocRegistry;

  constructor(
    address: string,
    member: InprocMember,
    owner: InprocOwner,
    registry: InprocRegistry,
  ) {
    this.address = address;
    this.member = member;
    this.#owner = owner;
    this.#registry = registry;
  }

  close(): void {
    this.#registry.unbound(this);
    this.#owner.endpointOver(this);
  }

  abort(): void {
    this.close();
  }
}

/** One connect, and the pair of pipes that it leads to. */
export class InprocConnection implements InprocEndpoint, Wire {
  readonly bound = false;
  readonly address: string;
  /** Who connects. */
  readonly member: InprocMember;
  readonly #owner: InprocOwner;
  readonly #registry: InprocRegistry;
  readonly #givenId: Uint8Array;
  #pipe: Pipe;
  #binding: InprocBinding | null = null;
  #closed = false;

  constructor(
    address: string,
    member: InprocMember,
    owner: InprocOwner,
    registry: InprocRegistry,
    givenId: Uint8Array,
  ) {
    this.address = address;
    this.member = member;
    this.#owner = owner;
    this.#registry = registry;
    this.#givenId = givenId;
    this.#pipe = this.#open();
  }

  /** The name is bound: makes the pipe at the other end. */
  meet(binding: InprocBinding): void {
    const near = this.#pipe;
    const far = new Pipe(near.out!, null);
    this.#binding = binding;
    far.out = near.inbound;
    far.wire = this;
    far.mate = near;
    far.routingId = this.member.routingId;
    near.mate = far;
    near.routingId = binding.member.routingId;
    near.peer = this.#describe(binding.member);
    far.peer = this.#describe(this.member);
    near.inbound.producer = far;
    far.inbound.producer = near;
    const conflate = this.member.options.conflate ||
      binding.member.options.conflate;
    if (conflate) {
      for (
        const [{ inbound }, { type }] of [
          [near, this.member],
          [far, binding.member],
        ] as const
      ) if (conflatesInto(type)) inbound.keepNewest();
    }
    this.adjust();
    binding.member.attach(far);
    if (this.#closed) {
      // Its socket has gone; what it sent is left to whoever takes it.
      far.pattern?.reconnected(far);
      if (far.inbound.count > 0) far.pattern?.readable(far);
      binding.member.detach(far);
      far.pattern?.ended(far);
      return;
    }
    // Either end may turn the other away; then nobody has met anybody.
    near.pattern?.reconnected(near);
    if (far.open) far.pattern?.reconnected(far);
    if (near.open && near.inbound.count > 0) near.pattern?.readable(near);
  }

  /** Whether it has ended, as one that was turned away at once has. */
  get over(): boolean {
    return this.#closed;
  }

  /** Ends it, as the pipe at one end wants; without one, as this end does. */
  close(by?: unknown): void {
    if (this.#closed) {
      // One that was turned away while it connected: its owner did not know it yet.
      this.#owner.endpointOver(this);
      return;
    }
    this.#closed = true;
    const near = this.#pipe;
    const { mate } = near;
    this.member.detach(near);
    if (mate !== null) {
      this.#binding!.member.detach(mate);
      const left = by === mate ? near : mate;
      left.pattern?.ended(left);
    } else if (by === true || near.out!.count === 0) {
      near.out!.clear();
      this.#registry.forget(this);
    } else {
      this.#registry.elsewhere?.linger(this);
    }
    this.#owner.endpointOver(this);
  }

  abort(): void {
    if (this.#pipe.mate === null) this.#pipe.out!.clear();
    this.close();
  }

  // Wire: what the pipes want.

  wantsWrite(): void {}

  flush(): void {}

  control(): void {}

  /** Parts the pair; if this side gave up a round, another is made. */
  refuse(fault: Fault): void {
    const near = this.#pipe;
    const far = near.mate;
    if (this.#closed) return;
    near.out!.clear();
    if (far === null) return;
    near.inbound.clear();
    const { member } = this.#binding!;
    const again = fault.blame === "caller";
    if (again && this.member.renew === undefined) {
      this.renew();
      return;
    }
    if (again) this.member.renew!();
    this.#part();
    this.#closed = true;
    this.#owner.endpointOver(this);
    // Two that don't fit together are no event, as in libzmq.
    if (again || fault.blame === "mismatch") return;
    member.cutOff?.(this.address, far.peer!, fault, false);
    this.member.cutOff?.(this.address, near.peer!, fault, true);
  }

  /** Parts the pair, and makes another; what has come in can still be received. */
  renew(): void {
    if (this.#closed) return;
    this.#part();
    this.#binding = null;
    this.#pipe = this.#open();
    this.#registry.await(this);
  }

  #part(): void {
    const near = this.#pipe;
    this.member.detach(near);
    this.#binding!.member.detach(near.mate!);
  }

  /** Sets the bounds anew: what may wait one way is both ends' bounds together. */
  adjust(): void {
    const near = this.member.options;
    const far = this.#binding?.member.options ?? null;
    const pipe = this.#pipe;
    bound(pipe.out!, near, far);
    if (far !== null) bound(pipe.inbound, far, near);
  }

  #open(): Pipe {
    const { options, type } = this.member;
    const { conflate } = options;
    const { copies } = this.#registry;
    const incoming = conflate && conflatesInto(type);
    // A subscriber sends what it asks for.
    const outgoing = conflate && type !== "SUB";
    const pipe = new Pipe(new InboundQueue(0, incoming, copies), null);
    pipe.out = new InboundQueue(0, outgoing, copies);
    bound(pipe.out, options, null);
    pipe.out.producer = pipe;
    pipe.wire = this;
    pipe.givenId = this.#givenId;
    this.member.attach(pipe);
    return pipe;
  }

  #describe(member: InprocMember): EventPeer {
    return {
      address: this.address,
      routingId: member.routingId,
      socketType: member.type,
      mechanism: "",
    };
  }
}

/** Bounds what may wait from one end to the other, which may not be there yet. */
function bound(
  queue: InboundQueue,
  from: OptionValues,
  to: OptionValues | null,
): void {
  const { sendHighWaterMark, sendBytesLimit } = from;
  queue.setHighWaterMark(
    to === null
      ? sendHighWaterMark
      : together(sendHighWaterMark, to.receiveHighWaterMark),
  );
  queue.setBytesLimit(
    to === null
      ? sendBytesLimit
      : together(sendBytesLimit, to.receiveBytesLimit),
  );
}

function together(sender: number, receiver: number): number {
  return sender === 0 || receiver === 0 ? 0 : sender + receiver;
}
