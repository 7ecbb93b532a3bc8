// The thread's end of a link: in place of a socket, it gives a connection what the
// application sends, and tells the application what becomes of the pipe.

import { COMMAND, headerLength, LONG, OPENING } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import type { Fault } from "../base/fault.ts";
import type { OptionValues } from "../base/option_types.ts";
import type { SocketType } from "../base/socket_type.ts";
import { sendOpenings } from "../patterns/dealer.ts";
import type { Pipe } from "../routing/pipe.ts";
import { StandIn } from "../routing/stand_in.ts";
import { NEED, RUN } from "../zmtp/frame_reader.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import { type RunSink, RunSorter } from "../zmtp/run_sorter.ts";
import {
  DONE,
  DONE_BYTES,
  DROPS,
  ENCLOSED,
  type Link,
  LOST,
  type PostedBody,
  WAKE,
  WAKE_AT,
} from "./link.ts";
import type { ThreadInbox } from "./thread_inbox.ts";
import {
  faultOf,
  type PipeFacts,
  type PipeOrder,
  type PipeReport,
} from "./words.ts";

/** What may wait for the kernel here; the rest stays in the ring. */
const ENOUGH_BYTES = 262144;

/** What it looks at of a socket. */
export interface ThreadSocketFacts {
  readonly type: SocketType;
  readonly options: OptionValues;
}

export class ThreadEnd extends StandIn implements RunSink {
  readonly #pipe: Pipe;
  readonly #link: Link;
  readonly #options: OptionValues;
  /** Whether what is sent is for the connection there is, and no other. */
  readonly #replies: boolean;
  readonly #over: () => void;
  /** Messages that were for a connection that is over. */
  #late = 0;
  /** Bytes that came from the application. */
  #got = 0;
  /** The connection there is, or was last, and the one that the application has heard of. */
  #connection = 0;
  #heard = 0;
  readonly #sorter: RunSorter;
  #pulling = false;

  /** `over` is called once nothing more can come of it. */
  constructor(
    pipe: Pipe,
    link: Link,
    { options, type }: ThreadSocketFacts,
    reserve: Reserve,
    over: () => void,
  ) {
    super();
    this.#pipe = pipe;
    this.#link = link;
    this.#options = options;
    this.#replies = type === "REP";
    this.#over = over;
    this.#sorter = new RunSorter(this, reserve);
    pipe.pattern = this;
    (pipe.inbound as ThreadInbox).join(link);
    // What the kernel takes is told.
    pipe.muted = true;
    this.#report({ is: "attach", ...this.#facts() });
    link.begin(() => this.#act());
  }

  /** Takes everything that the application has sent; the endpoint is closed next. */
  drain(): void {
    this.#pull(Infinity);
  }

  /** The socket's side has parted with the pipe. */
  detach(): void {
    this.#pipe.open = false;
    (this.#pipe.inbound as ThreadInbox).finish();
    this.#report({ is: "detach", more: this.#pipe.inbound.starved });
  }

  /** A message was dropped. */
  dropped(): void {
    Atomics.store(this.#link.ints, DROPS, this.#pipe.drops);
    this.#link.signal();
  }

  // Pattern: what the pipe tells.

  override reconnected(): void {
    this.#connection++;
    // These go before everything else, and the application may be busy.
    sendOpenings(this.#pipe, this.#options);
    const { welcomeMessage } = this.#options;
    if (welcomeMessage !== null) {
      this.#pipe.control(OPENING, welcomeMessage);
    }
    this.#report({
      is: "ready",
      connection: this.#connection,
      ...this.#facts(),
    });
  }

  override hiccuped(): void {
    this.#connection++;
    if (this.#replies) this.#pipe.log!.clear();
    this.#report({ is: "hiccup" });
    this.#tellDone();
  }

  override ended(): void {
    this.#report({ is: "ended" });
    this.#over();
  }

  override writable(): void {
    this.#pipe.muted = true;
    this.#pull(ENOUGH_BYTES);
  }

  #facts(): PipeFacts {
    const { routingId, peer, properties, admitted, unfiltered } = this.#pipe;
    return { routingId, peer, properties, admitted, unfiltered };
  }

  #report(report: PipeReport): void {
    this.#link.enclose(report);
    this.#link.signal();
  }

  #act(): void {
    this.#pull(ENOUGH_BYTES);
    (this.#pipe.inbound as ThreadInbox).refresh();
  }

  /** Gives the connection what has come, as long as less than so many bytes wait for it. */
  #pull(enough: number): void {
    if (!this.#pulling) {
      this.#pulling = true;
      while (this.#pipe.log!.waitingBytes < enough && this.#next());
      this.#pulling = false;
    }
    this.#tellDone();
  }

  #next(): boolean {
    const found = this.#link.next();
    if (found === NEED) return false;
    const { reader } = this.#link;
    if (found === ENCLOSED) {
      this.#take(this.#link.enclosures.shift()!);
    } else if (found === RUN) {
      const { buffer, start, end, messages, whole } = reader;
      this.#sorter.run(buffer, start, end, messages, whole);
    } else {
      const { buffer, start, end, flags } = reader;
      if ((flags & COMMAND) !== 0) {
        const kind = flags & ~(COMMAND | LONG);
        const current = this.#heard === this.#connection;
        if (current) this.#pipe.control(kind, buffer.slice(start, end));
      } else {
        this.#sorter.frame(buffer.subarray(start, end), flags);
      }
    }
    return true;
  }

  // RunSink: whole messages that the application has sent.

  run(bytes: Uint8Array, start: number, end: number, messages: number): void {
    this.#got += end - start;
    if (this.#stale) this.#late += messages;
    else this.#pipe.sendRun(bytes, start, end, messages);
  }

  message(frames: Message): void {
    for (const { length } of frames) this.#got += headerLength(length) + length;
    if (this.#stale) this.#late++;
    else this.#pipe.send(frames, 0, null);
  }

  /** Whether what the application sends is for a connection that is over, as far as it knows. */
  get #stale(): boolean {
    return this.#replies && this.#heard !== this.#connection;
  }

  #take(enclosed: unknown): void {
    if (!("is" in (enclosed as object))) {
      const { body, flags } = enclosed as PostedBody;
      this.#sorter.frame(new Uint8Array(body), flags);
      return;
    }
    const order = enclosed as PipeOrder;
    if (order.is === "heard") this.#heard = order.connection;
    else if (order.is === "refuse") this.#refuse(faultOf(order.fault));
    else this.#pipe.close();
  }

  /** The application gives up what it has sent, or the connection if that has left. */
  #refuse(fault: Fault): void {
    const byCaller = fault.blame === "caller";
    const left = byCaller && this.#pipe.log!.clear() > 0;
    if (!left) this.#pipe.refuse(fault);
    if (byCaller) this.#report({ is: "refused" });
  }

  /** Tells how many messages are off the pipe, and rings if that was asked for. */
  #tellDone(): void {
    const { ints } = this.#link;
    const { taken } = this.#pipe.log!;
    const lost = this.#pipe.log!.lost + this.#late;
    Atomics.store(ints, LOST, lost | 0);
    const done = (taken + lost) | 0;
    const bytes = this.#got - this.#pipe.log!.heldBytes;
    Atomics.store(ints, DONE_BYTES, bytes | 0);
    Atomics.store(ints, DONE, done);
    if (Atomics.load(ints, WAKE) === 0) return;
    if (((done - Atomics.load(ints, WAKE_AT)) | 0) < 0) return;
    if (Atomics.exchange(ints, WAKE, 0) === 1) this.#link.signal();
  }
}
