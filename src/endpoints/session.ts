// A session stands between one pipe and one connection at a time. On the
// connecting side it lasts from connection to connection, and its pipe with it
// (unless `immediate` is set); on the accepting side it ends with its only one.

import type { EventPeer } from "../base/event.ts";
import { Fault } from "../base/fault.ts";
import { EMPTY, type Frame } from "../base/message.ts";
import type { Credentials } from "../mechanisms/mechanism.ts";
import type { Producer } from "../routing/inbound_queue.ts";
import { Pipe, type Wire } from "../routing/pipe.ts";
import type { ByteStream, StreamHandler } from "../runtime/adapter.ts";
import {
  Connection,
  type Inbox,
  type Joinable,
  type Wishes,
} from "../zmtp/connection.ts";
import { curvePart } from "./curve_part.ts";
import { makeMechanism } from "./make_mechanism.ts";
import { OneHold } from "./one_hold.ts";
import { type AnyConnection, Pump, type PumpOwner } from "./pump.ts";
import { RawConnection } from "./raw_connection.ts";
import {
  adjustQueues,
  type Admission,
  type Question,
  type SessionSettings,
  type SocketSide,
  wireQueues,
} from "./socket_side.ts";
import { Timer } from "./timers.ts";

/** How far a connection came. */
export type Phase = "connecting" | "handshake" | "traffic";

/** What a session tells the endpoint it belongs to. */
export interface SessionOwner {
  /** The stream is connected. */
  opened(session: Session): void;
  /** Messages flow. */
  established(session: Session): void;
  /** The connection is over; `fault` is null if the peer just left. */
  over(session: Session, phase: Phase, fault: Fault | null): void;
  /** The socket has parted with it while there was no connection. */
  unwanted(session: Session): void;
}

/** How long an ending stream waits for the peer's own end, in milliseconds. */
const END_MS = 2000;

export class Session implements Wire, Wishes, PumpOwner, Producer {
  /** The other end of the connection there is, or was last. */
  peer: EventPeer = NOBODY;
  /** Whether the socket has parted with it: what was accepted is sent, and no more. */
  parted = false;
  readonly #socket: SocketSide;
  readonly #settings: SessionSettings;
  readonly #owner: SessionOwner;
  /** Whether the pipe outlives connections. */
  readonly #lasting: boolean;
  /** There while something is due. */
  #timer: Timer | null = null;
  #phase: Phase = "connecting";
  #pipe: Pipe | null = null;
  #pump: Pump | null = null;
  #stream: ByteStream | null = null;
  #connection: AnyConnection | null = null;
  #accepted = false;
  /** What is asked about the peer. */
  #question: Question | null = null;
  /** What was said of the peer when it was let in, encoded. */
  #admitted: Uint8Array = EMPTY;
  readonly #givenId: Uint8Array;
  readonly #hold: OneHold;
  #closing = false;
  /** Whether the peer is told that it may not come in, and nothing more. */
  #refusing = false;
  /** How the connection ended whose last messages wait for room. */
  #ended: { phase: Phase; fault: Fault | null } | null = null;

