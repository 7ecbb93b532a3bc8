// The sockets of each runtime: Deno.listen, Bun.listen and node:net, as the bare loop
// has them.

import {
  connect as nodeConnect,
  createServer,
  type OnReadOpts,
  Socket,
  type SocketConstructorOpts,
} from "node:net";
import { RUNTIME } from "../../test/support/runtime.ts";

/** Blocks that are written, and read into. */
export const BLOCK = 65536;
/** Rests of a block that are worth reading into. */
const WORTH_READING = 16384;
/** Bodies that are written from where they lie, behind their header. */
export const LARGE = 32768;

/** A connection, as each runtime has it. */
export interface Wire {
  /** Writes bytes; true if they can be reused at once, or a promise of that. */
  write(bytes: Uint8Array): true | Promise<void>;
  /** Ends this side, and resolves when the other has. */
  end(): Promise<void>;
}

/** Takes in what comes. */
export interface Intake {
  /** What is missing of a body that was begun. */
  readonly missing: Uint8Array | null;
  /** So many bytes were read into what was missing. */
  filled(length: number): void;
  /** Takes more; a promise if there should be no more before it resolves. */
  feed(chunk: Uint8Array): Promise<void> | void;
}

/** What is used of Bun. */
interface BunSocket {
  data: { wire: BunWire };
  write(bytes: Uint8Array): number;
  end(): void;
  setNoDelay?(noDelay: boolean): void;
}
interface BunHandlers {
  hostname: string;
  port: number;
  socket: {
    open(socket: BunSocket): void;
    data(socket: BunSocket, chunk: Uint8Array): void;
    drain(socket: BunSocket): void;
    close(socket: BunSocket): void;
  };
}
interface BunNamespace {
  listen(options: BunHandlers): { port: number; stop(): void };
  connect(options: BunHandlers): Promise<unknown>;
}

/** What is used of what is behind a server of Node. */
interface NodeHandle {
  onconnection(status: number, client: object): void;
}

type Bytes = Uint8Array<ArrayBuffer>;
/** What is called with a connection; returns what takes in what comes. */
export type Opened = (wire: Wire) => Intake;

/** What is read into: the rest of a large body where it belongs, or else blocks. */
class Reading {
  intake: Intake | null = null;
  #block: Bytes = new Uint8Array(BLOCK);
  #used = 0;
  #body = false;

  /** Where the next bytes go. */
  target(): Bytes {
    const body = this.intake?.missing ?? null;
    this.#body = body !== null && body.length >= LARGE;
    if (this.#body) return body as Bytes;
    if (BLOCK - this.#used < WORTH_READING) {
      this.#block = new Uint8Array(BLOCK);
      this.#used = 0;
    }
    return this.#block.subarray(this.#used);
  }

  /** So many bytes were read there. */
  took(length: number): Promise<void> | void {
    if (this.#body) {
      this.intake!.filled(length);
      return;
    }
    const from = this.#used;
    this.#used += length;
    return this.intake!.feed(this.#block.subarray(from, this.#used));
  }

  /** The same as an option of Node's. */
  readonly onread: OnReadOpts = {
    buffer: () => this.target(),
    callback: (length) => {
      this.took(length);
      return true;
    },
  };
}

class DenoWire implements Wire {
  readonly #conn: Deno.TcpConn;
  readonly #over: Promise<void>;

  constructor(conn: Deno.TcpConn, opened: Opened) {
    this.#conn = conn;
    conn.setNoDelay(true);
    this.#over = this.#read(opened(this));
  }

  async write(bytes: Uint8Array): Promise<void> {
    let at = await this.#conn.write(bytes as Bytes);
    while (at < bytes.length) {
      at += await this.#conn.write(bytes.subarray(at) as Bytes);
    }
  }

  async end(): Promise<void> {
    await this.#conn.closeWrite();
    await this.#over;
    this.#conn.close();
  }

  async #read(intake: Intake): Promise<void> {
    const reading = new Reading();
    reading.intake = intake;
    for (;;) {
      const length = await this.#conn.read(reading.target());
      if (length === null) return;
      const taken = reading.took(length);
      if (taken !== undefined) await taken;
    }
  }
}

class BunWire implements Wire {
  readonly socket: BunSocket;
  intake!: Intake;
  drained: () => void = () => {};
  over: () => void = () => {};
  readonly #over = new Promise<void>((resolve) => this.over = resolve);

