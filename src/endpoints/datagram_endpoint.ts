// udp (zmq_udp(7)): a socket of datagrams behind one pipe. A Radio sends there, a
// Dish receives, a Datagram does both. Nothing is shaken hands about and nothing
// is retried; what doesn't fit a queue or the network is lost.

import { Fault } from "../base/fault.ts";
import { MORE } from "../base/frame.ts";
import { hostPort, withoutBrackets } from "../base/peer_address.ts";
import { decodeText, encodeText } from "../base/utf8.ts";
import { Pipe, type Wire } from "../routing/pipe.ts";
import type {
  DatagramAddress,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
} from "../runtime/adapter.ts";
import { LARGEST_DATAGRAM } from "../transports/datagram_transport.ts";
import type { Endpoint, EndpointOwner } from "./endpoint.ts";
import { Complaints } from "./complaints.ts";
import { LogFrames } from "./log_frames.ts";
import { OneHold } from "./one_hold.ts";
import { openError } from "./open_error.ts";
import { adjustQueues, type SocketSide, wireQueues } from "./socket_side.ts";
import type { Flushable } from "./turn.ts";

const NUL = 0;

const TOO_LONG = new Fault(
  "limit",
  "EMSGSIZE",
  `a datagram holds at most ${LARGEST_DATAGRAM} bytes`,
);
const CUT_SHORT = new Fault(
  "peer",
  "EBADMSG",
  "a datagram is as long as the name of its group says, at least",
);

