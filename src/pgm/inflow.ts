// The receiving side of one source: its packets in order, the payload of libzmq
// in them (WIRE 11.4), and the frames in that. A receiver that comes late, or has
// lost something, begins anew at the next message.

import { Fault } from "../base/fault.ts";
import { MORE } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import { LegacyDecoder } from "../zmtp/legacy_framing.ts";
import { BROKEN, FRAME, FrameReader, NEED } from "../zmtp/frame_reader.ts";
import type { Reserve } from "../zmtp/reserve.ts";
import {
  LONGEST_LIST,
  NCF,
  ODATA,
  type Packet,
  RDATA,
  SPM,
  type Tsi,
} from "./packet.ts";
import { LOST, type ReceiveWindow } from "./receive_window.ts";
import { ahead } from "./serial.ts";

/** Where frames go. */
export interface Inbox {
  /** Whether there is no room now. */
  readonly full: boolean;
  push(frame: Uint8Array, flags: number): void;
  /** The message that has begun will never be whole. */
  rollback(): void;
}

const NO_MESSAGE = 0xffff;
const OFFSET = 2;
/** The largest TSDU that is put together of fragments. */
const LARGEST_TSDU = 1048576;
/** Milliseconds to wait for an SPM before one is asked for. */
const SPM_WAIT_MS = 25;
const SPMR_AGAIN_MS = 1000;
/** A source that is silent for so long is forgotten. */
const EXPIRY_MS = 300000;

export class Inflow {
  readonly tsi: Tsi;
  /** Where its NAKs go; empty until an SPM has told. */
  address = "";
  /** What was wrong last, once; the owner clears it. */
  fault: Fault | null = null;
  /** Whether the source has said goodbye, and all that it sent is in. */
  ended = false;
  readonly #sequence: ReceiveWindow;
  readonly #inbox: Inbox;
  readonly #limit: number;
  readonly #partLimit: number;
  readonly #reserve: Reserve;
  #decoder: LegacyDecoder | null = null;
  #reader: FrameReader | null = null;
  /** Where a TSDU that comes in pieces is put together, and how far it is. */
  #pieces = EMPTY;
  #filled = 0;
  #lost = 0;
  #heard: number;
  #spmrAt: number;
  #spm: number | null = null;
  #fin: number | null = null;

  constructor(
    tsi: Tsi,
    sequence: ReceiveWindow,
    inbox: Inbox,
    limit: number,
    partLimit: number,
    reserve: Reserve,
    now: number,
  ) {
    this.tsi = tsi;
    this.#sequence = sequence;
    this.#inbox = inbox;
    this.#limit = limit;
    this.#partLimit = partLimit;
    this.#reserve = reserve;
    this.#heard = now;
    this.#spmrAt = now + SPM_WAIT_MS;
  }

  /** When it was heard last. */
  get heard(): number {
    return this.#heard;
  }

