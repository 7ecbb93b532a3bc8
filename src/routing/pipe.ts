// A pipe joins a socket to one peer: what waits to go out, what came in, and
// the high-water marks of both. It outlives its connections (unless `immediate`
// is set). Over a wire the outgoing queue is a log of bytes and a session stands
// behind it; within the process (inproc) it is the incoming queue of the mate,
// the pipe at the other end.

import type { EventPeer } from "../base/event.ts";
import type { Fault } from "../base/fault.ts";
import { LONGEST_HEADER, MORE, OPENING } from "../base/frame.ts";
import { EMPTY, type Frame, keepFrame, type Message } from "../base/message.ts";
import { Slab } from "../base/slab.ts";
import type { InboundQueue } from "./inbound_queue.ts";
import { BY_REFERENCE, type OutboundLog } from "./outbound_log.ts";
import type { Pattern } from "./pattern.ts";

/** What a pipe wants of what stands behind it: a session, or a link within the process. */
export interface Wire {
  /** Something waits to be written, and nothing did before. */
  wantsWrite(): void;
  /** Writes now what the stream takes. */
  flush(): void;
  /** Sends a subscription or its end; forgotten when there is no connection. */
  control(kind: number, topic: Frame): void;
  /** Cuts the connection off. */
  refuse(fault: Fault): void;
  /** The high-water marks of the socket have changed. */
  adjust(): void;
  /** Ends it, as one of the pipes at it wants; over a wire, after what was accepted is sent. */
  close(pipe: Pipe): void;
}

/** The pipes that took a message while somebody wanted to know; otherwise null. */
export const trace: { pipes: Pipe[] | null } = { pipes: null };

/**
 * How much may wait before it is written without regard to the turn: with twice as
 * much the peer has less to do meanwhile.
 */
const WRITE_BYTES = 32768;
/**
 * How much of what was copied may wait before its sender is ahead: what goes through
 * the processor's cache soon costs half of what is read from memory again.
 */
const AHEAD_BYTES = 262144;
/** Bytes of a message that are copied, if it has one frame. */
const MOST_COPIED = BY_REFERENCE + LONGEST_HEADER;

/** The lists of pipes that a pipe can stand in, each with a place in `slots`. */
export const OUT = 0;
export const IN = 1;

export class Pipe {
  readonly inbound: InboundQueue;
  /** The outgoing queue over a wire. */
  readonly log: OutboundLog | null;
  /** What stands behind it. */
  wire: Wire | null = null;
  /** The outgoing queue within the process. */
  out: InboundQueue | null = null;
  /** The pipe at the other end, within the process. */
  mate: Pipe | null = null;
  /** The socket's side: set when attached. */
  pattern: Pattern | null = null;
  /** Whether messages can still be sent; those that came in stay readable. */
  open = true;
  /** Whether more is still to come in though the peer has gone, from a background thread. */
  expecting = false;
  /** Where it stands in the lists of its pattern; -1 is nowhere. */
  readonly slots: number[] = [-1, -1];
  /** The name the peer gave itself. */
  routingId: Uint8Array = EMPTY;
  /** The name that `connect` was told to give it. */
  givenId: Uint8Array = EMPTY;
  /** The name that this side knows it by (ROUTER, STREAM). */
  id: Uint8Array = EMPTY;
  /** The number that this side knows it by (SERVER, PEER). */
  number = 0;
  /** What the peer said of itself; the last one, if it was connected again. */
  peer: EventPeer | null = null;
  /** The properties it sent in the handshake, encoded. */
  properties: Uint8Array = EMPTY;
  /** What was said of it by who let it in, encoded. */
  admitted: Uint8Array = EMPTY;
  /** Connections that came about after the first one. */
  reconnects = -1;
  /** Messages that were dropped because the peer was full. */
  drops = 0;
  /** The last message that was matched to it (a fan-out's mark). */
  stamp = 0;
  /** Whether everything goes out to it: nobody asks, and the other end picks. */
  unfiltered = false;
  /** Whether a sender waits to be told of room on the wire. */
  muted = false;
  /** Whether its sender is ahead of the wire. */
  #ahead = false;
  /** Memory for small frames within the process; nobody else's lie in it. */
  #slab: Slab | null = null;

  constructor(inbound: InboundQueue, log: OutboundLog | null) {
    this.inbound = inbound;
    this.log = log;
    if (log === null) return;
    inbound.serve(this);
    log.serve(this);
  }

