// What has come of one source's packets, and what is missing (RFC 3208, section 6):
// data goes out in order, gaps are asked for until they are filled, or until the
// source has nothing left to fill them with.
//
//   missing: backing off ──> asked (NAK) ──> confirmed (NCF) ──> here, or lost
//                ^______________|__________________|   (nothing came of it)
//
// What is lost keeps its place too, so that what came before it goes out first.
// What is further ahead than may wait is not kept, and asked for once there is room.

import type { Reserve } from "../zmtp/reserve.ts";
import type { Packet } from "./packet.ts";
import { advanced, ahead } from "./serial.ts";

/** What is known of a packet that is not delivered. */
interface Slot {
  packet: Packet | null;
  /** Bytes that were set aside for it. */
  held: number;
  state: "back-off" | "asked" | "confirmed" | "here" | "lost";
  /** When the next step is due. */
  at: number;
  tries: number;
}

/** Milliseconds that a receiver waits before it asks, at most. */
const BACK_OFF_MS = 50;
/** Milliseconds until it asks again: without an answer, and without what was promised. */
const ANSWER_MS = 200;
const REPAIR_MS = 200;
const TRIES = 50;
/** Packets further ahead in a row before a jump is believed. */
const JUMP_PROOF = 2;

/** What a packet takes beside its data, about. */
const PACKET_BYTES = 512;

/** In the place of packets that will never come. */
export const LOST = "lost";

export class ReceiveWindow {
  /** Packets that were lost for good, of those that were taken or passed over. */
  lost = 0;
  readonly #most: number;
  readonly #reserve: Reserve;
  readonly #random: () => number;
  readonly #slots = new Map<number, Slot>();
  /** The next packet to deliver; null before the first. */
  #next: number | null = null;
  #lead = 0;
  /** Packets in the window that are not here. */
  #missing = 0;
  #due = Infinity;
  /** A jump that a packet hints at, and how many have. */
  #jump = 0;
  #jumps = 0;
  /** The last that there is, where that is further ahead than may wait. */
  #far: number | null = null;

  /** At most so many packets wait for one that is missing, of those for which there is memory. */
  constructor(most: number, reserve: Reserve, random: () => number) {
    this.#most = most;
    this.#reserve = reserve;
    this.#random = random;
  }

  /** When `ask` is due. */
  get deadline(): number {
    return this.#due;
  }