  constructor(
    socket: SocketSide,
    settings: SessionSettings,
    owner: SessionOwner,
    lasting: boolean,
    givenId: Uint8Array = EMPTY,
  ) {
    this.#socket = socket;
    this.#hold = new OneHold(socket.reactor);
    this.#settings = settings;
    this.#owner = owner;
    this.#lasting = lasting;
    this.#givenId = givenId;
    if (lasting) socket.attach(this.#pipe = this.#makePipe());
  }

  /** Whether `over` is still to come: there is a stream, or what it brought. */
  get live(): boolean {
    return this.#stream !== null || this.#ended !== null;
  }

  /** Whether something that was accepted has not been handed to the kernel. */
  get unsent(): boolean {
    return this.#pipe !== null && this.#pipe.log!.count > 0;
  }

  /** Begins with a stream that `make` makes for a handler. */
  begin(make: (handler: StreamHandler) => ByteStream): void {
    this.peer = NOBODY;
    this.#phase = "connecting";
    this.#pump = new Pump(this.#socket.reactor, this);
    this.#stream = make(this.#pump);
  }

  /** Begins with a stream that came in. */
  accept(stream: ByteStream): StreamHandler {
    this.#accepted = true;
    this.begin(() => stream);
    return this.#pump!;
  }

  /** Sends what was accepted, or discards it, then ends the connection; `over` follows if there is one. */
  part(discard: boolean): void {
    this.parted = true;
    this.#closing = true;
    this.#retire();
    if (discard) this.#pipe?.log?.clear();
    if (this.#phase === "traffic") this.#pump?.write();
    else if (this.unsent) return;
    else if (this.#phase === "handshake") {
      this.#withdraw();
      this.#stream!.end(END_MS);
    } else this.abort();
  }

  /** Ends the connection at once, or the attempt at one. */
  abort(): void {
    if (this.#ended !== null) this.inputDone();
    else this.#stream?.abort();
  }

  /** Parts with the pipe for good; what could not be sent is lost. */
  finish(): void {
    this.#hold.letGo();
    const pipe = this.#pipe;
    if (pipe === null) return;
    this.#retire();
    this.#pipe = null;
    pipe.log!.clear();
  }

  // Wire: what the pipe wants.

  wantsWrite(): void {
    this.#hold.take(this.#socket.options.linger);
    this.#pump?.wantsWrite();
  }

  flush(): void {
    this.#pump?.write();
  }

  close(): void {
    this.part(false);
    if (!this.live && !this.unsent) this.#owner.unwanted(this);
  }

  control(kind: number, topic: Frame): void {
    this.#connection?.control(kind, topic);
  }

  refuse(fault: Fault): void {
    this.#connection?.refuse(fault);
    // Nothing more is to be sent by a connection that was given up.
    if (fault.blame === "caller" && !this.#lasting) this.#retire();
  }

  /** The pipe's queue has room for what waits to be decoded. */
  resume(): void {
    this.#pump?.resume();
  }

  adjust(): void {
    const pipe = this.#pipe;
    if (pipe === null) return;
    adjustQueues(pipe, this.#socket.options);
    pipe.taken();
  }

  // Wishes: what the connection wants.

  connectionReady(connection: Joinable): void {
    this.#phase = "traffic";
    this.#stream?.established?.();
    const fresh = this.#pipe === null;
    const pipe = this.#pipe ??= this.#makePipe();
    const { routingId, socketType, mechanism, properties } = connection.peer;
    pipe.routingId = routingId;
    const address = this.peer.address;
    this.peer = { address, routingId, socketType, mechanism };
    pipe.peer = this.peer;
    pipe.properties = properties;
    pipe.admitted = this.#admitted;
    pipe.reconnects++;
    connection.join(pipe.open ? pipe.inbound : NOBODYS, pipe.log!);
    if (fresh) this.#socket.attach(pipe);
    this.#owner.established(this);
    pipe.pattern?.reconnected(pipe);
    this.#pump?.wantsWrite();
  }

  connectionWantsWrite(): void {
    this.#pump?.wantsWrite();
  }

  connectionWantsClose(): void {
    this.#stream?.abort();
  }

  connectionWantsTimer(): void {
    this.#setTimer();
  }

  connectionAsks(credentials: Credentials): void {
    const connection = this.#connection as Connection;
    const { authority } = this.#socket;
    const judge = (admission: Admission) => {
      this.#admitted = admission.properties;
      connection.decide(admission.fault);
    };
    const { judges } = this.#settings.security;
    const found = authority.judge(credentials, this.peer.address, judges);
    if ("fault" in found) {
      judge(found);
      return;
    }
    this.#question = found;
    Promise.resolve(found.answer).then((admission) => {
      if (this.#question !== found) return;
      this.#question = null;
      judge(admission);
      this.#pump?.goOn();
    });
  }

  /** Nobody waits to be told about the peer any more. */
  #withdraw(): void {
    this.#question?.withdraw();
    this.#question = null;
  }

  connectionWantsEnd(): void {
    this.#refusing = true;
    if (!this.#lasting) this.#retire();
    this.#pump?.write();
  }

  // Pump: what the stream tells.

  opened(stream: ByteStream): AnyConnection {
    this.#stream = stream;
    this.#phase = "handshake";
    this.peer = { ...NOBODY, address: stream.remote };
    const reactor = this.#socket.reactor;
    if (this.#settings.raw) {
      const raw = new RawConnection(this);
      this.#connection = raw;
      this.#owner.opened(this);
      raw.begin();
      return raw;
    }
    const connection = new Connection(
      this.#settings,
      makeMechanism(this.#settings, this.#socket, this.#accepted),
      reactor.reserve,
      this,
      reactor.now(),
      this.#settings.security.keys === null ? null : curvePart().SECURE_FRAMING,
    );
    this.#connection = connection;
    this.#owner.opened(this);
    this.#setTimer();
    return connection;
  }

  received(): void {
    const pipe = this.#pipe;
    if (pipe !== null && pipe.inbound.count > 0) pipe.pattern?.readable(pipe);
  }

  taken(): void {
    this.#pipe?.taken();
  }

  drained(): void {
    if (this.#refusing) {
      this.#refusing = false;
      this.#stream?.end(END_MS);
    }
    if (this.#phase !== "traffic") return;
    const log = this.#pipe?.log ?? null;
    if (log !== null) log.armed = false;
    // What waits in a file is on its way.
    if (log !== null && log.swapped > 0) return;
    this.#hold.letGo();
    if (this.#closing) {
      this.#closing = false;
      this.#stream?.end(END_MS);
    }
  }

  closed(error: Error | undefined): void {
    const phase = this.#phase;
    const exact = this.#stream?.exact ?? true;
    const connection = this.#connection;
    const fault = connection?.fault ?? transportFault(error);
    this.#stream = null;
    this.#phase = "connecting";
    this.#withdraw();
    this.#clearTimer();
    const pipe = this.#pipe;
    if (pipe !== null) this.#disconnected(pipe, exact);
    this.#ended = { phase, fault };
    const held = connection !== null && connection.established &&
      this.#pump!.held;
    if (!held) this.inputDone();
    else if (!this.#lasting) this.#socket.detach(pipe!);
  }

  inputDone(): void {
    if (this.#ended === null) return;
    const { phase, fault } = this.#ended;
    this.#ended = null;
    this.#connection?.ended();
    this.#connection = null;
    this.#pump = null;
    const pipe = this.#pipe;
    const broken = pipe !== null && phase === "traffic" && !this.parted;
    if (broken && !this.#accepted) pipe.pattern!.hiccuped(pipe);
    if (pipe !== null) this.#socket.inputOver?.(pipe);
    if (!this.#lasting) this.finish();
    if (broken && this.#accepted) pipe.pattern!.ended(pipe);
    this.#owner.over(this, phase, fault);
  }

  #disconnected(pipe: Pipe, exact: boolean): void {
    const log = pipe.log!;
    log.disconnected(exact);
    if (log.count > 0) {
      log.armed = true;
      this.#hold.take(this.#socket.options.linger);
    } else {
      this.#hold.letGo();
    }
    // What waits for room waits for another peer, if this one doesn't come back.
    if (this.#lasting) pipe.taken();
  }

  /** No message goes into the pipe any more, and what still comes in is nobody's. */
  #retire(): void {
    const pipe = this.#pipe;
    if (pipe === null || !pipe.open) return;
    this.#socket.detach(pipe);
    const connection = this.#connection;
    // One that isn't established is joined when it is, and knows what to hide then.
    if (connection?.established) connection.join(NOBODYS, pipe.log!);
    this.#pump?.resume();
  }

  #makePipe(): Pipe {
    const pipe = new Pipe(...wireQueues(this.#socket));
    pipe.wire = this;
    pipe.givenId = this.#givenId;
    pipe.inbound.producer = this;
    return pipe;
  }

  #setTimer(): void {
    const at = this.#connection?.deadline ?? Infinity;
    if (at === Infinity) {
      this.#clearTimer();
      return;
    }
    this.#timer ??= new Timer((now) => {
      this.#connection?.advance(now);
      this.#setTimer();
    });
    this.#socket.reactor.timers.set(this.#timer, at);
  }

  #clearTimer(): void {
    if (this.#timer === null) return;
    this.#socket.reactor.timers.clear(this.#timer);
    this.#timer = null;
  }
}

/** Takes what comes in after its receiver has gone. */
const NOBODYS: Inbox = {
  space: Infinity,
  starved: false,
  midMessage: false,
  pushRun: () => {},
  push: () => {},
  rollback: () => {},
};

const NOBODY: EventPeer = {
  address: "",
  routingId: EMPTY,
  socketType: "",
  mechanism: "",
};

function transportFault(error: Error | undefined): Fault | null {
  if (error === undefined) return null;
  if (error instanceof Fault) return error;
  const code = (error as { code?: unknown }).code;
  return new Fault(
    "transport",
    typeof code === "string" ? code : "EIO",
    error.message,
    error,
  );
}