  /** Whether a message would be taken now; a full wire is flushed to find out. */
  ready(): boolean {
    const log = this.log;
    if (log !== null) {
      if (!log.full) return true;
      this.wire!.flush();
      if (!log.full) return true;
      this.muted = true;
      return false;
    }
    const out = this.out!;
    if (!out.full) return true;
    out.starved = true;
    return false;
  }

  /**
   * Takes a message, with an envelope before it and without its first `skip`
   * frames, or says that it is full. The arrays stay the caller's.
   */
  send(message: Message, skip: number, envelope: Message | null): boolean {
    const log = this.log;
    if (log === null) return this.#copy(message, skip, envelope);
    if (log.full && !this.ready()) return false;
    log.append(message, skip, envelope);
    if (trace.pipes !== null) trace.pipes.push(this);
    this.#appended(log);
    return true;
  }

  /** Takes one message that is encoded already; for wires. */
  sendEncoded(encoded: Uint8Array): boolean {
    const log = this.log!;
    if (log.full && !this.ready()) return false;
    log.appendEncoded(encoded);
    if (trace.pipes !== null) trace.pipes.push(this);
    this.#appended(log);
    return true;
  }

  /** Takes whole messages that are encoded already, whatever the mark says; for wires. The bytes are the pipe's. */
  sendRun(
    bytes: Uint8Array,
    start: number,
    end: number,
    messages: number,
  ): void {
    const log = this.log!;
    log.appendRun(bytes, start, end, messages);
    this.#appended(log);
  }

  /** Whether a sender met it full and was not told of room yet. */
  get waitedFor(): boolean {
    return this.log !== null ? this.muted : this.out!.starved;
  }

  /**
   * Whether so much waits for it, and yet not all that may, that who sends should give
   * way, lest a peer that reads loses something; what can be written is written first.
   */
  get strained(): boolean {
    const log = this.log;
    if (log !== null) {
      if (log.relaxed) return false;
      this.wire!.flush();
    }
    const queue = log ?? this.out!;
    return !queue.relaxed && !queue.full && this.open;
  }

  /** Sends what goes before messages: a subscription or its end, an opening. */
  control(kind: number, topic: Frame): void {
    if (this.log !== null) {
      this.wire!.control(kind, topic);
      return;
    }
    if (this.mate === null) return;
    const out = this.out!;
    const first = out.count === 0;
    const own = keepFrame(topic, this.#slab ??= new Slab());
    if (kind === OPENING) out.pushFirst(own);
    else out.push(own, kind);
    if (first) this.mate.pattern?.readable(this.mate);
  }

  /** Messages that left for it. */
  get messagesOut(): number {
    return this.log !== null ? this.log.taken : this.out!.total;
  }

  /** Bytes that left for it. */
  get bytesOut(): number {
    return this.log !== null ? this.log.takenBytes : this.out!.bytes;
  }

  /** Parts with the peer, once what was accepted for it is sent. */
  close(): void {
    this.wire?.close(this);
  }

  /** Tells the peer that it broke a rule, and parts with it. */
  refuse(fault: Fault): void {
    this.wire?.refuse(fault);
  }

  #appended(log: OutboundLog): void {
    if (log.full || log.waitingBytes >= WRITE_BYTES) {
      this.wire!.flush();
      const { waitingBytes } = log;
      if (waitingBytes === 0) return;
      const copied = waitingBytes <= log.count * MOST_COPIED;
      if (copied && waitingBytes >= AHEAD_BYTES) {
        this.#ahead = true;
        this.pattern!.ahead();
      }
    }
    if (!log.armed) {
      log.armed = true;
      this.wire!.wantsWrite();
    }
  }

  /** The peer within the process has room again. */
  resume(): void {
    this.pattern?.writable(this);
  }

  /** The kernel took some of what waited. */
  taken(): void {
    if (this.#ahead && this.log!.waitingBytes <= AHEAD_BYTES >> 1) {
      this.#ahead = false;
      this.pattern?.caughtUp();
    }
    if (this.muted && this.log!.relaxed) {
      this.muted = false;
      this.pattern?.writable(this);
    }
  }

  #copy(message: Message, skip: number, envelope: Message | null): boolean {
    const out = this.out!;
    if (out.full) {
      out.starved = true;
      return false;
    }
    const first = out.count === 0;
    if (envelope !== null) {
      for (let i = 0; i < envelope.length; i++) {
        out.pushBorrowed(envelope[i], MORE);
      }
    }
    const last = message.length - 1;
    for (let i = skip; i <= last; i++) {
      out.pushBorrowed(message[i], i < last ? MORE : 0);
    }
    if (first) this.mate?.pattern?.readable(this.mate);
    return true;
  }
}
