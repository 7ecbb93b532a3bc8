// What many peers get (RFC 29): each message encoded once, one behind the other, in
// memory that the logs of all of them share. It is written from front to back and
// never twice, so whoever sends from it needs no copy.

import { BLOCK_BYTES } from "../base/block.ts";
import { copyInto, headerLength, MORE, writeHeader } from "../base/frame.ts";
import { EMPTY, type Message } from "../base/message.ts";
import { BY_REFERENCE } from "./outbound_log.ts";

/** Bytes of the first memory, and of the largest: twice what is written at once. */
const SMALLEST = 1024;
const LARGEST = 2 * BLOCK_BYTES;

type Bytes = Uint8Array<ArrayBuffer>;

export class Edition {
  /** The memory that the last message lies in, and where it begins. */
  memory: Bytes = EMPTY;
  start = 0;
  /** The last message in its wire form. */
  encoded: Bytes = EMPTY;
  #end = 0;
  #size = SMALLEST;

  /** Adds a message; false if a body is too large to copy. */
  add(message: Message): boolean {
    let length = 0;
    for (let i = 0; i < message.length; i++) {
      const body = message[i].length;
      if (body > BY_REFERENCE) return false;
      length += headerLength(body) + body;
    }
    if (this.memory.length - this.#end < length) this.#renew(length);
    const { memory } = this;
    const last = message.length - 1;
    let at = this.#end;
    this.start = at;
    for (let i = 0; i <= last; i++) {
      const body = message[i];
      at = writeHeader(memory, at, i < last ? MORE : 0, body.length);
      copyInto(memory, at, body);
      at += body.length;
    }
    this.encoded = new Uint8Array(memory.buffer, this.#end, length);
    this.#end = at;
    return true;
  }

  #renew(need: number): void {
    this.memory = new Uint8Array(Math.max(this.#size, need));
    this.#size = Math.min(4 * this.memory.length, LARGEST);
    this.#end = 0;
  }
}
