// What a runtime's sockets can do: ZMTP's frames over Deno.listen, Bun.listen or
// node:net, without a handshake and without a queue. 64 KiB blocks; a header and
// a body written for each message, a header parsed and a view made of each, in
// memory that nobody overwrites. The modes push, pull, req, rep of libzmq.c.

import { connect as nodeConnect, createServer, type Socket } from "node:net";
import process from "node:process";
import { RUNTIME } from "../../test/support/runtime.ts";

const BLOCK = 65536;
const LONG = 2;
/** Rests of a block that are worth reading into. */
const WORTH_READING = 16384;
/** Bodies that are written from where they lie, behind their header. */
const LARGE = 32768;

const [mode, ...args] = process.argv.slice(2);
const endpoint = mode === "push" || mode === "req" ? args.shift()! : "";
const [size, warm, count] = args.map(Number);
const total = warm + count;
const now = process.hrtime.bigint;

/** A connection, as each runtime has it. */
interface Wire {
  /** Writes bytes; true if they can be reused at once, or a promise of that. */
  write(bytes: Uint8Array): true | Promise<void>;
  /** Ends this side, and resolves when the other has. */
  end(): Promise<void>;
}

/** Makes views of messages out of what comes in. */
class Parser {
  readonly #take: (message: Uint8Array) => void;
  #head = new Uint8Array(9);
  #have = 0;
  #body: Uint8Array | null = null;
  #filled = 0;

  constructor(take: (message: Uint8Array) => void) {
    this.#take = take;
  }

  /** What is missing of a body that was begun. */
  get missing(): Uint8Array | null {
    return this.#body?.subarray(this.#filled) ?? null;
  }

  /** So many bytes were read into what was missing. */
  filled(length: number): void {
    this.#filled += length;
    const body = this.#body!;
    if (this.#filled < body.length) return;
    this.#body = null;
    this.#take(body);
  }

  feed(chunk: Uint8Array): void {
    const { buffer, byteOffset } = chunk;
    const end = chunk.length;
    let at = this.#rest(chunk);
    while (at < end) {
      const long = (chunk[at] & LONG) !== 0;
      const header = long ? 9 : 2;
      if (end - at < header) {
        this.#head.set(chunk.subarray(at));
        this.#have = end - at;
        return;
      }
      const length = long ? longLength(chunk, at + 1) : chunk[at + 1];
      at += header;
      if (end - at < length) {
        this.#begin(length, chunk.subarray(at));
        return;
      }
      this.#take(new Uint8Array(buffer, byteOffset + at, length));
      at += length;
    }
  }

  /** Completes what the last chunk left; returns where the next message begins. */
  #rest(chunk: Uint8Array): number {
    let at = 0;
    if (this.#have > 0) {
      const head = this.#head;
      const header = (head[0] & LONG) !== 0 ? 9 : 2;
      while (this.#have < header && at < chunk.length) {
        head[this.#have++] = chunk[at++];
      }
      if (this.#have < header) return at;
      this.#have = 0;
      this.#begin(header === 9 ? longLength(head, 1) : head[1], NOTHING);
    }
    const missing = this.missing;
    if (missing === null) return at;
    const part = chunk.subarray(at, at + missing.length);
    missing.set(part);
    this.filled(part.length);
    return at + part.length;
  }

  #begin(length: number, part: Uint8Array): void {
    this.#body = new Uint8Array(length);
    this.#body.set(part);
    this.#filled = part.length;
    if (length === 0) this.filled(0);
  }
}

const NOTHING = new Uint8Array(0);

function longLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let i = 0; i < 8; i++) length = length * 256 + bytes[at + i];
  return length;
}

function writeHeader(into: Uint8Array, at: number, length: number): number {
  if (length < 256) {
    into[at] = 0;
    into[at + 1] = length;
    return at + 2;
  }
  into[at] = LONG;
  for (let i = 8, rest = length; i > 0; i--, rest = Math.floor(rest / 256)) {
    into[at + i] = rest % 256;
  }
  return at + 9;
}

function writeMessage(into: Uint8Array, at: number, body: Uint8Array): number {
  at = writeHeader(into, at, body.length);
  if (body.length > 32) into.set(body, at);
  else for (let i = 0; i < body.length; i++) into[at + i] = body[i];
  return at + body.length;
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

type Bytes = Uint8Array<ArrayBuffer>;
type Opened = (wire: Wire) => Parser;

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

  async #read(parser: Parser): Promise<void> {
    let block = new Uint8Array(BLOCK);
    let used = 0;
    for (;;) {
      const body = parser.missing;
      // The rest of a large body is read to where it belongs.
      if (body !== null && body.length >= LARGE) {
        const length = await this.#conn.read(body as Bytes);
        if (length === null) return;
        parser.filled(length);
        continue;
      }
      if (BLOCK - used < WORTH_READING) {
        block = new Uint8Array(BLOCK);
        used = 0;
      }
      const length = await this.#conn.read(block.subarray(used));
      if (length === null) return;
      parser.feed(block.subarray(used, used + length));
      used += length;
    }
  }
}

