// REQ (RFC 28): request, reply, request, reply. A request goes to the next peer
// in turn behind an empty frame, and only that peer's reply is taken.
//
//   ready ──send──> waiting ──reply──> answered ──receive──> ready
//
// `relaxed` lets a new request begin at any time; `correlate` puts a number
// before the empty frame, so that a late reply is known as such.

import { Fault } from "../base/fault.ts";
import { OPENING, readUint32, writeUint32 } from "../base/frame.ts";
import { EMPTY, type Message } from "../base/message.ts";
import { LoadBalancer } from "../routing/load_balancer.ts";
import { type Host, type SendResult, SENT, STATE } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import { BasePattern } from "./base.ts";

/** The options that a Request looks at for each message. */
export interface RequestSettings {
  readonly correlate: boolean;
  readonly relaxed: boolean;
  readonly probeRouter: boolean;
}

const DELIMITER: Message = [EMPTY];
const ID_BYTES = 4;

export class RequestPattern extends BasePattern {
  readonly #settings: RequestSettings;
  readonly #balancer = new LoadBalancer();
  /** Whether a reply is due. */
  #waiting = false;
  /** Who has to reply; null while a reply is due if that one has gone. */
  #asked: Pipe | null = null;
  /** Whose reply was taken last. */
  #answered: Pipe | null = null;
  #reply: Message | null = null;
  #id: number;

  /** `firstId` is random, so that ids of a socket's former lives don't return. */
  constructor(host: Host, settings: RequestSettings, firstId: number) {
    super(host);
    this.#settings = settings;
    this.#id = firstId;
  }

  /** Whether there is nothing to receive: no request was sent. */
  override get mute(): boolean {
    return !this.#waiting;
  }

  override get oneAtATime(): boolean {
    return !this.#settings.relaxed;
  }

  override get origin(): Pipe | null {
    return this.#answered;
  }

  /** Gives the round up: the next request may be sent, and its late reply is dropped. */
  abandon(): void {
    const asked = this.#asked;
    this.#waiting = false;
    this.#asked = null;
    this.#reply = null;
    if (asked === null || this.#settings.correlate) return;
    // Without a number nothing tells the late reply from the next one, so the
    // connection it would come by goes, unless the request never left.
    if (asked.log !== null && asked.log.clear() > 0) return;
    asked.refuse(
      new Fault("caller", "ECANCELED", "a request was given up"),
    );
  }

  override attached(pipe: Pipe): void {
    this.#balancer.add(pipe);
    this.host.writable();
  }

  override reconnected(pipe: Pipe): void {
    if (this.#settings.probeRouter) pipe.control(OPENING, EMPTY);
  }

  override detached(pipe: Pipe): void {
    this.#balancer.remove(pipe);
    // Whoever has to reply may come again, by another connection.
    if (this.#asked === pipe && this.#reply === null) this.#asked = null;
  }

  override readable(pipe: Pipe): void {
    for (;;) {
      const message = pipe.inbound.take();
      if (message === null) return;
      const bodyAt = envelopeLength(message);
      if (bodyAt === 0) {
        // Within the process it is passed over, as a connection is not made anew.
        if (pipe.log === null) continue;
        pipe.refuse(
          new Fault(
            "peer",
            "EPROTO",
            "a reply to a REQ has an empty frame before its body",
          ),
        );
        return;
      }
      if (this.#expects(pipe, message, bodyAt)) {
        this.#asked = pipe;
        this.#reply = message.slice(bodyAt);
        this.host.readable();
      }
    }
  }

  override writable(pipe: Pipe): void {
    this.#balancer.activate(pipe);
    this.host.writable();
  }

  override canSend(): boolean {
    return (!this.#waiting || this.#settings.relaxed) && this.#balancer.ready();
  }

  override canReceive(): boolean {
    return this.#reply !== null;
  }

  override trySend(message: Message): SendResult {
    if (this.#waiting && !this.#settings.relaxed) return STATE;
    const result = this.#balancer.send(message, this.#envelope());
    if (result === SENT) {
      this.#id = (this.#id + 1) >>> 0;
      this.#waiting = true;
      this.#asked = this.#balancer.last;
      this.#reply = null;
    }
    return result;
  }

  override tryReceive(): Message | null {
    const reply = this.#reply;
    if (reply !== null) {
      this.#reply = null;
      this.#answered = this.#asked;
      this.#asked = null;
      this.#waiting = false;
    }
    return reply;
  }

  #envelope(): Message {
    if (!this.#settings.correlate) return DELIMITER;
    const id = new Uint8Array(ID_BYTES);
    writeUint32(id, 0, (this.#id + 1) >>> 0);
    return [id, EMPTY];
  }

  #expects(pipe: Pipe, message: Message, bodyAt: number): boolean {
    if (!this.#waiting || this.#reply !== null) return false;
    if (this.#asked !== null && pipe !== this.#asked) return false;
    const numbered = bodyAt === 2;
    if (numbered !== this.#settings.correlate) return false;
    return !numbered || readUint32(message[0], 0) === this.#id;
  }
}

/** Frames before the body: `[id]? [empty]`; 0 if that is not how it begins. */
function envelopeLength(message: Message): number {
  const delimiter = message[0].length === ID_BYTES ? 1 : 0;
  const body = delimiter + 1;
  return body < message.length && message[delimiter].length === 0 ? body : 0;
}
