// The application's end of a link: what stands behind a pipe of a socket whose
// connection is kept by a background thread. A message that the socket sends counts
// against the mark until the kernel has it.

import type { Fault } from "../base/fault.ts";
import { COMMAND, LONG, LONGEST_HEADER, OPENING } from "../base/frame.ts";
import type { Frame } from "../base/message.ts";
import { conflatesInto } from "../base/socket_type.ts";
import { OneHold } from "../endpoints/one_hold.ts";
import {
  adjustQueues,
  type SocketSide,
  wireQueues,
} from "../endpoints/socket_side.ts";
import type { Flushable } from "../endpoints/turn.ts";
import type { Producer } from "../routing/inbound_queue.ts";
import { Pipe, type Wire } from "../routing/pipe.ts";
import { NEED, RUN } from "../zmtp/frame_reader.ts";
import {
  BYTES_MARK,
  bytesMark,
  CONSUMED,
  CONSUMED_BYTES,
  DONE,
  DROPS,
  ENCLOSED,
  type Link,
  LOST,
  MARK,
  type PostedBody,
  STARVED,
  WAKE,
  WAKE_AT,
} from "./link.ts";
import { RingLog } from "./ring_log.ts";
import {
  type PipeFacts,
  type PipeOrder,
  type PipeReport,
  plainFault,
} from "./words.ts";

/** What the queue is told of a frame: whether another follows, or what kind it is. */
const TOLD = ~(COMMAND | LONG);

export class ApplicationEnd implements Wire, Producer, Flushable {
  readonly pipe: Pipe;
  readonly #socket: SocketSide;
  readonly #link: Link;
  readonly #over: () => void;
  readonly #hold: OneHold;
  /** Whether the pattern has it. */
  #attached = false;
  /** Whether the pattern has parted with it: what comes is nobody's. */
  #parted = false;
  /** Whether there is a connection that can be told of subscriptions. */
  #ready = false;
  #enqueued = false;
  /** How many refusals of ours the thread has not heard of: what comes is for what was given up. */
  #refusals = 0;
  /** Messages that the thread has lost with connections. */
  #lost = 0;
  /** Messages that it has dropped. */
  #drops = 0;
  /** Whether only the newest counts of what comes, and whether the last was passed over for the next. */
  readonly #newest: boolean;
  #passedOver = false;

  /** `over` is called when nothing more comes. */
  constructor(
    socket: SocketSide,
    link: Link,
    givenId: Uint8Array,
    over: () => void,
  ) {
    this.#socket = socket;
    this.#link = link;
    this.#over = over;
    this.#hold = new OneHold(socket.reactor);
    const [inbound] = wireQueues(socket);
    const { sendHighWaterMark, conflate } = socket.options;
    this.#newest = conflate && conflatesInto(socket.type);
    const log = new RingLog(link, sendHighWaterMark, conflate);
    log.setBytesLimit(socket.options.sendBytesLimit);
    const pipe = this.pipe = new Pipe(inbound, log);
    pipe.wire = this;
    pipe.givenId = givenId;
    pipe.inbound.producer = this;
  }

  /** Begins; one that lasts is the socket's before there is a connection. */
  begin(lasting: boolean, unfiltered: boolean): void {
    this.pipe.unfiltered = unfiltered;
    if (lasting) this.#attach();
    this.#link.begin(() => this.#act());
  }

  // Wire: what the pipe wants.

  wantsWrite(): void {
    this.#hold.take(this.#socket.options.linger);
    this.#enqueue();
  }

  turnEnded(): void {
    this.#enqueued = false;
    this.pipe.log!.armed = false;
    this.flush();
    this.pipe.taken();
  }

  flush(): void {
    this.#settle();
    this.#wakeLater();
  }

