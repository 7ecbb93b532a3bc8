// A proxy (zmq_proxy(3), zmq_proxy_steerable(3)) joins two sockets: what one
// receives the other sends, both ways, whole messages, and only as many as the
// other side takes; the rest waits where it came from.
//
//   idle ──run()──> running <──pause, resume──> paused
//                      └────────terminate, signal, a socket's end────> ended

import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";
import { decodeText } from "../base/utf8.ts";
import { FULL, NO_PEER } from "../routing/pattern.ts";
import type { AbortLike } from "../runtime/abort.ts";
import type { SocketCore, Watcher } from "./core.ts";
import { MOST_TURNS } from "./send_queue.ts";
import { coreFor, type Socket } from "./socket.ts";
import { refusedBy } from "./call_limits.ts";
import { abortReason } from "./waiting_line.ts";

/** What passed through one socket of a proxy. */
export interface ProxyFlow {
  /** Messages received from it, and their bytes. */
  readonly messagesIn: number;
  /** Bytes of them. */
  readonly bytesIn: number;
  /** Messages sent to it, and their bytes. */
  readonly messagesOut: number;
  /** Bytes of them. */
  readonly bytesOut: number;
}

/** What passed through a proxy. */
export interface ProxyStatistics {
  /** What came in and went out at the front. */
  readonly frontEnd: ProxyFlow;
  /** The same at the back. */
  readonly backEnd: ProxyFlow;
}

/** How to run a proxy. */
export interface ProxyRunOptions {
  /** Ends it; `run` then rejects with the signal's reason. */
  signal?: AbortLike;
}

/** Types that name their peers by numbers of their own. */
const NUMBERED: readonly SocketType[] = ["SERVER", "PEER"];
/** Messages that pass one way before the other way has its turn. */
const BURST = 1000;

/** One way through a proxy. */
class Lane {
  readonly from: SocketCore;
  readonly to: SocketCore;
  messages = 0;
  frames = 0;
  bytes = 0;
  /** A message that was taken and that the other side has no room for yet. */
  held: Message | null = null;
  /** Turns that it gave way to a peer that was about to be full. */
  waits = 0;

  constructor(from: SocketCore, to: SocketCore) {
    this.from = from;
    this.to = to;
  }
}

