// A socket of another thread, as a member of this thread's inproc: what the socket
// here sends it goes into the link, and what comes out of the link goes to the
// socket here, as runs of frames in their wire form wherever they lie in a row. Both
// queues of a local connection stand before it. The other side says how many messages
// have been taken there, and no more are on their way than its mark allows.

import {
  COMMAND,
  LONG,
  LONGEST_HEADER,
  MORE,
  readSize,
  writeHeader,
} from "../base/frame.ts";
import type { Fault } from "../base/fault.ts";
import type { OptionValues } from "../base/option_types.ts";
import { Eager } from "../endpoints/eager.ts";
import type { Flushable, Turn } from "../endpoints/turn.ts";
import type { Pipe } from "../routing/pipe.ts";
import { StandIn } from "../routing/stand_in.ts";
import type { InprocMember } from "../transports/inproc.ts";
import { BROKEN, FRAME, FrameReader, RUN } from "../zmtp/frame_reader.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import { INPUT, type Link, ROOM } from "./link.ts";
import { type Ring, WORD } from "./ring.ts";

/** What the other thread says of its socket. */
export interface RemoteSocket {
  readonly type: string;
  readonly routingId: Uint8Array;
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
  readonly conflate: boolean;
}

/** How one ended: this side parted, the other one was lost, or it wants another connection. */
export type Ending = "parted" | "lost" | "anew";

/** About how many bytes are taken off the queue at once. */
const BATCH_BYTES = 16384;
/** About how many bytes are taken out of the ring before others have their turn. */
const MOST_READ = 1048576;

/**
 * Engines copy memory that threads share by words where it lies alike at both ends, and
 * otherwise byte by byte, which takes five times as long: so many are worth to be aligned.
 */
const WORTH_ALIGNING = 256;

/** From so many bytes on a body is read by itself. */
const WORTH_READING_ALONE = 32_768;

/** What a thread's contexts share. */
export interface Host {
  readonly turn: Turn;
  readonly reserve: Reserve;
  /** Keeps the thread alive, as what was accepted has not gone over. */
  hold(): void;
  release(): void;
  /** Holds for so long; the result releases before, and `over` is called at the end. */
  stay(milliseconds: number, over: () => void): () => void;
}

export class RemoteEnd extends StandIn implements InprocMember, Flushable {
  readonly options: OptionValues;
  readonly routingId: Uint8Array;
  readonly type: string;
  readonly #link: Link;
  readonly #reader: FrameReader;
  /** What comes next: a header, and what may stand before it to align its body. */
  readonly #front = new Uint8Array(WORD + 1 + LONGEST_HEADER);
  readonly #host: Host;
  readonly #eager: Eager;
  readonly #over: (ending: Ending) => void;
  #pipe: Pipe | null = null;
  /** Bytes that go into the ring next, and where in the ring they end, if it had no end. */
  #pieces: Piece[] = [];
  #at = 0;
  #enqueued = false;
  #pushing = false;
  #pulling = false;
  /** The socket here. */
  readonly #ours: InprocMember;
  /** What the other side's socket lets wait; 0 is any number. */
  readonly #theirs: number;
  /** How many have gone into the ring, of 32 bits. */
  #gone = 0;
  /** Whether the socket here has no room for what comes. */
  #full = false;
  /** How many messages were taken here, as the other side knows. */
  #told: number | null = 0;
  /** Whether the socket here has gone: what comes for it is thrown away. */
  #parted = false;
  /** Lets the thread go that lives for what its socket had sent. */
  #letGo: () => void = () => {};
  /** Whether the other side's thread has ended. */
  #orphaned = false;
  #closed = false;

  /** `over` is called once, when it has ended. */
  constructor(
    socket: RemoteSocket,
    ours: InprocMember,
    link: Link,
    host: Host,
    over: (ending: Ending) => void,
  ) {
    super();
    const { sendHighWaterMark, receiveHighWaterMark, conflate } = socket;
    // The rest of the other side's mark bounds its own queue, and what is on its way.
    this.options = {
      sendHighWaterMark: Math.min(1, sendHighWaterMark),
      get receiveHighWaterMark(): number {
        return receiveHighWaterMark === 0 ? 0 : 1 - lent(ours.options);
      },
      sendBytesLimit: 1,
      receiveBytesLimit: 1,
      conflate,
    } as OptionValues;
    this.#ours = ours;
    this.#theirs = conflate ? 0 : receiveHighWaterMark;
    this.routingId = socket.routingId;
    this.type = socket.type;
    this.#link = link;
    this.#reader = new FrameReader(Infinity, Infinity, host.reserve);
    this.#host = host;
    this.#eager = new Eager(host.turn);
    this.#over = over;
  }

