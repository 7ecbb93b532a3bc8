// Whose message is received next: the pipes that have one, in turn, so that no
// peer can starve another (RFC 28 to 30). A pipe whose peer has gone stays
// until it is read empty.

import { MORE } from "../base/frame.ts";
import type { Message } from "../base/message.ts";
import { Partition } from "./partition.ts";
import { IN, type Pipe } from "./pipe.ts";

export class FairQueue {
  /** The pipe that the last message came from. */
  last: Pipe | null = null;
  /** Told of each pipe that has left. */
  onLeave: ((pipe: Pipe) => void) | null = null;
  readonly #pipes = new Partition(IN);
  readonly #single: boolean;
  #next = 0;

  /** `single` throws away messages of more than one frame. */
  constructor(single = false) {
    this.#single = single;
  }

  /** Whether a pipe is, or may be, to be read. */
  has(pipe: Pipe): boolean {
    return this.#pipes.has(pipe);
  }

  /** A pipe joins. */
  add(pipe: Pipe): void {
    this.#pipes.add(pipe);
    if (pipe.inbound.count > 0) this.#pipes.activate(pipe);
  }

  /** A pipe's peer has gone: it leaves now or once it is empty. */
  retire(pipe: Pipe): void {
    if (pipe.inbound.count === 0 && !pipe.expecting) this.remove(pipe);
  }

  /** A pipe that may have left has a message once more. */
  revive(pipe: Pipe): void {
    if (this.#pipes.has(pipe)) this.#pipes.activate(pipe);
    else this.add(pipe);
  }

  /** A pipe leaves with whatever it holds. */
  remove(pipe: Pipe): void {
    if (!this.#pipes.has(pipe)) return;
    this.#drop(pipe);
    this.#leave(pipe);
    if (this.last === pipe) this.last = null;
  }

  /** Pipes whose peers have gone and left messages. */
  get left(): Pipe[] {
    return this.#pipes.pipes.filter((pipe) => !pipe.open);
  }

  /** A pipe has a message. */
  activate(pipe: Pipe): void {
    if (this.#pipes.has(pipe)) this.#pipes.activate(pipe);
  }

  /** The pipe whose turn it is, or `null` if none has a message. */
  current(): Pipe | null {
    const pipes = this.#pipes;
    while (pipes.active > 0) {
      const pipe = pipes.pipes[this.#next];
      const inbound = pipe.inbound;
      if (inbound.count === 0) this.#emptied(pipe);
      else if (!this.#single) return pipe;
      else if (inbound.peek()) {
        if ((inbound.flags & MORE) === 0) return pipe;
        inbound.drop();
        this.advance(pipe);
      }
    }
    return null;
  }

  /** The next message, or `null`; `last` then tells whose it is. */
  take(): Message | null {
    const pipes = this.#pipes;
    while (pipes.active > 0) {
      const pipe = pipes.pipes[this.#next];
      const message = pipe.inbound.take();
      if (message === null) {
        this.#emptied(pipe);
        continue;
      }
      this.last = pipe;
      this.advance(pipe);
      if (this.#single && message.length > 1) continue;
      return message;
    }
    return null;
  }

  /** Adds the next messages to `messages` until there are `most` or no more. */
  takeMany(messages: Message[], most: number): void {
    const pipes = this.#pipes;
    while (messages.length < most) {
      // Where it is nobody else's turn, what lies together is taken together.
      if (pipes.active === 1) {
        const pipe = pipes.pipes[this.#next];
        if (pipe.inbound.takeMany(messages, most)) {
          this.last = pipe;
          if (pipe.inbound.count === 0) this.#emptied(pipe);
          continue;
        }
      }
      const message = this.take();
      if (message === null) return;
      messages.push(message);
    }
  }

  /** A message of `pipe` was taken or dropped: it is the next one's turn. */
  advance(pipe: Pipe): void {
    if (pipe.inbound.count === 0) this.#emptied(pipe);
    else if (++this.#next >= this.#pipes.active) this.#next = 0;
  }

  #emptied(pipe: Pipe): void {
    this.#drop(pipe);
    if (!pipe.open && !pipe.expecting) this.#leave(pipe);
  }

  #leave(pipe: Pipe): void {
    this.#pipes.remove(pipe);
    if (this.onLeave !== null) this.onLeave(pipe);
  }

  #drop(pipe: Pipe): void {
    this.#pipes.deactivate(pipe);
    if (this.#next >= this.#pipes.active) this.#next = 0;
  }
}
