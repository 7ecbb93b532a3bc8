// A socket of datagrams in a simulated world; each is lost, doubled and late as the
// world says.

import type {
  DatagramAddress,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
} from "../../src/runtime/adapter.ts";
import { coded } from "../coded.ts";
import type { SimulatedHost } from "./host.ts";

export class SimulatedDatagrams implements DatagramSocket {
  local = "";
  readonly target: DatagramTarget;
  readonly #host: SimulatedHost;
  readonly #handler: DatagramHandler;
  #port = 0;
  #over = false;

  constructor(
    host: SimulatedHost,
    target: DatagramTarget,
    handler: DatagramHandler,
  ) {
    this.#host = host;
    this.target = target;
    this.#handler = handler;
    host.world.after(0, () => this.#open());
  }

  send(bytes: Uint8Array, to: DatagramAddress | null): boolean {
    const where = to ?? this.target.to;
    if (this.#over || where === null) return true;
    const { world } = this.#host;
    const from = this.#host.address;
    const there = world.find(where.host, this.#host);
    for (const host of world.hosts()) {
      if (world.parted(host, this.#host)) continue;
      for (const socket of host.datagrams) {
        if (socket.#port !== where.port) continue;
        const group = socket.target.group === where.host &&
          (this.target.loop || host !== this.#host);
        if (!group && (host !== there || !socket.#hears(where.host))) continue;
        for (const time of world.arrivals()) {
          const copy = bytes.slice();
          world.after(time, () => socket.#arrive(copy, from, this.#port));
        }
      }
    }
    return true;
  }

  close(): void {
    this.#host.world.after(0, () => this.#end(undefined));
  }

  #open(): void {
    if (this.#over) return;
    const { port, shared, host } = this.target;
    const taken = [...this.#host.datagrams].some((other) =>
      other.#port === port && other.target.host === host &&
      !(shared && other.target.shared)
    );
    if (port !== 0 && taken) {
      this.#end(coded("EADDRINUSE", "the port is taken"));
      return;
    }
    this.#port = port === 0 ? this.#host.freePort() : port;
    // An interface, whatever its name, has the one address of its host.
    const literal = host === "" ? "0.0.0.0" : host;
    const bound = /^[\d.]+$/.test(literal) ? literal : this.#host.address;
    this.local = `${bound}:${this.#port}`;
    this.#host.datagrams.add(this);
    this.#handler.opened(this);
  }

  /** Whether what is sent to an address of its host is for it. */
  #hears(address: string): boolean {
    const { host } = this.target;
    return host === "" || host === address ||
      this.local.startsWith(`${address}:`);
  }

  #arrive(bytes: Uint8Array, host: string, port: number): void {
    if (!this.#over) this.#handler.datagram(bytes, host, port);
  }

  #end(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#host.datagrams.delete(this);
    this.#handler.closed(error);
  }
}