  /** When `asks` or `expired` is due. */
  get deadline(): number {
    const expiry = this.#heard + EXPIRY_MS;
    return Math.min(this.#sequence.deadline, this.#spmrAt, expiry);
  }

  /** Whether it has been silent for so long that it is to be forgotten. */
  expired(now: number): boolean {
    return this.ended || now >= this.#heard + EXPIRY_MS;
  }

  /** Takes a packet of the source. */
  receive(packet: Packet, now: number): void {
    this.#heard = now;
    const { type } = packet;
    if (type === ODATA || type === RDATA) {
      if (this.#sequence.data(packet, now)) this.deliver();
    } else if (type === SPM) {
      this.#path(packet, now);
    } else if (type === NCF) {
      this.#sequence.confirmed([packet.sqn, ...packet.list], now);
    }
  }

  /** What to ask the source for now, in NAKs of so many numbers each. */
  asks(now: number): number[][] {
    const naks: number[][] = [];
    if (this.#sequence.deadline > now) return naks;
    const wanted = this.#sequence.ask(now, 4 * LONGEST_LIST);
    // What was asked for too often is lost, and what comes after it is due.
    this.deliver();
    for (let i = 0; i < wanted.length; i += LONGEST_LIST) {
      naks.push(wanted.slice(i, i + LONGEST_LIST));
    }
    return naks;
  }

  /** Whether the source is to be asked for an SPM now. */
  asksForPath(now: number): boolean {
    if (now < this.#spmrAt) return false;
    this.#spmrAt = now + SPMR_AGAIN_MS;
    return true;
  }

  /** Delivers what is there in order, as far as there is room. */
  deliver(): void {
    for (;;) {
      if (!this.#drain()) return;
      const packet = this.#sequence.take();
      this.#noteLoss();
      if (packet === null) break;
      if (packet === LOST) continue;
      const tsdu = this.#whole(packet);
      if (tsdu !== null) this.#feed(tsdu);
    }
    if (this.#fin !== null && this.#sequence.reached(this.#fin)) {
      this.ended = true;
    }
  }

  /** Ends it; a message that has begun will never be whole. */
  close(): void {
    this.#sequence.close();
    this.#unjoin();
  }

  #path({ sqn, trail, lead, source, fin }: Packet, now: number): void {
    // One that was overtaken tells nothing new.
    if (this.#spm !== null && ahead(sqn, this.#spm) <= 0) return;
    this.#spm = sqn;
    this.#spmrAt = Infinity;
    this.address = source;
    if (fin) this.#fin = lead;
    this.#sequence.path(trail, lead, now);
    this.deliver();
  }

  #noteLoss(): void {
    const more = this.#sequence.lost - this.#lost;
    if (more === 0) return;
    this.#lost = this.#sequence.lost;
    this.#unjoin();
    this.fault = new Fault(
      "transport",
      "ECONNRESET",
      `${more} packets of a source were lost for good`,
    );
  }

  #unjoin(): void {
    this.#decoder = null;
    this.#reader?.close();
    this.#reader = null;
    this.#pieces = EMPTY;
    this.#filled = 0;
    this.#inbox.rollback();
  }

  /** A TSDU, put together if it came in pieces; null while one is missing, or it is of no use. */
  #whole({ fragment, tsdu }: Packet): Uint8Array | null {
    if (fragment === null) return tsdu;
    const { offset, length } = fragment;
    const end = offset + tsdu.length;
    if (length > LARGEST_TSDU || end > length) return null;
    if (offset === 0) {
      this.#filled = 0;
      if (this.#pieces.length < length) this.#pieces = new Uint8Array(length);
    }
    if (offset !== this.#filled || end > this.#pieces.length) return null;
    // A piece keeps the whole datagram alive, and can be empty: only its bytes stay.
    this.#pieces.set(tsdu, offset);
    this.#filled = end < length ? end : 0;
    return end < length ? null : this.#pieces.slice(0, length);
  }

  #feed(tsdu: Uint8Array): void {
    const offset = tsdu.length < OFFSET ? -1 : tsdu[0] << 8 | tsdu[1];
    const data = tsdu.subarray(OFFSET);
    if (offset < 0 || offset !== NO_MESSAGE && offset > data.length) {
      this.#broken(
        "the offset of the first message lies outside of the packet",
      );
      return;
    }
    let from = 0;
    if (this.#decoder === null) {
      if (offset === NO_MESSAGE) return;
      from = offset;
      this.#decoder = new LegacyDecoder();
      this.#reader = new FrameReader(this.#limit, 0, this.#reserve);
      this.#reader.partLimit = this.#partLimit;
    }
    const decoded = this.#decoder.decode(data.subarray(from));
    if (this.#decoder.fault !== null) this.#broken(this.#decoder.fault.rule);
    else this.#reader!.feed(decoded);
  }

  /** Takes frames out of what came; false if there is no room for more. */
  #drain(): boolean {
    const reader = this.#reader;
    if (reader === null) return true;
    for (;;) {
      if (this.#inbox.full) return false;
      const found = reader.next();
      if (found === NEED) return true;
      if (found === BROKEN) {
        this.#broken(reader.fault!.rule);
        return true;
      }
      if (found === FRAME) {
        const { buffer, start, end, flags } = reader;
        const body = start === end ? EMPTY : buffer.subarray(start, end);
        this.#inbox.push(body, flags & MORE);
      }
    }
  }

  #broken(rule: string): void {
    this.#unjoin();
    this.fault = new Fault("peer", "EBADMSG", rule);
  }
}
