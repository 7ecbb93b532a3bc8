// Proxy of zeromq.js: it has its two sockets to itself while it runs, and closes
// them at the end.

import { Proxy as MainProxy } from "../sockets/proxy.ts";
import {
  checkArity,
  errnoError,
  translated,
  translatedLater,
} from "./errno_error.ts";
import { type Inside, insideOf, type Socket } from "./socket.ts";

/** Passes messages between two sockets. */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  readonly #frontEnd: F;
  readonly #backEnd: B;
  readonly #sides: readonly [Inside, Inside];
  readonly #main: MainProxy;
  /** Whether it was told to end, and `run` has not resolved yet. */
  #ending = false;

  /** Joins two sockets; what passes is sent to `capture` too (zeromq.js has no such argument). */
  constructor(frontEnd: F, backEnd: B, capture?: Socket) {
    this.#sides = [
      inside(frontEnd, "Front-end"),
      inside(backEnd, "Back-end"),
    ];
    this.#frontEnd = frontEnd;
    this.#backEnd = backEnd;
    const [front, back] = this.#sides;
    this.#main = new MainProxy(
      front.main,
      back.main,
      capture === undefined ? undefined : inside(capture, "Capture").main,
    );
  }

  /** The socket that clients use. */
  get frontEnd(): F {
    return this.#frontEnd;
  }

  /** The socket that services use. */
  get backEnd(): B {
    return this.#backEnd;
  }

  /**
   * Passes messages until `terminate`; both sockets are then closed. Throws
   * EINVAL if one of them is neither bound nor connected.
   */
  run(): Promise<void> {
    checkArity(arguments.length, 0);
    for (const [i, side] of this.#sides.entries()) {
      if (side.core.closed !== null || side.endpoints === 0) {
        const name = i === 0 ? "Front-end" : "Back-end";
        throw errnoError("EINVAL", `${name} socket must be bound or connected`);
      }
      side.check();
      if (!side.operations.pending) continue;
      throw errnoError(
        "EBUSY",
        "Socket is busy: a send or receive of it waits; await that first",
      );
    }
    return this.#run();
  }

  /** Passes nothing until `resume`; messages wait where they are. */
  pause(): void {
    checkArity(arguments.length, 0);
    this.#steer("pause");
  }

  /** Goes on after `pause`. */
  resume(): void {
    checkArity(arguments.length, 0);
    this.#steer("resume");
  }

  /** Ends it; `run` resolves. */
  terminate(): void {
    checkArity(arguments.length, 0);
    this.#steer("terminate");
    this.#ending = true;
  }

  #steer(command: "pause" | "resume" | "terminate"): void {
    if (!this.#ending) translated(() => this.#main[command]());
  }

  async #run(): Promise<void> {
    for (const side of this.#sides) side.blocked++;
    try {
      await translatedLater(this.#main.run());
    } finally {
      for (const side of this.#sides) side.blocked--;
      for (const side of this.#sides) side.close();
      this.#ending = false;
    }
  }
}

function inside(socket: unknown, name: string): Inside {
  if (typeof socket === "object" && socket !== null) return insideOf(socket);
  throw new TypeError(`${name} must be a socket object`);
}