  /** The pipe is whole: begins to move messages. */
  start(): void {
    this.#link.listen(() => {
      this.#host.turn.entered();
      this.#move();
    });
  }

  /** The other side's thread has ended; what it had written still comes. */
  lose(): void {
    this.#orphaned = true;
    if (this.#pipe?.mate != null) this.#move();
  }

  /** Ends it at once. */
  end(): void {
    if (!this.#closed) this.#close("lost");
  }

  /** Whether its socket has gone, and what that had sent not yet. */
  get busy(): boolean {
    return this.#parted && !this.#closed;
  }

  // InprocMember.

  attach(pipe: Pipe): void {
    pipe.pattern = this;
    this.#pipe = pipe;
  }

  /** The socket here has parted: what it sent still goes. */
  detach(pipe: Pipe): void {
    pipe.open = false;
    if (this.#parted || this.#closed) return;
    this.#parted = true;
    const { lingers = -1 } = this.#ours;
    if (lingers < 0) {
      this.#host.hold();
      this.#letGo = () => this.#host.release();
    } else this.#letGo = this.#host.stay(lingers, () => this.end());
    this.#move();
  }

  /** The socket here has given up what was on its way: the other side connects anew. */
  renew(): void {
    if (this.#closed || this.#parted) return;
    this.#close("parted", true);
  }

  // Pattern: what the pipe tells, in the middle of what the socket does: nothing comes
  // in while it sends, and nothing goes out while it receives.

  override readable(): void {
    if (this.#enqueued) return;
    if (!this.#eager.take()) this.#enqueue();
    else {
      this.#push();
      this.#rest();
    }
  }

  override writable(): void {
    this.#full = false;
    this.#pull();
    this.#rest();
  }

  turnEnded(): void {
    this.#enqueued = false;
    this.#move();
  }

  #move(): void {
    this.#pull();
    this.#push();
    this.#rest();
  }

  /** Says what it waits for; what is there already is moved at the end of the turn. */
  #rest(): void {
    if (this.#closed || this.#pulling || this.#pushing) return;
    const input = this.#wantsInput ? INPUT : 0;
    // What is left here found no room; whether it would by now is looked at once more.
    const left = this.#pieces.length > 0 || this.#pipe!.inbound.count > 0;
    const room = left ? ROOM : 0;
    // What was read and found no room may have found some meanwhile.
    const held = !this.#parted && input !== 0 && this.#reader.pending;
    if (held || !this.#link.awaits(input | room, this.#hasRoom)) {
      this.#enqueue();
    }
  }

  readonly #hasRoom = () =>
    this.#pieces.length > 0 ? !this.#link.out.full : this.#credit > 0;

  /** How many messages more may go: on their way are those that haven't been taken there yet. */
  get #credit(): number {
    // Of a socket that has gone all goes over: its thread may end.
    const unbound = this.#theirs === 0 ||
      this.#ours.options.sendHighWaterMark === 0;
    const taken = unbound || this.#parted ? null : this.#link.taken;
    if (taken === null) return Infinity;
    const most = Math.max(1, this.#theirs - 1 + lent(this.#ours.options));
    return most - (this.#gone - taken | 0);
  }

  #enqueue(): void {
    if (this.#enqueued) return;
    this.#enqueued = true;
    this.#host.turn.enqueue(this);
  }

  /** From the queue here into the ring. */
  #push(): void {
    if (this.#closed || this.#pushing) return;
    this.#pushing = true;
    const ring = this.#link.out;
    let moved = 0;
    while (this.#pieces.length > 0 || this.#take()) {
      const piece = this.#pieces[0];
      const count = ring.write(piece.bytes, piece.at, piece.end);
      moved += count;
      piece.at += count;
      if (piece.at < piece.end) break;
      this.#pieces.shift();
    }
    this.#pushing = false;
    this.#eager.wrote(moved);
    if (moved > 0) this.#link.tell(INPUT);
    if (this.#parted && this.#pieces.length === 0) {
      this.#close("parted");
    }
  }

  /** Takes the next messages off the queue: those that lie in a row, or one whose frames don't. */
  #take(): boolean {
    const { inbound } = this.#pipe!;
    const { count } = inbound;
    const credit = count === 0 ? 0 : this.#credit;
    if (credit <= 0) return false;
    if (inbound.takeRun(BATCH_BYTES, credit)) {
      this.#gone = this.#gone + count - inbound.count | 0;
      const { buffer, start, end } = inbound;
      this.#align(buffer.byteOffset + start, end - start);
      this.#put(buffer, start, end);
      return true;
    }
    const message = inbound.take();
    if (message === null) return false;
    // What goes before messages is a command, so that it is found among them.
    const kind = inbound.flags & ~(MORE | LONG);
    if (kind === 0) this.#gone = this.#gone + 1 | 0;
    const last = message.length - 1;
    for (let i = 0; i <= last; i++) {
      const frame = message[i];
      const flags = i < last ? MORE : kind === 0 ? 0 : kind | COMMAND;
      const { byteOffset, length } = frame;
      const head = new Uint8Array(LONGEST_HEADER);
      const body = writeHeader(head, 0, flags, length);
      this.#align(byteOffset - body, length);
      this.#put(head, 0, body);
      this.#put(frame, 0, length);
    }
    return true;
  }

  /** Goes on in the ring where memory lies as at `offset`, behind a frame that says nothing. */
  #align(offset: number, length: number): void {
    const gap = (offset - this.#at) & (WORD - 1);
    if (gap === 0 || length < WORTH_ALIGNING) return;
    const size = gap === 1 ? WORD + 1 : gap;
    const padding = new Uint8Array(size);
    this.#put(
      padding,
      0,
      writeHeader(padding, 0, COMMAND, size - 2) + size - 2,
    );
  }

  #put(bytes: Uint8Array, at: number, end: number): void {
    this.#pieces.push({ bytes, at, end });
    this.#at += end - at;
  }

  /** Takes what has come out of the ring. */
  #pull(): void {
    if (this.#closed || this.#pulling) return;
    const ring = this.#link.in;
    this.#pulling = true;
    const moved = this.#parted ? ring.skip() : this.#receive();
    this.#pulling = false;
    // The socket here may have parted with it meanwhile: its memory may be another's.
    if (this.#closed) return;
    const took = this.#sayTaken();
    if (moved > 0 || took) this.#link.tell(ROOM);
    if (!this.#wantsInput || !ring.empty) return;
    // Whoever takes a message in the meantime makes room for what was read already.
    if (!this.#parted && this.#reader.pending) return;
    if (this.#orphaned || ring.over) {
      this.#close(ring.renew && !this.#orphaned ? "anew" : "lost");
    }
  }

  /** Tells the other side how many messages have been taken here; whether there are more. */
  #sayTaken(): boolean {
    const out = this.#pipe!.out!;
    const taken = this.#parted ? null : out.total - out.count;
    if (taken === this.#told) return false;
    this.#told = taken;
    this.#link.took(taken);
    return true;
  }

  /** From the ring to the socket here; says how many bytes. */
  #receive(): number {
    const reader = this.#reader;
    const ring = this.#link.in;
    const { mate, out } = this.#pipe!;
    const before = out!.total;
    let moved = 0;
    while (this.#deliver() && moved < MOST_READ) {
      const target = reader.target();
      if (target !== null) {
        const count = ring.readInto(target);
        if (count === 0) break;
        reader.filled(count);
        moved += count;
      } else {
        const chunk = ring.read(this.#untilBody(ring));
        if (chunk === null) break;
        reader.feed(chunk);
        moved += chunk.length;
      }
    }
    if (out!.total === before) return moved;
    mate?.pattern?.readable(mate);
    // Once few of them are left, the other side is told how many were taken.
    if (out!.count > 0) out!.starved = true;
    return moved;
  }

  /** How much is read: of a large frame the header alone, so that its body is copied once. */
  #untilBody(ring: Ring): number | undefined {
    if (this.#reader.midFrame) return undefined;
    const front = this.#front;
    const there = ring.peek(front);
    // What aligns it may stand before.
    const head = front[0] === COMMAND ? 2 + front[1] : 0;
    const body = head + LONGEST_HEADER;
    const large = body <= there && (front[head] & ~MORE) === LONG &&
      readSize(front, head + 1) >= WORTH_READING_ALONE;
    return large ? body : undefined;
  }

  /** Whether what comes can be taken: there is room for it, or nobody wants it. */
  get #wantsInput(): boolean {
    return this.#parted || !this.#full;
  }

  /** Hands over what has been read; false if there is no room for all of it. */
  #deliver(): boolean {
    const reader = this.#reader;
    const pipe = this.#pipe!;
    const out = pipe.out!;
    for (;;) {
      if (this.#closed || this.#parted) return false;
      const { space } = out;
      if (space <= 0) {
        out.starved = true;
        this.#full = true;
        return false;
      }
      const found = reader.scan(space);
      const { buffer, start, end, flags, messages, whole } = reader;
      if (found === RUN) {
        out.pushRun(buffer, start, end, messages, whole);
        continue;
      }
      if (found === BROKEN) {
        this.#fail(reader.fault!);
        return false;
      }
      if (found !== FRAME) return true;
      const frame = start === 0 && end === buffer.length
        ? buffer
        : buffer.subarray(start, end);
      const kind = flags & ~(COMMAND | LONG);
      if ((flags & COMMAND) === 0) out.push(frame, flags & MORE);
      else if (kind !== 0) pipe.control(kind, frame);
    }
  }

  /** What was read was transferred away, with a message that it lay beside: begins anew. */
  #fail(fault: Fault): void {
    const peer = this.#pipe!.mate!.peer!;
    const connects = this.#link.side === 0;
    this.#close(connects ? "anew" : "lost", !connects);
    this.#ours.cutOff?.(peer.address, peer, fault, false);
  }

  /** Ends it; with `renew` the other side connects anew. */
  #close(ending: Ending, renew = false): void {
    this.#closed = true;
    this.#letGo();
    this.#link.end(renew);
    this.#link.close();
    this.#reader.close();
    this.#pieces = [];
    this.#over(ending);
  }
}

/**
 * How much of what may wait on the sender's side is on its way instead: who takes
 * messages finds more there when few are left, and needn't be woken for them.
 */
function lent({ sendHighWaterMark }: OptionValues): number {
  return sendHighWaterMark >> 1;
}

/** Bytes of which some have gone into the ring. */
interface Piece {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}