export class DatagramEndpoint
  implements Endpoint, Wire, DatagramHandler, Flushable {
  /** The resolved address, once it is bound. */
  address: string;
  readonly #socket: SocketSide;
  readonly #owner: EndpointOwner;
  readonly #pipe: Pipe;
  /** Whether bodies go with the name of a group, and not with an address. */
  readonly #grouped: boolean;
  readonly #frames: LogFrames;
  readonly #complaints: Complaints;
  #datagrams: DatagramSocket | null = null;
  /** Whether it sends to one place from the start, and does not receive. */
  #sender = false;
  #ready = false;
  /** Whether the runtime has enough datagrams to send for now. */
  #blocked = false;
  /** The first frame of a message, kept until its body is there. */
  #head: Uint8Array | null = null;
  #enqueued = false;
  readonly #hold: OneHold;
  #closing = false;
  #over = false;
  #gone: Promise<void> | undefined = undefined;
  #left: () => void = () => {};
  #settle: ((error: Error | undefined) => void) | null = null;

  constructor(socket: SocketSide, address: string, owner: EndpointOwner) {
    this.#socket = socket;
    this.#hold = new OneHold(socket.reactor);
    this.address = address;
    this.#owner = owner;
    this.#complaints = new Complaints(socket);
    this.#grouped = socket.type !== "DGRAM";
    this.#pipe = new Pipe(...wireQueues(socket));
    this.#frames = new LogFrames(this.#pipe.log!, socket.reactor.reserve);
    this.#pipe.wire = this;
    this.#pipe.unfiltered = true;
  }

  /** Opens it; resolves once datagrams can come, or rejects with a `ZmqError`. */
  async open(
    target: DatagramTarget,
    name: (local: string) => string,
  ): Promise<void> {
    const { reactor } = this.#socket;
    this.#sender = target.to !== null;
    if (this.#sender) this.#attach();
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#settle = resolve;
      this.#datagrams = reactor.adapter.openDatagrams(target, this);
    });
    if (error !== undefined) throw openError(this.address, error);
    if (!this.#sender) this.address = name(this.#datagrams!.local);
  }

  close(by?: unknown): void {
    if (!this.#over) this.#gone ??= new Promise((left) => this.#left = left);
    this.#retire();
    if (by === true) this.#pipe.log!.clear();
    this.#closing = true;
    if (this.#ready) this.flush();
    if (this.#pipe.log!.count === 0) this.abort();
  }

  /** Whoever waits for the end may want the port. */
  whenClosed(): Promise<void> | undefined {
    return this.#gone;
  }

  abort(): void {
    this.#retire();
    this.#hold.letGo();
    if (this.#datagrams === null) this.#finish();
    else this.#datagrams.close();
  }

  // Wire: what the pipe wants.

  wantsWrite(): void {
    this.#hold.take();
    if (this.#enqueued) return;
    this.#enqueued = true;
    this.#socket.reactor.turn.enqueue(this);
  }

  flush(): void {
    if (!this.#ready || this.#blocked) return;
    while (this.#frames.next()) {
      if (!this.#sendFrame()) {
        this.#blocked = true;
        return;
      }
    }
    this.#pipe.log!.armed = false;
    this.#hold.letGo();
    this.#pipe.taken();
    if (this.#closing) this.abort();
  }

  control(): void {}

  /** A socket that takes no other pipe does without this one. */
  refuse(fault: Fault): void {
    this.#settle?.(fault);
    this.#settle = null;
    this.abort();
  }

  adjust(): void {
    adjustQueues(this.#pipe, this.#socket.options);
    this.#pipe.taken();
  }

  turnEnded(): void {
    this.#enqueued = false;
    this.flush();
  }

  // What the socket of datagrams tells.

  opened(): void {
    this.#ready = true;
    if (!this.#sender && !this.#closing) this.#attach();
    this.#settle?.(undefined);
    this.#settle = null;
    if (this.#pipe.log!.count > 0) this.flush();
  }

  datagram(bytes: Uint8Array, host: string, port: number): void {
    const { inbound } = this.#pipe;
    if (!this.#pipe.open) return;
    this.#socket.reactor.turn.entered();
    const first = this.#grouped ? bytes.subarray(1, 1 + bytes[0]) : null;
    const fault = bytes.length > LARGEST_DATAGRAM
      ? TOO_LONG
      : first !== null && first.length !== bytes[0]
      ? CUT_SHORT
      : null;
    if (fault !== null) this.#complaints.tell(this.address, fault);
    if (fault !== null || inbound.full) {
      this.#drop();
      return;
    }
    if (first !== null) {
      inbound.push(first, MORE);
      inbound.push(bytes.subarray(1 + first.length), 0);
    } else {
      inbound.push(encodeText(`${hostPort(host, port)}\0`), MORE);
      inbound.push(bytes, 0);
    }
    this.#pipe.pattern?.readable(this.#pipe);
  }

  drained(): void {
    this.#blocked = false;
    this.flush();
  }

  closed(error?: Error): void {
    this.#ready = false;
    this.#datagrams = null;
    if (this.#settle !== null) {
      this.#settle(error ?? new Error("it was closed"));
      this.#settle = null;
    }
    this.#retire();
    this.#finish();
  }

  /** Sends a message once its second frame is there; says whether there is room for another. */
  #sendFrame(): boolean {
    const { frame, flags } = this.#frames;
    if ((flags & MORE) !== 0) {
      this.#head = frame;
      return true;
    }
    const head = this.#head;
    this.#head = null;
    const length = frame.length + (this.#grouped ? 1 + head!.length : 0);
    if (length > LARGEST_DATAGRAM) {
      this.#drop();
      return true;
    }
    return this.#send(head!, frame, length);
  }

  #drop(): void {
    this.#pipe.drops++;
    this.#socket.pipeDropped?.(this.#pipe);
  }

  #send(head: Uint8Array, frame: Uint8Array, length: number): boolean {
    if (!this.#grouped) {
      const to = addressOf(head);
      return to === null || this.#datagrams!.send(frame, to);
    }
    const bytes = new Uint8Array(length);
    bytes[0] = head.length;
    bytes.set(head, 1);
    bytes.set(frame, 1 + head.length);
    return this.#datagrams!.send(bytes, null);
  }

  #attach(): void {
    this.#socket.attach(this.#pipe);
    this.#pipe.pattern?.reconnected(this.#pipe);
  }

  #retire(): void {
    if (this.#pipe.open && this.#pipe.pattern !== null) {
      this.#socket.detach(this.#pipe);
    }
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#hold.letGo();
    this.#frames.close();
    this.#pipe.log!.clear();
    this.#owner.endpointOver(this);
    this.#left();
  }
}

/** `a.b.c.d:port`, perhaps with a NUL after it; null if it is no such thing. */
function addressOf(frame: Uint8Array): DatagramAddress | null {
  const end = frame.at(-1) === NUL ? frame.length - 1 : frame.length;
  const text = decodeText(frame.subarray(0, end));
  const [, host, port] =
    /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:.%\w]+\]):(\d{1,5})$/
      .exec(text) ?? [];
  if (host === undefined || Number(port) === 0 || Number(port) > 65535) {
    return null;
  }
  return { host: withoutBrackets(host), port: Number(port) };
}
