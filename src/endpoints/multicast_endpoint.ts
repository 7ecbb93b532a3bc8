// epgm (zmq_pgm(7)): a group that publishers send to and subscribers receive from,
// reliably (RFC 3208). Binding and connecting are the same. Nothing is asked of a
// publisher: it sends everything, at a rate, and subscribers filter.
//
//   publisher:  pipe ──frames──> ApduWriter ──TSDUs──> Source ──packets──> group
//   subscriber: group ──packets──> an Inflow, and a pipe, for each source

import { Fault } from "../base/fault.ts";
import { SUBSCRIBE } from "../base/frame.ts";
import { EMPTY } from "../base/message.ts";
import { ApduWriter } from "../pgm/apdu_writer.ts";
import { Inflow } from "../pgm/inflow.ts";
import {
  NAK,
  nakPacket,
  NCF,
  nlaBytes,
  ODATA,
  type Packet,
  parsePacket,
  RDATA,
  SPM,
  spmrPacket,
  type Tsi,
  tsiKey,
  tsiOf,
} from "../pgm/packet.ts";
import { ReceiveWindow } from "../pgm/receive_window.ts";
import { Source } from "../pgm/source.ts";
import { Pipe, type Wire } from "../routing/pipe.ts";
import { Reserve } from "../zmtp/reserve.ts";
import type {
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
} from "../runtime/adapter.ts";
import type { EpgmPlace } from "../transports/epgm.ts";
import { Complaints } from "./complaints.ts";
import type { Endpoint, EndpointOwner } from "./endpoint.ts";
import { eventError } from "./failure.ts";
import { LogFrames } from "./log_frames.ts";
import { OneHold } from "./one_hold.ts";
import { openError } from "./open_error.ts";
import { adjustQueues, type SocketSide, wireQueues } from "./socket_side.ts";
import { Timer } from "./timers.ts";
import type { Flushable } from "./turn.ts";

/** Sources that one endpoint listens to; the one that was silent longest makes way. */
const MOST_SOURCES = 256;
/** Bytes in a packet, whatever the MULTICAST_MAXTPDU of who sent it. */
const LARGEST_PACKET = 65_535;
/** A source that was heard within so many milliseconds makes way for nobody. */
const RECENT_MS = 10000;
/** Packets of a source that may wait for one that is missing, at least and at most. */
const LEAST_WINDOW = 1024;
const MOST_WINDOW = 65536;
/** Bytes of packets that wait for missing ones, of all sources. */
const WINDOW_BYTES = 134217728;
/** How long a publisher that closes goes on repairing what it sent last, in milliseconds. */
const GRACE_MS = 250;

/** A source, and the pipe of what it sends. */
interface Incoming {
  readonly inflow: Inflow;
  readonly pipe: Pipe;
  attached: boolean;
  asks: number;
}

export class MulticastEndpoint implements Endpoint, Wire, Flushable {
  /** As it was given. */
  readonly address: string;
  readonly #socket: SocketSide;
  readonly #owner: EndpointOwner;
  readonly #place: EpgmPlace;
  readonly #complaints: Complaints;
  readonly #publishes: boolean;
  readonly #mostWaiting: number;
  /** For what waits of all sources. */
  readonly #windows = new Reserve(WINDOW_BYTES);
  readonly #timer: Timer;
  readonly #sockets: DatagramSocket[] = [];
  /** Its own socket: what it sends, and what is sent to it alone. */
  #own: DatagramSocket | null = null;
  #open = 0;
  #alive = 0;
  #tsi: Tsi | null = null;
  #pipe: Pipe | null = null;
  #frames: LogFrames | null = null;
  #source: Source | null = null;
  readonly #incoming = new Map<string, Incoming>();
  #blocked = false;
  #enqueued = false;
  readonly #hold: OneHold;
  #closing = false;
  #lastData = -Infinity;
  #over = false;
  #settle: ((error: Error | undefined) => void) | null = null;

