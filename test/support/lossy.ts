// The adapter of this runtime, but datagrams are lost on purpose, and counted by
// the type of PGM packet.

import { pickAdapter } from "../../adapters/pick.ts";
import type {
  Adapter,
  ByteStream,
  DatagramAddress,
  DatagramHandler,
  DatagramSocket,
  DatagramTarget,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../../src/runtime/adapter.ts";
import { generator } from "../../adapters/simulated/random.ts";

export class LossyAdapter implements Adapter {
  /** How many packets of a type were sent and received, lost ones left out. */
  readonly sent: Map<number, number> = new Map();
  readonly received: Map<number, number> = new Map();
  readonly #inner: Adapter = pickAdapter();
  readonly #loss: number;
  readonly #random: () => number;

  constructor(loss: number, seed: number) {
    this.#loss = loss;
    this.#random = generator(seed);
  }

  get name(): Adapter["name"] {
    return this.#inner.name;
  }

  get features(): Adapter["features"] {
    return this.#inner.features;
  }

  get frameCopies(): Adapter["frameCopies"] {
    return this.#inner.frameCopies;
  }

  get copyReads(): number {
    return this.#inner.copyReads;
  }

  get x25519(): Adapter["x25519"] {
    return this.#inner.x25519;
  }

  get threads(): Adapter["threads"] {
    return this.#inner.threads;
  }

  get clock(): Adapter["clock"] {
    return this.#inner.clock;
  }

  entropy(into: Uint8Array): void {
    this.#inner.entropy(into);
  }

  endOfTurn(fn: () => void): void {
    this.#inner.endOfTurn(fn);
  }

  forbids(target: StreamTarget | DatagramTarget): Error | null {
    return this.#inner.forbids(target);
  }

  connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    return this.#inner.connect(target, handler);
  }

  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener | Promise<Listener> {
    return this.#inner.listen(target, accept, refused);
  }

  openDatagrams(
    target: DatagramTarget,
    handler: DatagramHandler,
  ): DatagramSocket {
    const survives = (counts: Map<number, number>, bytes: Uint8Array) => {
      if (this.#random() < this.#loss) return false;
      counts.set(bytes[4], (counts.get(bytes[4]) ?? 0) + 1);
      return true;
    };
    const socket = this.#inner.openDatagrams(target, {
      opened: () => handler.opened(wrapped),
      datagram: (bytes, host, port) => {
        if (survives(this.received, bytes)) handler.datagram(bytes, host, port);
      },
      drained: () => handler.drained(),
      closed: (error) => handler.closed(error),
    });
    const { sent } = this;
    const wrapped: DatagramSocket = {
      get local() {
        return socket.local;
      },
      send: (bytes: Uint8Array, to: DatagramAddress | null) =>
        survives(sent, bytes) ? socket.send(bytes, to) : true,
      close: () => socket.close(),
    };
    return wrapped;
  }
}