  control(kind: number, topic: Frame): void {
    // What goes first on a connection is the thread's to send: it can't wait for us.
    if (!this.#ready || kind === OPENING) return;
    this.#link.frame(COMMAND | kind, topic);
    this.#link.signal();
  }

  refuse(fault: Fault): void {
    if (fault.blame === "caller") this.#refusals++;
    this.#order({ is: "refuse", fault: plainFault(fault) });
  }

  adjust(): void {
    const { options } = this.#socket;
    const { ints } = this.#link;
    adjustQueues(this.pipe, options);
    Atomics.store(ints, MARK, options.receiveHighWaterMark);
    Atomics.store(ints, BYTES_MARK, bytesMark(options.receiveBytesLimit));
    this.pipe.taken();
    this.#link.signal();
  }

  close(): void {
    this.#retire();
    this.#order({ is: "close" });
  }

  /** The endpoint is closed next. */
  part(): void {
    this.#retire();
  }

  /** The thread has ended with the endpoint, or itself. */
  finish(): void {
    this.#retire();
    if (this.#attached) this.#socket.inputOver?.(this.pipe);
    this.#hold.letGo();
    this.pipe.log!.clear();
    this.pipe.log!.settle(0, this.pipe.log!.away);
    this.#link.end();
  }

  /** The queue has room for what waits in the thread. */
  resume(): void {
    this.#tellConsumed();
    if (Atomics.load(this.#link.ints, STARVED) !== 0) this.#link.signal();
  }

  #order(order: PipeOrder): void {
    this.#link.enclose(order);
    this.#link.signal();
  }

  #attach(): void {
    this.#attached = true;
    this.#socket.attach(this.pipe);
  }

  #retire(): void {
    this.#parted = true;
    if (this.#attached && this.pipe.open) this.#socket.detach(this.pipe);
  }

  /** The thread has said something. */
  #act(): void {
    this.#receive();
    this.#settle();
    this.pipe.taken();
    const drops = Atomics.load(this.#link.ints, DROPS);
    this.pipe.drops += drops - this.#drops;
    this.#drops = drops;
    this.#wakeLater();
  }

  #receive(): void {
    const { inbound } = this.pipe;
    const { reader } = this.#link;
    const before = inbound.total;
    for (;;) {
      const found = this.#link.next();
      if (found === NEED) break;
      if (found === ENCLOSED) {
        this.#take(this.#link.enclosures.shift()!);
      } else if (this.#parted) {
        continue;
      } else if (found === RUN) {
        const { buffer, start, end, messages, whole } = reader;
        inbound.pushRun(buffer, start, end, messages, whole);
      } else {
        const { buffer, start, end, flags } = reader;
        const own = start === 0 && end === buffer.length;
        const frame = own ? buffer : buffer.subarray(start, end);
        inbound.push(frame, flags & TOLD);
        // The thread counts what is around it, as where frames lie in a row.
        if ((flags & COMMAND) === 0) {
          inbound.bytes += (flags & LONG) === 0 ? 2 : LONGEST_HEADER;
        }
      }
    }
    if (this.#refusals > 0) this.#discard();
    if (inbound.total === before) return;
    if (this.#newest) {
      // What has waited for this thread is not the newest if the thread there has more.
      const newer = Atomics.load(this.#link.ints, STARVED) !== 0;
      this.#passedOver = newer && !this.#passedOver;
      while (this.#passedOver && inbound.count > 0) inbound.drop();
      this.resume();
    } else this.#tellConsumed();
    inbound.starved = true;
    if (inbound.count > 0) this.pipe.pattern?.readable(this.pipe);
  }

  /** What has come is for what was given up; what is half here goes once it is whole. */
  #discard(): void {
    while (this.pipe.inbound.count > 0) this.pipe.inbound.drop();
  }

  #tellConsumed(): void {
    const { total, count, bytes, held } = this.pipe.inbound;
    const { ints } = this.#link;
    Atomics.store(ints, CONSUMED_BYTES, (bytes - held) | 0);
    // Where only the newest counts, what has come makes room for what is newer.
    const unread = this.#newest ? 0 : count;
    Atomics.store(ints, CONSUMED, (total - unread) | 0);
  }

  #take(enclosed: unknown): void {
    if (!("is" in (enclosed as object))) {
      const { body, flags } = enclosed as PostedBody;
      if (!this.#parted) this.pipe.inbound.push(new Uint8Array(body), flags);
      return;
    }
    const { pipe } = this;
    const report = enclosed as PipeReport;
    if (report.is === "attach" || report.is === "ready") {
      this.#learn(report);
      if (!this.#attached && !this.#parted) this.#attach();
      if (report.is === "attach" || this.#parted) return;
      this.#ready = true;
      pipe.reconnects++;
      this.#order({ is: "heard", connection: report.connection });
      pipe.pattern?.reconnected(pipe);
      return;
    }
    if (report.is === "refused") {
      this.#discard();
      this.#refusals--;
      return;
    }
    this.#ready = false;
    if (report.is === "hiccup") {
      if (!this.#parted) pipe.pattern?.hiccuped(pipe);
    } else if (report.is === "detach") {
      pipe.expecting = report.more;
      if (this.#attached && pipe.open) this.#socket.detach(pipe);
    } else {
      if (pipe.expecting) {
        // A pattern that kept it for what was to come finds that nothing does.
        pipe.expecting = false;
        pipe.pattern?.readable(pipe);
      }
      if (!this.#parted) pipe.pattern?.ended(pipe);
      this.#over();
    }
  }

  #learn({ routingId, peer, properties, admitted, unfiltered }: PipeFacts) {
    const { pipe } = this;
    pipe.routingId = routingId;
    pipe.peer = peer;
    pipe.properties = properties;
    pipe.admitted = admitted;
    pipe.unfiltered = unfiltered;
  }

  /** Learns how many messages the kernel has taken. */
  #settle(): void {
    const log = this.pipe.log!;
    const { ints } = this.#link;
    const done = Atomics.load(ints, DONE);
    const away = (((log.taken + this.#lost) | 0) - done) | 0;
    if (away !== log.away) {
      const lost = (Atomics.load(ints, LOST) - this.#lost) | 0;
      this.#lost += lost;
      log.settle(away, lost);
    }
    if (away === 0) this.#hold.letGo();
  }

  /** Wants to be told when a sender may go on, or when everything is sent. */
  #wakeLater(): void {
    const log = this.pipe.log!;
    if (log.away === 0) return;
    const { ints } = this.#link;
    // What a limit in bytes makes full is looked at again with each message that goes.
    const half = log.highWaterMark >> 1 || Infinity;
    // Where only the newest counts, each that is no more makes room for it.
    const soon = log.full || this.#socket.options.conflate;
    const low = soon ? Math.min(half, log.away - 1) : 0;
    Atomics.store(ints, WAKE_AT, (log.taken + this.#lost - low) | 0);
    Atomics.store(ints, WAKE, 1);
    const late = (Atomics.load(ints, DONE) - Atomics.load(ints, WAKE_AT)) | 0;
    // It may have been done before it was asked for.
    if (late >= 0 && Atomics.exchange(ints, WAKE, 0) === 1) this.#enqueue();
  }

  #enqueue(): void {
    if (this.#enqueued) return;
    this.#enqueued = true;
    this.#socket.reactor.turn.enqueue(this);
  }
}
