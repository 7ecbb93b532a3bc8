// SERVER (RFC 41) and PEER (RFC 51): a message is a peer's number and one frame,
// both ways. Numbers are this side's own, never 0 and never on the wire. Nothing
// is dropped: a send to a peer that is full waits.

import { readUint32 } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import {
  FULL,
  type Host,
  type SendResult,
  SENT,
  UNREACHABLE,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { type EdgeSettings, sendOpenings } from "./dealer.ts";
import { ReceivingPattern } from "./receiving.ts";

export class ServerPattern extends ReceivingPattern {
  readonly #settings: EdgeSettings;
  readonly #peers = new Map<number, Pipe>();
  #nextId: number;
  /** The number of the peer that came last. */
  latest = 0;

  /** `firstId` is random: numbers of a socket's former lives don't return. */
  constructor(host: Host, settings: EdgeSettings, firstId: number) {
    super(host, true);
    this.#settings = settings;
    this.#nextId = firstId;
  }

  override get addressed(): boolean {
    return true;
  }

  override attached(pipe: Pipe): void {
    do {
      pipe.number = this.#nextId;
      this.#nextId = (this.#nextId + 1) >>> 0;
    } while (pipe.number === 0 || this.#peers.has(pipe.number));
    this.latest = pipe.number;
    this.#peers.set(pipe.number, pipe);
    super.attached(pipe);
    this.host.writable();
  }

  override reconnected(pipe: Pipe): void {
    sendOpenings(pipe, this.#settings);
  }

  override hiccuped(pipe: Pipe): void {
    const { hiccupMessage } = this.#settings;
    if (hiccupMessage !== null) this.deliver(pipe, hiccupMessage.slice());
  }

  override detached(pipe: Pipe): void {
    this.#peers.delete(pipe.number);
    super.detached(pipe);
    // A send that waited for it learns that it is gone.
    this.host.writable();
  }

  override ended(pipe: Pipe): void {
    const { disconnectMessage } = this.#settings;
    if (disconnectMessage !== null) {
      this.deliver(pipe, disconnectMessage.slice());
    }
  }

  override writable(_pipe: Pipe): void {
    this.host.writable();
  }

  /** Whether there is room, or a peer, is known once one is named. */
  override canSend(): boolean {
    return true;
  }

  /** A message of two frames: the peer's number in four bytes, and the body. */
  override trySend(message: Message): SendResult {
    const pipe = this.#peers.get(readUint32(message[0], 0));
    if (pipe === undefined) return UNREACHABLE;
    return !pipe.waitedFor && pipe.send(message, 1, null) ? SENT : FULL;
  }

  /** What is received has the number as such in front (the socket's type says so). */
  override tryReceive(): Message | null {
    const message: unknown[] | null = this.queue.take();
    if (message !== null) message.unshift(this.queue.last!.number);
    return message as Message | null;
  }

  /** Parts with a peer; false if there is none of this number. */
  part(number: number): boolean {
    const pipe = this.#peers.get(number);
    pipe?.close();
    return pipe !== undefined;
  }
}
