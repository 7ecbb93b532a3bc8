// The sending side of PGM (RFC 3208, section 5): original data, source path
// messages that tell what there is, and repairs for those who missed something.
// Everything it sends counts against one rate; repairs and new data take turns, so
// that nobody who asks again and again can stop the stream.
//
//   next(now) gives a packet while the rate allows; `deadline` says when to ask again

import type { ApduWriter } from "./apdu_writer.ts";
import {
  dataPacket,
  LONGEST_LIST,
  NAK,
  nakPacket,
  NCF,
  ODATA,
  OVERHEAD,
  type Packet,
  RDATA,
  spmPacket,
  SPMR,
  type Tsi,
} from "./packet.ts";
import { advanced, ahead } from "./serial.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What a source is told of its socket. */
export interface SourceSettings {
  readonly tsi: Tsi;
  /** The port of the session. */
  readonly session: number;
  /** Its own address, where NAKs go, and the group's. */
  readonly address: readonly number[];
  readonly group: readonly number[];
  /** ZMQ_RATE, in kilobits a second. */
  readonly rate: number;
  /** ZMQ_RECOVERY_IVL, in milliseconds. */
  readonly recoveryInterval: number;
  /** ZMQ_MULTICAST_MAXTPDU, in bytes. */
  readonly maxTpdu: number;
}

/** Milliseconds after data at which SPMs follow, each counted from the one before. */
const HEARTBEATS = [100, 100, 100, 100, 1300, 7000, 16000, 25000, 30000];
/** And from then on. */
const AMBIENT_MS = 30000;
const FIRST_SPMS = 3;
const LAST_SPMS = 3;
/** An SPM that was asked for is not repeated within so many milliseconds. */
const SPMR_MS = 20;
/** Bytes that IPv4 and UDP put around a packet; they count against the rate. */
const DATAGRAM = 28;
const SMALLEST_TSDU = 64;
/** What IPv4 can carry, whatever the option says. */
const LARGEST_TPDU = 65535;
/** Packets that are kept for repairs at most: more than a `Map` can hold is no use. */
const MOST_KEPT = 4_000_000;

export class Source {
  /** Packets that were sent a second time. */
  repairs = 0;
  readonly #settings: SourceSettings;
  readonly #apdus: ApduWriter;
  readonly #bucket: TokenBucket;
  /** The last TSDUs, from the trail on. */
  readonly #kept = new Map<number, Uint8Array>();
  readonly #mostKept: number;
  readonly #mostTpdu: number;
  #lead = 0xffffffff;
  #trail = 0;
  #spm = 0;
  /** SPMs that are due now. */
  #spms = FIRST_SPMS;
  #nextSpm = Infinity;
  #heartbeat = 0;
  #lastSpm = -Infinity;
  #confirm: number[] = [];
  readonly #repair = new Set<number>();
  /** What was sent last: new data and answers take turns, and so do kinds of answers. */
  #last: "data" | "answer" = "data";
  #confirmed = false;
  #ending = false;

  constructor(settings: SourceSettings, apdus: ApduWriter, now: number) {
    const { rate, recoveryInterval, maxTpdu } = settings;
    this.#settings = settings;
    this.#apdus = apdus;
    const tpdu = Math.max(SMALLEST_TSDU + OVERHEAD, maxTpdu);
    this.#mostTpdu = Math.min(tpdu, LARGEST_TPDU);
    this.#bucket = new TokenBucket(rate, this.#mostTpdu, now);
    const packets = Math.floor(
      recoveryInterval * Math.floor(rate / 8) / this.#mostTpdu,
    );
    this.#mostKept = Math.min(Math.max(1, packets), MOST_KEPT);
    this.#nextSpm = now + AMBIENT_MS;
  }