  /** Takes data of the source. Says whether it may change what can be delivered. */
  data(packet: Packet, now: number): boolean {
    const { sqn, trail } = packet;
    // A source doesn't send what it has already let go.
    if (ahead(sqn, trail) < 0) return false;
    if (this.#next === null) {
      this.#next = sqn;
      this.#lead = advanced(sqn, -1);
    }
    const place = ahead(sqn, this.#next);
    if (place < 0) return false;
    if (place >= this.#most && !this.#leap(sqn, trail, now)) return false;
    this.#jumps = 0;
    const bytes = packet.tsdu.length + PACKET_BYTES;
    const held = this.#reserve.take(bytes) ? bytes : 0;
    // The next in order always has room: nothing would move without it.
    const fits = held > 0 || sqn === this.#next;
    if (fits) this.#extend(sqn, now);
    else if (ahead(sqn, this.#lead) > 0) this.#expect(sqn);
    const slot = this.#slots.get(sqn);
    if (fits && slot !== undefined && isMissing(slot)) {
      slot.packet = packet;
      slot.held = held;
      slot.state = "here";
      this.#missing--;
    } else this.#reserve.give(held);
    this.#letGo(trail);
    return fits;
  }

  /** Gives back all memory. */
  close(): void {
    for (const { held } of this.#slots.values()) this.#reserve.give(held);
    this.#slots.clear();
    this.#missing = 0;
  }

  /** Takes what an SPM tells of what there is. */
  path(trail: number, lead: number, now: number): void {
    if (ahead(lead, trail) < -1) return;
    if (this.#next === null) {
      // What comes from here on is expected, also if its first packet is lost.
      this.#next = advanced(lead, 1);
      this.#lead = lead;
      return;
    }
    if (this.#far !== null && ahead(lead, this.#far) < 0) this.#far = null;
    const place = ahead(lead, this.#next);
    // What is behind the next to deliver can be half the circle ahead of the last.
    if (place < 0) return;
    if (place >= this.#most && !this.#leap(lead, trail, now)) return;
    this.#extend(lead, now);
    this.#letGo(trail);
  }

  /** The source will send these again. */
  confirmed(sqns: readonly number[], now: number): void {
    for (const sqn of sqns) {
      const slot = this.#slots.get(sqn);
      if (slot === undefined || !isMissing(slot)) continue;
      slot.state = "confirmed";
      slot.at = now + REPAIR_MS;
      this.#due = Math.min(this.#due, slot.at);
    }
  }

  /** What to ask for now, the oldest first, at most so many. */
  ask(now: number, most: number): number[] {
    const wanted: number[] = [];
    this.#due = Infinity;
    this.#reach(now);
    if (this.#missing === 0) return wanted;
    for (const [sqn, slot] of this.#slots) {
      if (!isMissing(slot)) continue;
      if (slot.at <= now) this.#step(sqn, slot, now, wanted, most);
      this.#due = Math.min(this.#due, slot.at);
    }
    return wanted;
  }

  /** The next packet in order, or that some are lost; `null` if it isn't here. */
  take(): Packet | typeof LOST | null {
    if (this.#next === null) return null;
    let found: Packet | typeof LOST | null = null;
    while (found === null || found === LOST) {
      const slot: Slot | undefined = this.#slots.get(this.#next);
      if (slot === undefined || isMissing(slot)) break;
      if (slot.state !== LOST) {
        if (found === LOST) break;
        found = slot.packet;
      } else {
        found = LOST;
        this.lost++;
      }
      this.#reserve.give(slot.held);
      this.#slots.delete(this.#next);
      this.#next = advanced(this.#next, 1);
    }
    if (this.#far !== null && this.#slots.size * 2 <= this.#most) this.#due = 0;
    return found;
  }

  /** Whether all up to this one was delivered, or there is none. */
  reached(sqn: number): boolean {
    return this.#next === null || ahead(sqn, this.#next) < 0;
  }

  #step(
    sqn: number,
    slot: Slot,
    now: number,
    wanted: number[],
    most: number,
  ): void {
    if (slot.tries >= TRIES) {
      this.#lose(slot);
      return;
    }
    if (slot.state !== "back-off") {
      slot.state = "back-off";
      slot.at = now + this.#random() * BACK_OFF_MS;
      return;
    }
    if (wanted.length === most) {
      slot.at = now + this.#random() * BACK_OFF_MS;
      return;
    }
    wanted.push(sqn);
    slot.tries++;
    slot.state = "asked";
    slot.at = now + ANSWER_MS;
  }

  /** Everything up to `lead` is expected from now on. */
  #extend(lead: number, now: number): void {
    while (ahead(lead, this.#lead) > 0) {
      this.#lead = advanced(this.#lead, 1);
      const at = now + this.#random() * BACK_OFF_MS;
      this.#slots.set(this.#lead, {
        packet: null,
        held: 0,
        state: "back-off",
        at,
        tries: 0,
      });
      this.#missing++;
      this.#due = Math.min(this.#due, at);
    }
  }

  /** The source has let go what is before `trail`: what is missing of that is lost. */
  #letGo(trail: number): void {
    for (const [sqn, slot] of this.#slots) {
      if (ahead(sqn, trail) >= 0) break;
      if (isMissing(slot)) this.#lose(slot);
    }
  }

  #lose(slot: Slot): void {
    slot.state = LOST;
    slot.at = Infinity;
    this.#missing--;
  }

  /** There is something so far ahead, for which there is no room yet. */
  #expect(sqn: number): void {
    if (this.#far === null || ahead(sqn, this.#far) > 0) this.#far = sqn;
  }

  /** Everything up to the last that there is is expected, as far as there is room. */
  #reach(now: number): void {
    if (this.#far === null) return;
    const last = advanced(this.#next!, this.#most - 1);
    const fits = ahead(this.#far, last) <= 0;
    this.#extend(fits ? this.#far : last, now);
    if (fits) this.#far = null;
  }

  /**
   * Looks at a number far ahead: one alone may be forged. Says whether the window
   * begins anew there, as the source has let go all that was expected.
   */
  #leap(sqn: number, trail: number, now: number): boolean {
    const near = this.#jumps > 0 &&
      Math.abs(ahead(sqn, this.#jump)) < this.#most;
    this.#jumps = near ? this.#jumps + 1 : 1;
    this.#jump = sqn;
    if (this.#jumps < JUMP_PROOF) return false;
    if (ahead(trail, this.#next!) < this.#most) {
      this.#expect(sqn);
      this.#reach(now);
      this.#letGo(trail);
      return false;
    }
    this.#jumps = 0;
    this.#far = null;
    this.lost += Math.max(0, ahead(sqn, this.#next!));
    this.close();
    this.#next = sqn;
    this.#lead = advanced(sqn, -1);
    return true;
  }
}

function isMissing({ state }: Slot): boolean {
  return state !== "here" && state !== LOST;
}
