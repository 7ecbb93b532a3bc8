// Who gets the next outgoing message: the pipes that can take one, in turn
// (RFC 30; REQ, DEALER and PUSH). A full pipe leaves the rotation until it has
// room again.

import type { Message } from "../base/message.ts";
import { Partition } from "./partition.ts";
import { FULL, NO_PEER, type SendResult, SENT } from "./pattern.ts";
import { OUT, type Pipe } from "./pipe.ts";

export class LoadBalancer {
  /** The pipe that took the last message. */
  last: Pipe | null = null;
  readonly #pipes = new Partition(OUT);
  #next = 0;

  /** A pipe joins, able to take messages. */
  add(pipe: Pipe): void {
    this.#pipes.add(pipe);
    this.#pipes.activate(pipe);
  }

  /** A pipe leaves for good. */
  remove(pipe: Pipe): void {
    this.#drop(pipe);
    this.#pipes.remove(pipe);
    if (this.last === pipe) this.last = null;
  }

  /** A pipe has room again. */
  activate(pipe: Pipe): void {
    if (this.#pipes.has(pipe)) this.#pipes.activate(pipe);
  }

  /** Whether a message would be taken now. */
  ready(): boolean {
    const pipes = this.#pipes;
    while (pipes.active > 0) {
      const pipe = pipes.pipes[this.#next];
      if (pipe.ready()) return true;
      this.#drop(pipe);
    }
    return false;
  }

  /** Gives a message to the next pipe that takes it. */
  send(message: Message, envelope: Message | null): SendResult {
    const pipes = this.#pipes;
    while (pipes.active > 0) {
      const pipe = pipes.pipes[this.#next];
      if (pipe.send(message, 0, envelope)) {
        this.last = pipe;
        if (++this.#next >= pipes.active) this.#next = 0;
        return SENT;
      }
      this.#drop(pipe);
    }
    return pipes.pipes.length === 0 ? NO_PEER : FULL;
  }

  #drop(pipe: Pipe): void {
    this.#pipes.deactivate(pipe);
    if (this.#next >= this.#pipes.active) this.#next = 0;
  }
}
