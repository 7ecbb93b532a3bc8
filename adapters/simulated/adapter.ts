// The runtime of one program in a simulated world.

import type {
  Adapter,
  ByteStream,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../../src/runtime/adapter.ts";
import type { FrameCopies } from "../../src/runtime/frame_copies.ts";
import { coded } from "../coded.ts";
import { SimulatedClock } from "./clock.ts";
import { SimulatedDatagrams } from "./datagrams.ts";
import type { SimulatedHost } from "./host.ts";
import { Link } from "./link.ts";
import { SimulatedListener } from "./listener.ts";
import type { SimulatedThread } from "./threads.ts";

/** The runtime of a program in a {@linkcode SimulatedWorld}. */
export class SimulatedAdapter implements Adapter {
  readonly name = "simulated";
  /** Some frames are copies and some are views, as on no runtime. */
  readonly frameCopies: FrameCopies = {
    below: 12,
    copy: (from, start, end) => from.slice(start, end),
  };
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>([
    "keepAlive",
    "keepAliveIdle",
    "keepAliveInterval",
    "keepAliveCount",
    "backlog",
    "sendBuffer",
    "receiveBuffer",
    "abstractNames",
    "datagrams",
    "sharedPorts",
    "streams",
    "paths",
    "sources",
  ]);
  readonly threads: SimulatedThread | null;
  readonly x25519: null = null;
  readonly clock: SimulatedClock;
  readonly #host: SimulatedHost;

  /** A program on this host, or one of its threads. */
  constructor(host: SimulatedHost, threads: SimulatedThread | null = null) {
    this.#host = host;
    this.threads = threads;
    this.clock = new SimulatedClock(host.world, threads);
  }

  entropy(into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) {
      into[i] = this.#host.world.between(0, 255);
    }
  }

  endOfTurn(fn: () => void): void {
    const { threads } = this;
    this.#host.world.turnEnds(
      threads === null ? fn : () => threads.alive && fn(),
    );
  }

  forbids(): null {
    return null;
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const { world } = this.#host;
    const link = new Link(this.#host, world);
    const near = link.near;
    near.handler = handler;
    if (target.kind === "ipc") {
      const { path } = target;
      world.after(world.latency(), () => link.arriveAt(this.#host, path));
      return near;
    }
    const there = world.find(target.host, this.#host);
    if (there === undefined) {
      world.after(world.latency(), () => link.refuse("EHOSTUNREACH"));
    } else if (!world.parted(this.#host, there)) {
      world.after(world.latency(), () => link.arrive(there, target.port));
    }
    return near;
  }

  openDatagrams(
    target: DatagramTarget,
    handler: DatagramHandler,
  ): DatagramSocket {
    return new SimulatedDatagrams(this.#host, target, handler);
  }

  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
  ): Promise<Listener> {
    const host = this.#host;
    if (target.kind === "ipc") {
      const path = target.path || `/tmp/nought-${host.freePort()}/socket`;
      return Promise.resolve(
        new SimulatedListener(host.paths, path, path, accept),
      );
    }
    const port = target.port === 0 ? host.freePort() : target.port;
    if (host.ports.has(port)) {
      return Promise.reject(coded("EADDRINUSE", "the port is taken"));
    }
    const everywhere = target.host === "0.0.0.0" || target.host === "::";
    if (
      !everywhere && host.world.find(target.host, host) !== host
    ) {
      return Promise.reject(coded("EADDRNOTAVAIL", "no such address here"));
    }
    return Promise.resolve(
      new SimulatedListener(
        host.ports,
        `${target.host}:${port}`,
        port,
        accept,
      ),
    );
  }
}
