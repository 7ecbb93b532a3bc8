// STREAM (zmq_socket(3)): peers that don't speak ZeroMQ. A message is the name of
// a connection and bytes of it, in pieces as they came; an empty piece says that
// a connection began or ended, and sending one ends it.

import { writeUint32 } from "../base/frame.ts";
import { EMPTY, type Message } from "../base/message.ts";
import { latin1 } from "../base/utf8.ts";
import {
  FULL,
  type Host,
  type SendResult,
  SENT,
  UNREACHABLE,
} from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { ReceivingPattern } from "./receiving.ts";

/** Bytes of a name that was made up: a zero, and a number. */
const MADE_UP = 5;

export class StreamPattern extends ReceivingPattern {
  readonly #settings: { readonly notify: number | boolean };
  readonly #peers = new Map<string, Pipe>();
  #nextId: number;
  /** The name of the connection that came last. */
  latest: Uint8Array = EMPTY;

  /** `firstId` is random: names of a socket's former lives don't return. */
  constructor(
    host: Host,
    settings: { readonly notify: number | boolean },
    firstId: number,
  ) {
    super(host);
    this.#settings = settings;
    this.#nextId = firstId;
  }

  override get addressed(): boolean {
    return true;
  }

  override attached(pipe: Pipe): void {
    // With `immediate` another may have come by that name meanwhile.
    const given = pipe.givenId.length > 0 && !this.has(pipe.givenId);
    pipe.id = given ? pipe.givenId : this.#makeUp();
    this.latest = pipe.id;
    this.#peers.set(keyOf(pipe.id), pipe);
    super.attached(pipe);
  }

  override reconnected(pipe: Pipe): void {
    this.#notice(pipe);
    this.host.writable();
  }

  override hiccuped(pipe: Pipe): void {
    this.#notice(pipe);
  }

  override detached(pipe: Pipe): void {
    this.#peers.delete(keyOf(pipe.id));
    super.detached(pipe);
    // A send that waited for it learns that it is gone.
    this.host.writable();
  }

  override ended(pipe: Pipe): void {
    this.#notice(pipe);
  }

  override writable(_pipe: Pipe): void {
    this.host.writable();
  }

  override canSend(): boolean {
    return true;
  }

  override trySend(message: Message): SendResult {
    const pipe = this.#peers.get(keyOf(message[0]));
    if (pipe === undefined) return UNREACHABLE;
    if (message[1].length > 0) {
      return !pipe.waitedFor && pipe.send(message, 1, null) ? SENT : FULL;
    }
    pipe.close();
    return SENT;
  }

  override tryReceive(): Message | null {
    const message = this.queue.take();
    if (message !== null) message.unshift(this.queue.last!.id);
    return message;
  }

  /** Whether a name is taken. */
  has(id: Uint8Array): boolean {
    return this.#peers.has(keyOf(id));
  }

  #notice(pipe: Pipe): void {
    if (this.#settings.notify) this.deliver(pipe, EMPTY);
  }

  #makeUp(): Uint8Array {
    const id = new Uint8Array(MADE_UP);
    do {
      writeUint32(id, 1, this.#nextId);
      this.#nextId = (this.#nextId + 1) >>> 0;
    } while (this.has(id));
    return id;
  }
}

function keyOf(id: Uint8Array): string {
  return latin1(id, 0, id.length);
}