  /** When `next` should be asked again; `now` or before if it has something. */
  deadline(now: number): number {
    const due = this.#spms > 0 || this.#confirm.length > 0 ||
      this.#repair.size > 0 || (!this.#ending && this.#apdus.pending);
    if (!due) return this.#ending ? Infinity : this.#nextSpm;
    const allowed = this.#bucket.when(this.#mostTpdu, now);
    return Math.min(allowed, this.#ending ? Infinity : this.#nextSpm);
  }

  /** Whether data or repairs wait to be sent. */
  get waiting(): boolean {
    return this.#repair.size > 0 || !this.#ending && this.#apdus.pending;
  }

  /** Whether it is saying goodbye. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Whether everything that was to be said is said. */
  get done(): boolean {
    return this.#ending && this.#spms === 0;
  }

  /** The next packet, for the group; `null` if nothing is due, or allowed. */
  next(now: number): Uint8Array | null {
    if (!this.#ending && now >= this.#nextSpm) {
      this.#spms = Math.max(this.#spms, 1);
      this.#scheduleSpm(now);
    }
    const data = !this.#ending && this.#apdus.pending;
    const answer = this.#confirm.length > 0 || this.#repair.size > 0;
    if (this.#spms === 0 && !data && !answer) return null;
    if (!this.#bucket.take(this.#mostTpdu, now)) return null;
    const packet = this.#make(data, now);
    // What was taken beyond what it needs goes back.
    const used = packet === null ? 0 : packet.length + DATAGRAM;
    this.#bucket.give(this.#mostTpdu - used);
    return packet;
  }

  /** Takes a packet from a receiver. */
  receive(packet: Packet, now: number): void {
    if (packet.type === SPMR) {
      if (now - this.#lastSpm >= SPMR_MS) this.#spms = Math.max(this.#spms, 1);
      return;
    }
    if (packet.type !== NAK) return;
    this.#asked(packet.sqn);
    for (const sqn of packet.list) this.#asked(sqn);
  }

  /** Says goodbye, and sends nothing new. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#spms = LAST_SPMS;
    this.#confirm = [];
    this.#repair.clear();
  }

  #asked(sqn: number): void {
    const known = ahead(sqn, this.#lead) <= 0 && ahead(sqn, this.#trail) >= 0;
    if (known) this.#repair.add(sqn);
    const full = this.#confirm.length === LONGEST_LIST;
    if (!full && !this.#confirm.includes(sqn)) this.#confirm.push(sqn);
  }

  #make(data: boolean, now: number): Uint8Array | null {
    if (this.#spms > 0) return this.#makeSpm(now);
    if (data && this.#last !== "data") return this.#makeData(now);
    const repairs = this.#repair.size > 0;
    if (this.#confirm.length > 0 && !(repairs && this.#confirmed)) {
      return this.#makeConfirmation();
    }
    const repair = repairs ? this.#makeRepair() : null;
    return repair ?? (data ? this.#makeData(now) : null);
  }

  #makeConfirmation(): Uint8Array {
    const { tsi, session, address, group } = this.#settings;
    const sqns = this.#confirm;
    this.#confirm = [];
    this.#confirmed = true;
    this.#last = "answer";
    return nakPacket(NCF, tsi, session, sqns, address, group);
  }

  #makeSpm(now: number): Uint8Array {
    this.#spms--;
    this.#lastSpm = now;
    const { tsi, session, address } = this.#settings;
    const sqn = this.#spm;
    this.#spm = advanced(sqn, 1);
    return spmPacket(
      tsi,
      session,
      sqn,
      this.#trail,
      this.#lead,
      address,
      this.#ending,
    );
  }

  #makeRepair(): Uint8Array | null {
    for (const sqn of this.#repair) {
      this.#repair.delete(sqn);
      if (ahead(sqn, this.#trail) < 0) continue;
      const tsdu = this.#kept.get(sqn)!;
      this.repairs++;
      this.#confirmed = false;
      this.#last = "answer";
      const { tsi, session } = this.#settings;
      return dataPacket(RDATA, tsi, session, sqn, this.#trail, tsdu);
    }
    return null;
  }

  #makeData(now: number): Uint8Array {
    const tsdu = this.#apdus.next(this.#mostTpdu - OVERHEAD)!;
    const sqn = advanced(this.#lead, 1);
    this.#lead = sqn;
    if (ahead(sqn, this.#trail) >= this.#mostKept) {
      this.#kept.delete(this.#trail);
      this.#trail = advanced(this.#trail, 1);
    }
    this.#kept.set(sqn, tsdu);
    this.#last = "data";
    this.#heartbeat = 0;
    this.#scheduleSpm(now);
    // Data that never rests doesn't put them off for ever: who comes late asks by them.
    this.#nextSpm = Math.min(this.#nextSpm, this.#lastSpm + AMBIENT_MS);
    const { tsi, session } = this.#settings;
    return dataPacket(ODATA, tsi, session, sqn, this.#trail, tsdu);
  }

  #scheduleSpm(now: number): void {
    this.#nextSpm = now + (HEARTBEATS[this.#heartbeat++] ?? AMBIENT_MS);
  }
}
