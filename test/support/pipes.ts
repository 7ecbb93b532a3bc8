// Pipes without sockets: what a pattern sees of its peers, and what it tells its
// socket, written down.

import type { Fault } from "../../src/base/fault.ts";
import type { Message } from "../../src/base/message.ts";
import { InboundQueue } from "../../src/routing/inbound_queue.ts";
import { OutboundLog } from "../../src/routing/outbound_log.ts";
import type { Host, Pattern } from "../../src/routing/pattern.ts";
import { Pipe } from "../../src/routing/pipe.ts";
import { bytes, hex, texts } from "./bytes.ts";

/** A pattern's socket, which counts what it is told. */
export class CountingHost implements Host {
  reads = 0;
  writes = 0;
  presses = 0;
  drops = 0;

  readable(): void {
    this.reads++;
  }

  writable(): void {
    this.writes++;
  }

  ahead(): void {}

  caughtUp(): void {}

  pressed(): void {
    this.presses++;
  }

  dropped(): void {
    this.drops++;
  }
}

/** A peer over a wire that takes nothing until it is asked what was sent. */
export class FakePeer {
  readonly pipe: Pipe;
  readonly faults: Fault[] = [];
  /** Subscriptions and their ends, as `kind:topic`. */
  readonly controls: string[] = [];
  readonly #pattern: Pattern;

  constructor(pattern: Pattern, hwm = 1000) {
    this.#pattern = pattern;
    this.pipe = new Pipe(
      new InboundQueue(1000, false),
      new OutboundLog(hwm, false),
    );
    this.pipe.wire = {
      wantsWrite: () => {},
      flush: () => {},
      control: (kind, topic) =>
        this.controls.push(`${kind}:${texts([topic])[0]}`),
      refuse: (fault) => this.faults.push(fault),
      adjust: () => {},
      close: () => {},
    };
    this.pipe.pattern = pattern;
    pattern.attached(this.pipe);
    pattern.reconnected(this.pipe);
  }

  /** The peer sends a message; the frames as `bytes` takes them. */
  sends(...frames: string[]): void {
    this.arrives(frames.map(bytes));
  }

  /** A message or an entry of another kind comes in. */
  arrives(frames: Message, kind = 0): void {
    const { inbound } = this.pipe;
    const first = inbound.count === 0;
    frames.forEach((frame, i) =>
      inbound.push(frame, kind | (i < frames.length - 1 ? 1 : 0))
    );
    if (first) this.#pattern.readable(this.pipe);
  }

  /** All that was sent to it since, as hexadecimal. */
  got(): string {
    const log = this.pipe.log!;
    let all = "";
    for (let next = log.next(); next !== null; next = log.next()) {
      all += hex(next);
      log.took(next.length);
      this.pipe.taken();
    }
    return all;
  }

  /** Its connection is lost, and another one is expected. */
  hiccup(): void {
    this.pipe.log!.disconnected(true);
    this.#pattern.hiccuped(this.pipe);
  }

  /** It goes for good. */
  leaves(): void {
    this.pipe.open = false;
    this.#pattern.detached(this.pipe);
  }
}
