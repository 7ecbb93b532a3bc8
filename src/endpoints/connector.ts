// An outgoing endpoint (zmq_connect(3)): attempts, one after another, until it
// is disconnected or the peer turns out to break the protocol.
//
//   attempting ──opened──> shaking hands ──> up
//       ^  └──────────────────┴──────────────┘ (over)
//       └──── waiting (Retry says how long) <─┘   └──> done (for good)
//
// An attempt that nobody waits for is cut short, a little later each time, so
// that an idle program can end though runtimes keep it alive while they try.

import { Fault, mayRetry } from "../base/fault.ts";
import type { StreamHandler, StreamTarget } from "../runtime/adapter.ts";
import type { Endpoint, EndpointOwner } from "./endpoint.ts";
import { emitEnd, eventError } from "./failure.ts";
import { Retry } from "./retry.ts";
import { type Phase, Session, type SessionOwner } from "./session.ts";
import { sessionSettings, type SocketSide } from "./socket_side.ts";
import { Timer } from "./timers.ts";

/** Bits of `reconnectStop`. */
const STOP_REFUSED = 1;
const STOP_HANDSHAKE = 2;
const STOP_DISCONNECTED = 4;
/** The first attempt that nobody waits for may take so many milliseconds. */
const IDLE_MS = 500;
const TOO_SLOW = new Fault(
  "timeout",
  "ETIMEDOUT",
  "it took too long",
);

const LEFT = new Fault("transport", "EPIPE", "the peer has left");

export class Connector implements Endpoint, SessionOwner {
  readonly address: string;
  readonly #socket: SocketSide;
  readonly #owner: EndpointOwner;
  readonly #target: StreamTarget;
  readonly #wrap: ((handler: StreamHandler) => StreamHandler) | null;
  readonly #retry: Retry;
  readonly #limit: number;
  readonly #session: Session;
  readonly #timer: Timer;
  #idleLimit = IDLE_MS;
  #began = 0;
  /** Whether the attempt was cut short here. */
  #cut = false;
  #state: "attempting" | "up" | "waiting" | "done" = "waiting";
  #closing = false;
  /** Whether what waits is not sent any more. */
  #aborted = false;
  /** Whether it was disconnected, and is not to be connected again even for what waits. */
  #abandoned = false;