  constructor(socket: BunSocket) {
    this.socket = socket;
    socket.setNoDelay?.(true);
  }

  write(bytes: Uint8Array): true | Promise<void> {
    const wrote = this.socket.write(bytes);
    return wrote === bytes.length || this.#rest(bytes.subarray(wrote));
  }

  async end(): Promise<void> {
    this.socket.end();
    await this.#over;
  }

  async #rest(bytes: Uint8Array): Promise<void> {
    while (bytes.length > 0) {
      await new Promise<void>((resolve) => this.drained = resolve);
      bytes = bytes.subarray(this.socket.write(bytes));
    }
  }
}

class NodeWire implements Wire {
  readonly #socket: Socket;
  readonly #over: Promise<void>;
  #waiting: () => void = () => {};
  readonly #taken = () => {
    if (this.#socket.writableLength === 0) this.#waiting();
  };

  constructor(socket: Socket, reading: Reading, opened: Opened) {
    this.#socket = socket;
    socket.setNoDelay(true);
    reading.intake = opened(this);
    socket.resume();
    this.#over = new Promise((resolve) => socket.on("close", () => resolve()));
  }

  write(bytes: Uint8Array): true | Promise<void> {
    const socket = this.#socket;
    socket.write(bytes, this.#taken);
    // What the kernel took at once needs nobody to wait.
    if (socket.writableLength === 0) return true;
    return new Promise((resolve) => this.#waiting = resolve);
  }

  async end(): Promise<void> {
    this.#socket.end();
    await this.#over;
  }
}

function bunHandlers(port: number, opened: Opened): BunHandlers {
  return {
    hostname: "127.0.0.1",
    port,
    socket: {
      open(socket) {
        const wire = new BunWire(socket);
        socket.data = { wire };
        wire.intake = opened(wire);
      },
      data: (socket, chunk) => socket.data.wire.intake.feed(chunk),
      drain: (socket) => socket.data.wire.drained(),
      close: (socket) => socket.data.wire.over(),
    },
  };
}

const bun = (globalThis as unknown as { Bun: BunNamespace }).Bun;

/** Takes connections, and says where. */
export async function listen(opened: Opened): Promise<void> {
  let port: number;
  if (RUNTIME === "deno") {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    port = listener.addr.port;
    accept(listener, opened);
  } else if (RUNTIME === "bun") {
    port = bun.listen(bunHandlers(0, opened)).port;
  } else {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    port = (server.address() as { port: number }).port;
    // Its sockets can't be told what to read into, but what is behind them can.
    const { _handle: listening } = server as unknown as { _handle: NodeHandle };
    listening.onconnection = (_status, handle) => {
      const reading = new Reading();
      const options = { handle, onread: reading.onread };
      const socket = new Socket(options as SocketConstructorOpts);
      new NodeWire(socket, reading, opened);
    };
  }
  console.log(`endpoint ${port}`);
}

async function accept(
  listener: Deno.TcpListener,
  opened: Opened,
): Promise<void> {
  for await (const conn of listener) new DenoWire(conn, opened);
}

/** Makes a connection to what listens there. */
export async function connect(port: number, opened: Opened): Promise<void> {
  const hostname = "127.0.0.1";
  if (RUNTIME === "deno") {
    new DenoWire(await Deno.connect({ hostname, port }), opened);
  } else if (RUNTIME === "bun") {
    await bun.connect(bunHandlers(port, opened));
  } else {
    const reading = new Reading();
    const { onread } = reading;
    const socket = nodeConnect({ host: hostname, port, onread }, () => {
      new NodeWire(socket, reading, opened);
    });
  }
}
