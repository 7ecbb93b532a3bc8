// Datagrams by `node:dgram`, which all server runtimes have.

import type { Socket, SocketOptions } from "node:dgram";
import type {
  DatagramAddress,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
} from "../src/runtime/adapter.ts";
import { coded } from "./coded.ts";
import {
  family,
  hasInterface,
  hostPort,
  interfaceHost,
  listenHost,
  nodeDgram,
  outwardHost,
  posix,
} from "./platform.ts";

/** What a runtime can do with datagrams. */
export interface DatagramAbilities {
  /** Whether it can set SO_REUSEPORT. */
  readonly sharesPorts: boolean;
  /** How many it may hold for the kernel: 1 where several overtake one another. */
  readonly pending: number;
  /**
   * Whether the receive buffer is memory that each datagram is read into, and new for
   * each: on Deno 2, where that of the kernel can't be set.
   */
  readonly buffersReads: boolean;
}

const MOST_HOPS = 255;
/** Bytes that the kernel may hold for us: bursts are lost without. */
const RECEIVE_BUFFER = 1048576;
/** What Deno reads a datagram into unless it is told, and what it is told first. */
const READ_BUFFER = 65536;
const FIRST_READS = 9216;

export class NodeDatagrams implements DatagramSocket {
  local = "";
  readonly #target: DatagramTarget;
  readonly #handler: DatagramHandler;
  readonly #abilities: DatagramAbilities;
  #socket: Socket | null = null;
  #to: DatagramAddress | null = null;
  #over = false;
  #pending = 0;
  /** Bytes that a datagram is read into, where that is for us to say. */
  #readBytes = Infinity;
  #waiting = false;
  #closing = false;
  readonly #sent = () => {
    this.#pending--;
    if (this.#closing) {
      if (this.#pending === 0) this.#close(undefined);
      return;
    }
    const few = this.#pending <= this.#abilities.pending >> 1;
    if (!this.#waiting || !few || this.#over) return;
    this.#waiting = false;
    this.#handler.drained();
  };

  constructor(
    target: DatagramTarget,
    handler: DatagramHandler,
    abilities: DatagramAbilities,
  ) {
    this.#target = target;
    this.#handler = handler;
    this.#abilities = abilities;
  }

  open(): void {
    this.#open().catch((error) => this.#close(posix(error)));
  }

  send(bytes: Uint8Array, to: DatagramAddress | null): boolean {
    const where = to ?? this.#to;
    if (this.#over || this.#socket === null || where === null) return true;
    this.#pending++;
    try {
      this.#socket.send(bytes, where.port, where.host, this.#sent);
    } catch {
      // It is lost, as what the network loses.
      this.#pending--;
    }
    if (this.#pending < this.#abilities.pending) return true;
    this.#waiting = true;
    return false;
  }

  close(): void {
    this.#closing = true;
    if (this.#pending > 0) return;
    Promise.resolve().then(() => this.#close(undefined));
  }

  async #open(): Promise<void> {
    const { host, port, to, ipv6, group } = this.#target;
    if (to !== null) {
      this.#to = { host: await listenHost(to.host, ipv6), port: to.port };
    }
    const address = host === ""
      ? ""
      : host === "*"
      ? outwardHost()
      : await listenHost(host, ipv6);
    const literal = this.#to?.host ?? (group || address);
    const six = literal === "" ? ipv6 : family(literal) === 6;
    if (six && !ipv6) {
      throw coded(
        "ENODEV",
        `${literal} is an IPv6 address; set the option ipv6`,
      );
    }
    if (this.#over) return;
    const socket = this.#socket = this.#make(six);
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      const everywhere = six ? "::" : "0.0.0.0";
      socket.bind(
        { address: address || everywhere, port, exclusive: true },
        resolve,
      );
    });
    if (this.#over) return;
    socket.unref();
    this.#setGroups(socket, six);
    const bound = socket.address();
    this.local = hostPort(bound.address, bound.port);
    this.#handler.opened(this);
  }

  #make(six: boolean): Socket {
    const options: SocketOptions & { reusePort?: boolean } = {
      type: six ? "udp6" : "udp4",
      // Addresses are literals here: nothing is looked up a second time.
      lookup: (name, _options, done) => {
        // Node's sockets of IPv6 know addresses of IPv4 by this form only.
        const front = six && family(name) === 4 ? "::ffff:" : "";
        done(null, front + name, six ? 6 : 4);
      },
    };
    if (this.#target.shared) {
      options.reuseAddr = true;
      if (this.#abilities.sharesPorts) options.reusePort = true;
    }
    const socket = nodeDgram().createSocket(options);
    // What the network says of a datagram that was sent is no end of the socket.
    socket.on("error", (error) => {
      if (this.local === "") this.#close(posix(error));
    });
    socket.on("message", (bytes, from) => {
      if (this.#over) return;
      const cut = bytes.length === this.#readBytes;
      if (cut && this.#readBytes <= this.#target.largest) {
        // It is lost, as what the network loses; the next of its size won't be.
        this.#readInto(socket, Infinity);
        return;
      }
      // A view of memory of its own, or else a copy; and no Buffer.
      const own = bytes.length === bytes.buffer.byteLength
        ? new Uint8Array(bytes.buffer)
        : new Uint8Array(bytes);
      this.#handler.datagram(own, from.address, from.port);
    });
    return socket;
  }

  #setGroups(socket: Socket, six: boolean): void {
    const { group, interface: via, loop, hops } = this.#target;
    const device = via === "" ? undefined : groupInterface(via, six);
    if (group !== "") socket.addMembership(group, device);
    if (device !== undefined) socket.setMulticastInterface(device);
    socket.setMulticastTTL(Math.min(hops, MOST_HOPS));
    socket.setMulticastLoopback(loop);
    try {
      const reads = this.#abilities.buffersReads &&
        socket.getRecvBufferSize() === READ_BUFFER;
      const { usual } = this.#target;
      if (reads) this.#readInto(socket, Math.max(FIRST_READS, usual + 1));
      else socket.setRecvBufferSize(RECEIVE_BUFFER);
    } catch {
      // Then it has what the system gives.
    }
  }

  /** Has datagrams read into so many bytes, and no more than matter. */
  #readInto(socket: Socket, most: number): void {
    const bytes = Math.min(most, this.#target.largest + 1);
    // Linux's kernel doubles what it is told, and Deno does the same there.
    socket.setRecvBufferSize((bytes + 1) >> 1);
    if (socket.getRecvBufferSize() < bytes) socket.setRecvBufferSize(bytes);
    this.#readBytes = socket.getRecvBufferSize();
  }

  #close(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    const closed = () => this.#handler.closed(error);
    const socket = this.#socket;
    if (socket === null) {
      closed();
      return;
    }
    try {
      // On Deno its port is free then, and not before.
      socket.close(closed);
    } catch {
      // It was never open.
      closed();
    }
  }
}

/** An interface as groups want it: an address of IPv4, or the scope of IPv6. */
function groupInterface(via: string, six: boolean): string {
  if (!six) return interfaceHost(via);
  if (family(via) !== 0) {
    throw coded(
      "ENODEV",
      `groups of IPv6 need the name of an interface, not ${via}`,
    );
  }
  // No name is the system's choice to what takes it, and so is an unknown one.
  if (!hasInterface(via)) throw coded("ENODEV", `there is no interface ${via}`);
  return `::%${via}`;
}