  constructor(
    socket: SocketSide,
    address: string,
    target: StreamTarget,
    wrap: ((handler: StreamHandler) => StreamHandler) | null,
    owner: EndpointOwner,
    givenId: Uint8Array,
  ) {
    const options = socket.options;
    this.#socket = socket;
    this.address = address;
    this.#target = target;
    this.#wrap = wrap;
    this.#owner = owner;
    this.#limit = options.connectTimeout === 0
      ? Infinity
      : options.connectTimeout;
    this.#retry = new Retry(
      options.reconnectInterval,
      options.reconnectMaxInterval,
    );
    this.#timer = new Timer((now) => this.#due(now));
    this.#session = new Session(
      socket,
      sessionSettings(socket),
      this,
      !options.immediate,
      givenId,
    );
  }

  /** Makes the first attempt, unless it was ended meanwhile. */
  start(): void {
    if (this.#state !== "done") this.#attempt();
  }

  close(discard: boolean): void {
    const { options, closed } = this.#socket;
    this.#closing = true;
    // A socket that is closed lingers all the same.
    this.#abandoned ||= closed === null &&
      (options.reconnectStop & STOP_DISCONNECTED) !== 0;
    this.#session.part(discard);
    if (!this.#session.live && !this.#awaited) this.#finish();
  }

  abort(): void {
    this.#closing = true;
    this.#aborted = true;
    if (this.#session.live) this.#session.abort();
    else this.#finish();
  }

  opened(session: Session): void {
    this.#socket.reactor.timers.clear(this.#timer);
    this.#state = "up";
    this.#idleLimit = IDLE_MS;
    this.#socket.emit({
      type: "connect",
      address: this.address,
      peer: session.peer,
    });
  }

  established(session: Session): void {
    this.#retry.reset();
    if (this.#socket.type === "STREAM") return;
    this.#socket.emit({
      type: "handshake",
      address: this.address,
      peer: session.peer,
    });
  }

  over(session: Session, phase: Phase, fault: Fault | null): void {
    const { address } = this;
    this.#socket.reactor.timers.clear(this.#timer);
    if (phase === "connecting") {
      this.#failed(session, this.#cut ? TOO_SLOW : fault);
      return;
    }
    if (!this.#closing) {
      emitEnd(this.#socket, address, session.peer, phase, fault);
    }
    if (this.#isDone(session)) this.#finish();
    else if (!mayRetry(fault)) this.#giveUp(fault);
    else if (this.#stops(phase, fault) || this.#retry.never) {
      this.#stop(fault ?? LEFT);
    } else this.#wait(null);
  }

  /** No connection came about. */
  #failed(session: Session, fault: Fault | null): void {
    const done = this.#isDone(session);
    const last = !mayRetry(fault) || this.#stops("connecting", fault) ||
      this.#retry.never;
    this.#tellOfClose(!done && last ? fault : null);
    if (done || last) this.#finish();
    else this.#wait(fault);
  }

  #isDone(session: Session): boolean {
    return this.#aborted ||
      (this.#closing || session.parted) && !this.#awaited;
  }

  unwanted(_session: Session): void {
    this.#finish();
  }

  /** Whether what waits to be sent is worth another connection. */
  get #awaited(): boolean {
    return this.#session.unsent && !this.#abandoned;
  }

  /** Whether ZMQ_RECONNECT_STOP says that this was the last attempt. */
  #stops(phase: Phase, fault: Fault | null): boolean {
    const stop = this.#socket.options.reconnectStop;
    return (stop & STOP_REFUSED) !== 0 && fault?.code === "ECONNREFUSED" ||
      (stop & STOP_HANDSHAKE) !== 0 && phase === "handshake";
  }

  #attempt(): void {
    const { reactor } = this.#socket;
    this.#state = "attempting";
    this.#cut = false;
    this.#began = reactor.now();
    // On ipc there is somebody or nobody: libzmq has no delay to tell of.
    if (this.#target.kind !== "ipc") {
      this.#socket.emit({ type: "connect:delay", address: this.address });
    }
    const wrap = this.#wrap;
    this.#session.begin((handler) =>
      reactor.adapter.connect(
        this.#target,
        wrap === null ? handler : wrap(handler),
      )
    );
    this.#setLimit();
  }

  #setLimit(): void {
    const { reactor } = this.#socket;
    const limit = reactor.held
      ? this.#limit
      : Math.min(this.#limit, this.#idleLimit);
    reactor.timers.set(this.#timer, this.#began + limit);
  }

  #due(now: number): void {
    if (this.#state === "waiting") {
      this.#attempt();
      return;
    }
    const cut = now - this.#began >= this.#limit;
    if (!cut && this.#socket.reactor.held) {
      this.#setLimit();
      return;
    }
    this.#idleLimit *= 2;
    this.#cut = true;
    this.#session.abort();
  }

  /** Tries again later; says why the attempt failed, if no other event has. */
  #wait(fault: Fault | null): void {
    const { reactor } = this.#socket;
    const delay = this.#retry.next(reactor.random());
    this.#state = "waiting";
    if (!this.#closing) {
      this.#socket.emit({
        type: "connect:retry",
        address: this.address,
        interval: delay,
        ...(fault === null ? {} : { error: eventError(fault) }),
      });
    }
    reactor.timers.set(this.#timer, reactor.now() + delay);
  }

  /** Makes no attempt any more, and says why. */
  #giveUp(fault: Fault | null): void {
    this.#tellOfClose(fault);
    this.#finish();
  }

  /** Makes no attempt any more, as an option says: no event tells of it, as with libzmq. */
  #stop(fault: Fault): void {
    const { address } = this;
    const error = eventError(fault);
    if (!this.#closing) this.#socket.emit({ type: "stopped", address, error });
    this.#finish();
  }

  /** There is no connection; with a fault it is for good. */
  #tellOfClose(fault: Fault | null): void {
    if (this.#closing) return;
    this.#socket.emit({
      type: "close",
      address: this.address,
      ...(fault === null ? {} : { error: eventError(fault) }),
    });
  }

  #finish(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#socket.reactor.timers.clear(this.#timer);
    this.#session.finish();
    this.#owner.endpointOver(this);
  }
}
