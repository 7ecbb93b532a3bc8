// A connection of Deno's: it reads into memory of the handler's, and is told how much
// of a write has left.

import type {
  ByteStream,
  KeepAlive,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import { arrived, arrives, type Arriving } from "./arrivals.ts";
import { coded } from "./coded.ts";
import {
  deno,
  type DenoConn,
  type DenoPath,
  withCode,
} from "./deno_namespace.ts";
import { connectHost, endOfTurn, hostPort, later } from "./platform.ts";

/** Reads in a row before other work gets its turn: they may all be done at once. */
const READS = 16;
const IDLE_TARGET = 1024;
/**
 * An attempt that is given up may still end by itself for so long: Deno loses a
 * connection that is called off just as it comes about, and it stays open.
 */
const CALL_OFF_MS = 20;

const NONE = new Uint8Array(0);
/** What is called with it has its turn after the promises that are resolved already. */
const QUEUED = Promise.resolve();

export class DenoStream implements ByteStream, Arriving {
  readonly exact = true;
  local = "";
  remote = "";
  #handler: StreamHandler | null;
  #conn: DenoConn | null = null;
  /** Calls off an attempt to connect. */
  #caller: AbortController | null = null;
  /** Why the attempt was given up. */
  #givenUp: Error | null = null;
  #over = false;
  #paused = false;
  #reading = false;
  #reads = 0;
  /** Bytes that were read, and have their turn or wait for it; 0 is the end. */
  #count = 0;
  #target: Uint8Array = NONE;
  #ending = false;
  #writing: Uint8Array = NONE;
  #unwritten = 0;
  #cancelLimit: () => void = () => {};

  constructor(handler: StreamHandler | null = null) {
    this.#handler = handler;
  }

  connect(target: StreamTarget): void {
    const { signal } = this.#caller = new AbortController();
    whereTo(target)
      .then((where) => {
        if (this.#givenUp !== null) throw this.#givenUp;
        return deno.connect({ ...where, signal });
      })
      .then(
        (conn) => {
          if (target.kind === "ipc") this.remote = target.path;
          if (this.#givenUp === null) this.#opened(conn, target);
          else {
            conn.close();
            this.#close(this.#givenUp);
          }
        },
        (error) => this.#close(this.#givenUp ?? withCode(error)),
      );
  }

  /** Takes a connection that was accepted at a target that is called `local`. */
  accept(
    conn: DenoConn,
    target: StreamTarget,
    local: string,
    handler: StreamHandler,
  ): void {
    this.#handler = handler;
    this.local = local;
    this.#opened(conn, target);
  }

  write(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#writing = bytes;
    this.#unwritten = bytes.length;
    this.#conn!.write(bytes).then(this.#onWritten, this.#onError);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#read();
  }

  end(limit: number): void {
    if (this.#over || this.#conn === null) {
      this.abort();
      return;
    }
    this.#ending = true;
    this.#cancelLimit = later(() => this.#close(undefined), limit);
    this.#conn.closeWrite().catch(this.#onError);
    this.#paused = false;
    this.#read();
  }

  abort(): void {
    if (this.#over) return;
    if (this.#conn === null) {
      if (this.#givenUp !== null) return;
      this.#givenUp = coded("ECONNABORTED", "the attempt was ended");
      const callOff = () => this.#caller?.abort(this.#givenUp);
      this.#cancelLimit = later(callOff, CALL_OFF_MS);
    } else {
      Promise.resolve().then(() => this.#close(undefined));
    }
  }

  ref(): void {
    this.#conn?.ref();
  }

  unref(): void {
    this.#conn?.unref();
  }

  #opened(conn: DenoConn, target: StreamTarget): void {
    this.#conn = conn;
    this.#caller = null;
    conn.unref();
    if (target.kind === "tcp") {
      try {
        setTcp(conn, target.keepAlive);
      } catch (error) {
        // The peer has gone already.
        this.#handler!.opened(this);
        this.#close(withCode(error));
        return;
      }
      this.local = hostPort(conn.localAddr.hostname, conn.localAddr.port);
      this.remote = hostPort(conn.remoteAddr.hostname, conn.remoteAddr.port);
    }
    this.#handler!.opened(this);
    this.#read();
  }

  #read(): void {
    if (this.#reading || this.#paused || this.#over) return;
    this.#reading = true;
    if (++this.#reads % READS === 0) endOfTurn(this.#readNow);
    else this.#readNow();
  }

  readonly #readNow = () => {
    if (this.#over) return;
    this.#target = this.#ending
      ? new Uint8Array(IDLE_TARGET * 16)
      : this.#handler!.readTarget?.() ?? new Uint8Array(IDLE_TARGET);
    this.#conn!.read(this.#target).then(this.#onRead, this.#onError);
  };

  readonly #onRead = (count: number | null) => {
    this.#count = count ?? 0;
    if (arrives(this.#count, this)) this.#take();
  };

  /** What was read has its turn. */
  arrive(): void {
    arrived(this.#count, this);
    this.#take();
  }

  #take(): void {
    this.#reading = false;
    if (this.#over) return;
    const count = this.#count;
    if (count === 0) {
      this.#close(undefined);
      return;
    }
    if (!this.#ending) this.#handler!.data(this.#target.subarray(0, count));
    // Whoever was told of it answers first: to ask for more takes longer than that.
    QUEUED.then(this.#readOn);
  }

  readonly #readOn = () => this.#read();

  readonly #onWritten = (count: number) => {
    if (this.#over) return;
    const writing = this.#writing;
    const left = this.#unwritten - count;
    // Its memory may have been given away meanwhile; see OutboundLog.next.
    const gone = writing.length < this.#unwritten;
    this.#writing = NONE;
    this.#handler!.sent(count);
    if (left === 0 || this.#over) return;
    this.write(gone ? new Uint8Array(left) : writing.subarray(count));
  };

  readonly #onError = (error: unknown) => {
    this.#close(this.#ending ? undefined : withCode(error));
  };

  #close(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelLimit();
    this.#conn?.close();
    this.#handler!.closed(error);
  }
}

function setTcp(conn: DenoConn, keepAlive: KeepAlive): void {
  conn.setNoDelay(true);
  if (keepAlive.enable !== -1) conn.setKeepAlive(keepAlive.enable === 1);
}

async function whereTo(
  target: StreamTarget,
): Promise<{ hostname: string; port: number } | DenoPath> {
  if (target.kind === "ipc") return { transport: "unix", path: target.path };
  const { port, ipv6 } = target;
  return { hostname: await connectHost(target.host, ipv6), port };
}