  constructor(
    socket: SocketSide,
    address: string,
    place: EpgmPlace,
    owner: EndpointOwner,
  ) {
    this.#socket = socket;
    this.#hold = new OneHold(socket.reactor);
    this.address = address;
    this.#place = place;
    this.#owner = owner;
    this.#complaints = new Complaints(socket);
    this.#publishes = socket.type === "PUB" || socket.type === "XPUB";
    const { rate, recoveryInterval, multicastMaxTransportDataUnit } =
      socket.options;
    const packets = recoveryInterval * Math.floor(rate / 8) /
      multicastMaxTransportDataUnit;
    this.#mostWaiting = Math.min(
      Math.max(Math.floor(packets), LEAST_WINDOW),
      MOST_WINDOW,
    );
    this.#timer = new Timer(() => this.#due());
    if (this.#publishes) {
      const pipe = this.#pipe = new Pipe(...wireQueues(socket));
      pipe.wire = this;
      this.#frames = new LogFrames(pipe.log!, socket.reactor.reserve);
    }
  }

  /** The sockets it needs. */
  targets(): DatagramTarget[] {
    const { interface: via, receive, send, port } = this.#place;
    const { multicastLoop, multicastHops, multicastMaxTransportDataUnit } =
      this.#socket.options;
    const groups = {
      kind: "udp",
      shared: true,
      ipv6: false,
      to: null,
      interface: via,
      loop: multicastLoop,
      hops: multicastHops ?? 1,
      largest: LARGEST_PACKET,
      usual: multicastMaxTransportDataUnit,
    } as const;
    const own: DatagramTarget = {
      ...groups,
      host: via.startsWith("127.") ? this.#loopbackHost(via) : via || "*",
      port: this.#publishes ? port : 0,
      group: "",
    };
    // A publisher is in its group too: those who can't reach it alone ask there.
    const joined = this.#publishes ? [send] : receive;
    return [
      own,
      ...joined.map((group) => ({ ...groups, host: group, port, group })),
    ];
  }

  /** Opens it; resolves once it is in the group, or rejects with a `ZmqError`. */
  async open(targets: readonly DatagramTarget[]): Promise<void> {
    if (this.#pipe !== null) this.#socket.attach(this.#pipe);
    const { adapter } = this.#socket.reactor;
    const error = await new Promise<Error | undefined>((resolve) => {
      this.#settle = resolve;
      this.#alive = targets.length;
      targets.forEach((target, i) =>
        this.#sockets.push(
          adapter.openDatagrams(target, this.#handler(i === 0)),
        )
      );
    });
    if (error !== undefined) throw openError(this.address, error);
  }

  close(by?: unknown): void {
    this.#closing = true;
    this.#retire();
    if (by === true) this.#pipe?.log?.clear();
    const source = this.#source;
    if (source !== null && by !== true) {
      this.#pump();
      return;
    }
    if (source !== null) this.#farewell(source);
    this.abort();
  }

  abort(): void {
    this.#closing = true;
    this.#retire();
    for (const { inflow, pipe } of this.#incoming.values()) {
      inflow.close();
      if (pipe.open) this.#socket.detach(pipe);
    }
    this.#incoming.clear();
    this.#socket.reactor.timers.clear(this.#timer);
    this.#hold.letGo();
    if (this.#alive === 0) this.#finish();
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  // Wire: what the pipe of a publisher wants.

  wantsWrite(): void {
    this.#hold.take();
    if (this.#enqueued) return;
    this.#enqueued = true;
    this.#socket.reactor.turn.enqueue(this);
  }

  flush(): void {
    this.#pump();
  }

  control(): void {}

  refuse(): void {
    this.abort();
  }

  adjust(): void {
    const { options } = this.#socket;
    if (this.#pipe !== null) {
      adjustQueues(this.#pipe, options);
      this.#pipe.taken();
    }
    for (const { pipe } of this.#incoming.values()) adjustQueues(pipe, options);
  }

  turnEnded(): void {
    this.#enqueued = false;
    this.#pump();
  }

  // The sockets.

  #handler(own: boolean): DatagramHandler {
    return {
      opened: (socket) => {
        if (own) this.#own = socket;
        this.#open++;
        if (this.#open === this.#alive) this.#ready();
      },
      datagram: (bytes, host) => this.#datagram(bytes, host),
      drained: () => {
        this.#blocked = false;
        this.#pump();
      },
      closed: (error) => this.#closed(error),
    };
  }

  #ready(): void {
    if (this.#closing) return;
    const { reactor, options } = this.#socket;
    const [host] = this.#own!.local.split(":");
    const now = reactor.now();
    if (this.#pipe !== null) {
      const gsi = new Uint8Array(6);
      reactor.adapter.entropy(gsi);
      this.#tsi = { gsi, port: reactor.random32() >>> 16 };
      this.#source = new Source(
        {
          tsi: this.#tsi,
          session: this.#place.port,
          address: nlaBytes(host),
          group: nlaBytes(this.#place.send),
          rate: options.rate,
          recoveryInterval: options.recoveryInterval,
          maxTpdu: options.multicastMaxTransportDataUnit,
        },
        new ApduWriter(this.#frames!),
        now,
      );
      // Nobody subscribes over epgm: everything is wanted.
      this.#pipe.inbound.push(EMPTY, SUBSCRIBE);
      this.#pipe.pattern?.readable(this.#pipe);
      this.#pump();
    }
    this.#settle?.(undefined);
    this.#settle = null;
  }

  #closed(error: Error | undefined): void {
    this.#settle?.(error ?? new Error("it was closed"));
    this.#settle = null;
    this.#alive--;
    this.abort();
  }

  #datagram(bytes: Uint8Array, host: string): void {
    // What answers go out by may be open later than the group.
    if (this.#own === null || this.#closing && this.#source === null) return;
    const { reactor } = this.#socket;
    reactor.turn.entered();
    const packet = parsePacket(bytes);
    if (typeof packet === "string") {
      const from = `${packet} (from ${host})`;
      this.#complaints.tell(this.address, new Fault("peer", "EBADMSG", from));
      return;
    }
    const now = reactor.now();
    if (this.#source !== null) this.#upstream(packet, now);
    else if (packet.destinationPort === this.#place.port) {
      this.#downstream(packet, host, now);
    }
  }

  // A publisher.

  #upstream(packet: Packet, now: number): void {
    if (packet.sourcePort !== this.#place.port) return;
    if (tsiKey(tsiOf(packet)) !== tsiKey(this.#tsi!)) return;
    this.#source!.receive(packet, now);
    this.#pump();
  }

  #pump(): void {
    const source = this.#source;
    if (source === null || this.#blocked || this.#over) return;
    const { send, port } = this.#place;
    const to = { host: send, port };
    const { log } = this.#pipe!;
    let now = this.#socket.reactor.now();
    for (;;) {
      const packet = source.next(now);
      if (packet === null) break;
      if (packet[4] === ODATA) this.#lastData = now;
      if (!this.#own!.send(packet, to)) {
        this.#blocked = true;
        return;
      }
      now = this.#socket.reactor.now();
    }
    if (!source.waiting) {
      log!.armed = false;
      if (!this.#closing) this.#hold.letGo();
      else if (source.done) {
        this.abort();
        return;
      } else if (now >= this.#lastData + GRACE_MS) {
        source.end();
        this.#pump();
        return;
      }
    }
    this.#pipe!.taken();
    const grace = this.#closing && !source.ending
      ? this.#lastData + GRACE_MS
      : Infinity;
    this.#setTimer(Math.min(source.deadline(now), grace));
  }

  /** Says goodbye without having sent all, if the rate allows it: who listens has room for others then. */
  #farewell(source: Source): void {
    const { send, port } = this.#place;
    source.end();
    const packet = source.next(this.#socket.reactor.now());
    if (packet !== null) this.#own!.send(packet, { host: send, port });
  }

  // A subscriber.

  #downstream(packet: Packet, host: string, now: number): void {
    const { type } = packet;
    const data = type === ODATA || type === RDATA;
    if (!data && type !== SPM && type !== NCF) return;
    const key = tsiKey(tsiOf(packet));
    let incoming = this.#incoming.get(key);
    if (incoming === undefined) {
      if (type === NCF || !this.#makesWay(now)) return;
      incoming = this.#listenTo(packet, host, now);
      this.#incoming.set(key, incoming);
    }
    incoming.inflow.receive(packet, now);
    this.#delivered(incoming);
    this.#serve(key, incoming, now);
    this.#setTimer(this.#earliest());
  }

  #listenTo(packet: Packet, host: string, now: number): Incoming {
    const { reactor, options } = this.#socket;
    const [inbound, log] = wireQueues(this.#socket);
    const pipe = new Pipe(inbound, log);
    const { gsi, port } = tsiOf(packet);
    const inflow = new Inflow(
      { gsi: gsi.slice(), port },
      new ReceiveWindow(
        this.#mostWaiting,
        this.#windows,
        () => reactor.random(),
      ),
      inbound,
      options.maxMessageSize < 0 ? Infinity : options.maxMessageSize,
      options.maxMessageParts,
      reactor.reserve,
      now,
    );
    const incoming = { inflow, pipe, attached: false, asks: 0 };
    pipe.peer = {
      address: host,
      routingId: EMPTY,
      socketType: "PUB",
      mechanism: "",
    };
    pipe.wire = {
      // What a subscriber says has nowhere to go.
      wantsWrite: () => log.clear(),
      flush: () => log.clear(),
      control: () => {},
      refuse: () => {},
      adjust: () => this.adjust(),
      close: () => {},
    };
    inbound.producer = {
      resume: () => {
        inflow.deliver();
        this.#delivered(incoming);
        this.#setTimer(this.#earliest());
      },
    };
    return incoming;
  }

  /** Lets the socket know what came, and of what did not. */
  #delivered(incoming: Incoming): void {
    const { inflow, pipe } = incoming;
    if (pipe.inbound.full) pipe.inbound.starved = true;
    if (pipe.inbound.count > 0) {
      if (!incoming.attached) {
        incoming.attached = true;
        this.#socket.attach(pipe);
      }
      pipe.pattern?.readable(pipe);
    }
    const { fault } = inflow;
    if (fault === null) return;
    inflow.fault = null;
    if (fault.blame === "peer") this.#complaints.tell(this.address, fault);
    else {
      this.#socket.emit({
        type: "loss",
        address: this.address,
        error: eventError(fault),
        peer: pipe.peer!,
      });
    }
  }

  /** Asks a source for what is missing, and forgets one that has gone. */
  #serve(key: string, incoming: Incoming, now: number): void {
    const { inflow } = incoming;
    const { tsi } = inflow;
    const { send, port } = this.#place;
    for (const sqns of inflow.asks(now)) {
      const source = nlaBytes(inflow.address || "0.0.0.0");
      const nak = nakPacket(NAK, tsi, port, sqns, source, nlaBytes(send));
      this.#toSource(incoming, nak);
    }
    this.#delivered(incoming);
    if (inflow.asksForPath(now)) {
      this.#toSource(incoming, spmrPacket(tsi, port));
    }
    if (inflow.expired(now)) this.#forget(key, incoming);
  }

  /** To a source alone; every second time, and while its address isn't known, to all. */
  #toSource(incoming: Incoming, packet: Uint8Array): void {
    const { send, port } = this.#place;
    const host = incoming.inflow.address;
    if (host !== "") this.#own!.send(packet, { host, port });
    if (host === "" || incoming.asks++ % 2 === 1) {
      this.#own!.send(packet, { host: send, port });
    }
  }

  #forget(key: string, { inflow, pipe, attached }: Incoming): void {
    inflow.close();
    this.#incoming.delete(key);
    if (attached) this.#socket.detach(pipe);
  }

  /** Whether there is room for another source; one that was silent for long makes it. */
  #makesWay(now: number): boolean {
    if (this.#incoming.size < MOST_SOURCES) return true;
    let oldest: [string, Incoming] | null = null;
    for (const entry of this.#incoming) {
      if (oldest === null || entry[1].inflow.heard < oldest[1].inflow.heard) {
        oldest = entry;
      }
    }
    if (now - oldest![1].inflow.heard < RECENT_MS) {
      this.#complaints.tell(
        this.address,
        new Fault(
          "limit",
          "EMFILE",
          `at most ${MOST_SOURCES} sources are listened to`,
        ),
      );
      return false;
    }
    this.#forget(...oldest!);
    return true;
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const { inflow } of this.#incoming.values()) {
      earliest = Math.min(earliest, inflow.deadline);
    }
    return earliest;
  }

  #due(): void {
    if (this.#source !== null) {
      this.#pump();
      return;
    }
    const now = this.#socket.reactor.now();
    for (const [key, incoming] of [...this.#incoming]) {
      if (incoming.inflow.deadline <= now) this.#serve(key, incoming, now);
    }
    this.#setTimer(this.#earliest());
  }

  #setTimer(at: number): void {
    if (this.#over) return;
    this.#socket.reactor.timers.set(this.#timer, at);
  }

  /** An address of the loopback that is this publisher's own: NAKs find it by that. */
  #loopbackHost(via: string): string {
    if (!this.#publishes) return via;
    const chance = this.#socket.reactor.random32();
    const bytes = [chance >>> 8, chance >>> 16, chance >>> 24];
    return `127.${bytes.map((byte) => 1 + (byte & 255) % 254).join(".")}`;
  }

  #retire(): void {
    const pipe = this.#pipe;
    if (pipe !== null && pipe.open && pipe.pattern !== null) {
      this.#socket.detach(pipe);
    }
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#hold.letGo();
    this.#socket.reactor.timers.clear(this.#timer);
    this.#retire();
    this.#frames?.close();
    this.#pipe?.log?.clear();
    this.#owner.endpointOver(this);
  }
}