/** A proxy between two sockets. Its sockets are its own while it runs. */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket>
  implements Watcher {
  /** The socket that clients use. */
  readonly frontEnd: F;
  /** The socket that services use. */
  readonly backEnd: B;
  readonly #capture: SocketCore | null;
  readonly #control: SocketCore | null;
  readonly #lanes: Lane[];
  #state: "idle" | "running" | "paused" | "ended" = "idle";
  #resolve: () => void = nothing;
  #reject: (error: unknown) => void = nothing;
  #scheduled = false;
  readonly #run: () => void = () => this.#turn();

  /**
   * Joins `frontEnd` and `backEnd`, which may be one socket. What passes is sent to
   * `capture` too (a Pair, Dealer, Push or Publisher); while that has no room, nothing
   * passes, and only a Publisher never waits.
   * `control` (a Pair, Pull, Subscriber or Reply) takes PAUSE, RESUME, TERMINATE
   * and STATISTICS. What the other side can't send is dropped: a Radio takes a group
   * and a body, and nothing else.
   */
  constructor(frontEnd: F, backEnd: B, capture?: Socket, control?: Socket) {
    const known = (socket: Socket) => coreFor("Proxy", socket);
    const front = known(frontEnd);
    const back = known(backEnd);
    this.frontEnd = frontEnd;
    this.backEnd = backEnd;
    this.#capture = capture === undefined ? null : known(capture);
    this.#control = control === undefined ? null : known(control);
    this.#lanes = front === back
      ? [new Lane(front, back)]
      : [new Lane(front, back), new Lane(back, front)];
  }

  /**
   * Passes messages until `terminate`, the end of either socket, or the signal.
   * Meanwhile nobody else can send or receive with the sockets (EBUSY); they stay
   * open when it is over.
   *
   * @throws {ZmqError} EBADF if a socket is closed, or if it ran before; ETERM if
   * the context was terminated; EINVAL between a Server or Peer and another socket;
   * ENOTSUP if `capture` does not send. As a rejection.
   */
  async run(options: ProxyRunOptions = {}): Promise<void> {
    const refused = refusedBy(options);
    if (refused !== undefined) throw refused;
    const { signal } = options;
    if (this.#state !== "idle") {
      throw new ZmqError("EBADF", "A proxy runs once; make a new one");
    }
    const cores = this.#cores();
    for (const core of cores) {
      if (core.barrier !== null) throw core.closedError();
    }
    for (const { from, to } of this.#lanes) {
      if (from === to || !NUMBERED.includes(from.type)) continue;
      throw new ZmqError(
        "EINVAL",
        "A Server or Peer knows its peers by numbers that no other socket knows: a proxy can't join them",
      );
    }
    const capture = this.#capture;
    if (capture !== null && !SOCKET_TYPES[capture.type].sends) {
      throw new ZmqError("ENOTSUP", "A socket that captures has to send");
    }
    const running = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const aborted = () => this.#end(() => this.#reject(abortReason(signal!)));
    signal?.addEventListener("abort", aborted);
    this.#state = "running";
    const { reactor } = cores[0];
    reactor.hold();
    for (const core of cores) {
      core.barrier = "proxied";
      core.watchers.add(this);
    }
    capture?.watchers.add(this);
    this.changed();
    try {
      await running;
    } finally {
      capture?.watchers.delete(this);
      signal?.removeEventListener("abort", aborted);
      for (const core of cores) {
        core.watchers.delete(this);
        if (core.barrier === "proxied") core.barrier = null;
        // What it left is for those who waited meanwhile.
        core.receives.drain();
        core.tellWatchers();
      }
      reactor.release();
    }
  }

  /**
   * Passes nothing until `resume`; messages wait where they are.
   *
   * @throws {ZmqError} EBADF unless it runs.
   */
  pause(): void {
    this.#check();
    this.#state = "paused";
  }

  /**
   * Goes on after `pause`.
   *
   * @throws {ZmqError} EBADF unless it runs.
   */
  resume(): void {
    this.#check();
    this.#state = "running";
    this.changed();
  }

  /**
   * Ends it; `run` resolves.
   *
   * @throws {ZmqError} EBADF unless it runs.
   */
  terminate(): void {
    this.#check();
    this.#end(this.#resolve);
  }

  /** What has passed so far. */
  statistics(): ProxyStatistics {
    const [there, back = there] = this.#lanes;
    return {
      frontEnd: {
        messagesIn: there.messages,
        bytesIn: there.bytes,
        messagesOut: back.messages,
        bytesOut: back.bytes,
      },
      backEnd: {
        messagesIn: back.messages,
        bytesIn: back.bytes,
        messagesOut: there.messages,
        bytesOut: there.bytes,
      },
    };
  }

  /** The same as `terminate`, if it runs. */
  [Symbol.dispose](): void {
    if (this.#state === "running" || this.#state === "paused") this.terminate();
  }

  /**
   * A socket may have a message, or room; called by the library. What is to be
   * passed is passed after the library's own work, never within it.
   */
  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    Promise.resolve().then(this.#run);
  }

  #turn(): void {
    this.#scheduled = false;
    if (!this.#pass() || this.#scheduled) return;
    this.#scheduled = true;
    this.#cores()[0].reactor.turn.next().then(this.#run);
  }

  /** Passes what can be; true if there is more than fits a turn. */
  #pass(): boolean {
    if (this.#state !== "running" && this.#state !== "paused") return false;
    const closed = this.#lanes.find(({ from }) => from.closed !== null);
    if (closed !== undefined) {
      this.#end(
        closed.from.closed === "closed"
          ? this.#resolve
          : () => this.#reject(closed.from.closedError()),
      );
      return false;
    }
    let more = this.#obey();
    for (const lane of this.#lanes) {
      if (this.#state === "running" && this.#forward(lane)) more = true;
    }
    return more;
  }

  #forward(lane: Lane): boolean {
    const { from, to } = lane;
    const capture = this.#capture?.closed === null ? this.#capture : null;
    for (let passed = 0; passed < BURST; passed++) {
      if (capture?.pattern.canSend() === false) return false;
      // A publisher would drop for a peer that just had no time to read.
      if (to.pattern.strained() && lane.waits < MOST_TURNS) {
        lane.waits++;
        return true;
      }
      lane.waits = 0;
      let taken = lane.held;
      lane.held = null;
      if (taken === null) {
        // A socket that is both ends answers (REP), so it receives first.
        if (to !== from && !to.pattern.canSend()) return false;
        taken = from.pattern.tryReceive();
        if (taken === null) return false;
      }
      const message = shaped(to, taken);
      if (message === null) continue;
      const result = to.pattern.trySend(message);
      if (result === FULL || result === NO_PEER) {
        lane.held = taken;
        return false;
      }
      lane.messages++;
      lane.frames += message.length;
      for (const frame of message) lane.bytes += frame.length;
      if (capture === null) continue;
      const seen = shaped(capture, message);
      if (seen !== null) capture.pattern.trySend(seen);
    }
    return true;
  }

  /** Does what the control socket says; true if it may have more to say. */
  #obey(): boolean {
    const control = this.#control;
    if (control === null || control.closed !== null) return false;
    const message = control.pattern.tryReceive();
    if (message === null) return false;
    const command = decodeText(message[message.length - 1]);
    const answers = control.type === "REP";
    if (command === "STATISTICS") this.#report(control);
    else if (answers) control.pattern.trySend([new Uint8Array(0)]);
    if (command === "PAUSE") this.#state = "paused";
    else if (command === "RESUME") this.#state = "running";
    else if (command === "TERMINATE") this.#end(this.#resolve);
    return true;
  }

  /** libzmq's eight numbers of 64 bits, least significant byte first; it counts frames. */
  #report(control: SocketCore): void {
    const [there, back = there] = this.#lanes;
    const numbers = [
      ...[there.frames, there.bytes, back.frames, back.bytes],
      ...[back.frames, back.bytes, there.frames, there.bytes],
    ];
    control.pattern.trySend(numbers.map((number) => {
      const frame = new Uint8Array(8);
      const view = new DataView(frame.buffer);
      view.setUint32(0, number % 4294967296, true);
      view.setUint32(4, Math.floor(number / 4294967296), true);
      return frame;
    }));
  }

  #end(settle: () => void): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    // What was taken and not passed on is the only thing that is lost, so it isn't.
    for (const lane of this.#lanes) {
      const { held, to } = lane;
      lane.held = null;
      if (held === null || to.closed !== null) continue;
      to.barrier = null;
      to.sends.send(held).catch(nothing);
    }
    settle();
  }

  #check(): void {
    if (this.#state === "running" || this.#state === "paused") return;
    throw new ZmqError("EBADF", "The proxy does not run; call run() first");
  }

  #cores(): SocketCore[] {
    const own = this.#lanes.flatMap(({ from, to }) => [from, to]);
    const control = this.#control === null ? [] : [this.#control];
    return [...new Set([...own, ...control])];
  }
}

/** A message as a socket sends it; null if it is none for its type. */
function shaped(to: SocketCore, message: Message): Message | null {
  if (to.shape === null) return message;
  try {
    return to.shape(message);
  } catch {
    // Whoever sent it here is to blame, and must not end the proxy.
    return null;
  }
}

function nothing(): void {}