class BunWire implements Wire {
  readonly socket: BunSocket;
  parser!: Parser;
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

  constructor(socket: Socket, opened: Opened) {
    this.#socket = socket;
    socket.setNoDelay(true);
    const parser = opened(this);
    socket.on("data", (chunk: Uint8Array) => parser.feed(chunk));
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
        wire.parser = opened(wire);
      },
      data: (socket, chunk) => socket.data.wire.parser.feed(chunk),
      drain: (socket) => socket.data.wire.drained(),
      close: (socket) => socket.data.wire.over(),
    },
  };
}

const bun = (globalThis as unknown as { Bun: BunNamespace }).Bun;

/** Takes one connection, and says where. */
async function listen(opened: Opened): Promise<void> {
  let port: number;
  if (RUNTIME === "deno") {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    port = listener.addr.port;
    listener.accept().then((conn) => new DenoWire(conn, opened));
  } else if (RUNTIME === "bun") {
    port = bun.listen(bunHandlers(0, opened)).port;
  } else {
    const server = createServer((socket) => new NodeWire(socket, opened));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    port = (server.address() as { port: number }).port;
  }
  console.log(`endpoint ${port}`);
}

async function connect(opened: Opened): Promise<void> {
  const hostname = "127.0.0.1";
  const port = Number(endpoint);
  if (RUNTIME === "deno") {
    new DenoWire(await Deno.connect({ hostname, port }), opened);
  } else if (RUNTIME === "bun") {
    await bun.connect(bunHandlers(port, opened));
  } else {
    const socket = nodeConnect({ host: hostname, port }, () => {
      new NodeWire(socket, opened);
    });
  }
}

function check(message: Uint8Array): void {
  if (message.length === size) return;
  console.error("a message of another size");
  process.exit(1);
}

function measured(operations: number, began: bigint): never {
  console.log(`measured ${operations} ${now() - began}`);
  process.exit();
}

/** Sends all: many in a block, or a large one behind its header. */
async function push(wire: Wire): Promise<void> {
  const body = new Uint8Array(size);
  const block = new Uint8Array(BLOCK);
  let at = 0;
  for (let i = 0; i < total; i++) {
    if (size >= LARGE) {
      // The header may still be on its way when the body is given; both stay as they are.
      const head = wire.write(block.subarray(0, writeHeader(block, 0, size)));
      if (head !== true) await head;
      const rest = wire.write(body);
      if (rest !== true) await rest;
      continue;
    }
    if (at + size + 9 > BLOCK) {
      const done = wire.write(block.subarray(0, at));
      if (done !== true) await done;
      at = 0;
    }
    at = writeMessage(block, at, body);
  }
  if (at > 0) await wire.write(block.subarray(0, at));
  await wire.end();
  process.exit();
}

const idle = new Parser(check);

if (mode === "push") {
  await connect((wire) => {
    push(wire);
    return idle;
  });
} else if (mode === "pull") {
  let got = 0;
  let began = 0n;
  await listen(() =>
    new Parser((message) => {
      check(message);
      if (got++ === warm) began = now();
      if (got === total) measured(count - 1, began);
    })
  );
} else if (mode === "req") {
  const body = new Uint8Array(size);
  const block = new Uint8Array(size + 9);
  let got = 0;
  let began = 0n;
  await connect((wire) => {
    const ask = () => {
      if (got === warm) began = now();
      wire.write(block.subarray(0, writeMessage(block, 0, body)));
    };
    Promise.resolve().then(ask);
    return new Parser((message) => {
      check(message);
      if (++got === total) measured(count, began);
      ask();
    });
  });
} else if (mode === "rep") {
  const block = new Uint8Array(size + 9);
  let got = 0;
  await listen((wire) =>
    new Parser((message) => {
      const length = writeMessage(block, 0, message);
      const done = wire.write(block.subarray(0, length));
      if (++got < total) return;
      Promise.resolve(done).then(() => wire.end()).then(() => process.exit());
    })
  );
} else {
  console.error("usage: see the heads of bare.ts and libzmq.c");
  process.exit(1);
}
