// One message to many peers (RFC 29): encoded once, copied into the log of each
// wire, handed to each mate within the process. A peer that is full loses it,
// and the loss is counted; nobody waits for the slow one.

import { copyInto, headerLength, MORE, writeHeader } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { BY_REFERENCE } from "./outbound_log.ts";
import type { Host } from "./pattern.ts";
import type { Pipe } from "./pipe.ts";

export class Distributor {
  readonly #host: Host;
  /** Peers that were more than half full after the last message, and not quite. */
  readonly #strained: Pipe[] = [];
  #scratch = new Uint8Array(256);

  constructor(host: Host) {
    this.#host = host;
  }

  /** Sends a message to the first `count` of these pipes. */
  send(pipes: readonly Pipe[], count: number, message: Message): void {
    const encoded = count > 1 ? this.#encode(message) : null;
    this.#strained.length = 0;
    for (let i = 0; i < count; i++) {
      const pipe = pipes[i];
      const sent = encoded !== null && pipe.log !== null
        ? pipe.sendEncoded(encoded)
        : pipe.send(message, 0, null);
      if (!sent) pipe.drops++;
      if (pipe.strained) this.#strained.push(pipe);
    }
    if (this.#strained.length > 0) this.#host.pressed();
  }

  /** Whether each of the first `count` of these pipes would take a message. */
  ready(pipes: readonly Pipe[], count: number): boolean {
    return this.blocking(pipes, count) === null;
  }

  /** The first of these pipes that would not take a message now, or `null`. */
  blocking(pipes: readonly Pipe[], count: number): Pipe | null {
    for (let i = 0; i < count; i++) {
      if (pipes[i].waitedFor || !pipes[i].ready()) return pipes[i];
    }
    return null;
  }

  /** Whether a peer is still between half full and full. */
  strained(): boolean {
    const strained = this.#strained;
    while (strained.length > 0) {
      if (strained[strained.length - 1].strained) return true;
      strained.pop();
    }
    return false;
  }

  /** The message in its wire form, or `null` if a body is too large to copy. */
  #encode(message: Message): Uint8Array | null {
    let length = 0;
    for (let i = 0; i < message.length; i++) {
      const body = message[i].length;
      if (body > BY_REFERENCE) return null;
      length += headerLength(body) + body;
    }
    if (this.#scratch.length < length) {
      this.#scratch = new Uint8Array(length * 2);
    }
    const scratch = this.#scratch;
    const last = message.length - 1;
    let at = 0;
    for (let i = 0; i <= last; i++) {
      const body = message[i];
      at = writeHeader(scratch, at, i < last ? MORE : 0, body.length);
      copyInto(scratch, at, body);
      at += body.length;
    }
    return new Uint8Array(scratch.buffer, 0, length);
  }
}
