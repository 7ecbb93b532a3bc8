// A peer that speaks raw bytes over a real socket, for what no decent library
// would say.

import { connect, createServer, type Server, type Socket } from "node:net";
import { bytes } from "./bytes.ts";
import { within } from "./wait.ts";
import { greeting, ready } from "./zmtp.ts";

export class RawPeer {
  /** Where it listens, or what it connected to. */
  readonly address: string;
  readonly port: number;
  readonly #type: string;
  #server: Server | null = null;
  #socket: Socket | null = null;
  #received: Uint8Array[] = [];
  #length = 0;
  #wake: () => void = () => {};
  #connected: () => void = () => {};
  #hungUp: () => void = () => {};
  readonly #connection: Promise<void>;
  /** Resolves when the other side has hung up. */
  readonly closed: Promise<void>;

  private constructor(address: string, port: number, type: string) {
    this.address = address;
    this.port = port;
    this.#type = type;
    this.#connection = new Promise((resolve) => this.#connected = resolve);
    this.closed = new Promise((resolve) => this.#hungUp = resolve);
  }

  /** Listens for one connection. */
  static async listen(type: string, port = 0): Promise<RawPeer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const bound = (server.address() as { port: number }).port;
    const peer = new RawPeer(`tcp://127.0.0.1:${bound}`, bound, type);
    peer.#server = server;
    server.on("connection", (socket) => peer.#take(socket));
    return peer;
  }

  /** Connects. */
  static async connect(address: string, type: string): Promise<RawPeer> {
    const port = Number(address.split(":").at(-1));
    const peer = new RawPeer(address, port, type);
    const socket = address.startsWith("ipc://")
      ? connect({ path: address.slice("ipc://".length).replace(/^@/, "\0") })
      : connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    peer.#take(socket);
    return peer;
  }

  /** Whether the other side has hung up. */
  get gone(): boolean {
    return this.#socket !== null && this.#socket.destroyed;
  }

  write(data: Uint8Array): void {
    this.#socket!.write(data);
  }

  /** Stops or goes on reading. */
  pause(): void {
    this.#socket!.pause();
  }
  resume(): void {
    this.#socket!.resume();
  }

  /** The next so many bytes. */
  async read(length: number): Promise<Uint8Array> {
    while (this.#length < length) {
      await within(
        `${length} bytes, of which ${this.#length} are there`,
        Promise.race([
          new Promise<void>((resolve) => this.#wake = resolve),
          this.closed.then(() => {
            throw new Error("the other side has hung up");
          }),
        ]),
      );
    }
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#received) {
      all.set(part, at);
      at += part.length;
    }
    this.#received = [all.slice(length)];
    this.#length -= length;
    return all.slice(0, length);
  }

  /** How many bytes are there to be read. */
  get unread(): number {
    return this.#length;
  }

  /** Greets, says READY, and hears the other side's. */
  async shakenHands(minor = 1): Promise<void> {
    await within("a connection", this.#connection);
    this.write(greeting("NULL", minor));
    await this.read(64);
    this.write(ready(this.#type));
    const [, length] = await this.read(2);
    await this.read(length);
  }

  /** The same, once so many bytes of the other side's greeting were read. */
  async shakenHandsAfter(read: number): Promise<void> {
    this.write(greeting());
    await this.read(64 - read);
    this.write(ready(this.#type));
    const [, length] = await this.read(2);
    await this.read(length);
  }

  /** Waits for a connection without a word. */
  async connected(): Promise<void> {
    await within("a connection", this.#connection);
  }

  /** Hangs up and stops listening. */
  async close(): Promise<void> {
    this.#socket?.destroy();
    if (this.#server !== null) {
      await new Promise<void>((resolve) =>
        this.#server!.close(() => resolve())
      );
    }
  }

  #take(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (data: Uint8Array) => {
      this.#received.push(data);
      this.#length += data.length;
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => this.#hungUp());
    socket.on("end", () => socket.destroy());
    this.#connected();
  }
}

/** Bytes that are no greeting. */
export const GARBAGE: Uint8Array = bytes('"GET / HTTP/1.1" 0d0a 0d0a');
