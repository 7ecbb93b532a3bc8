// Deno: `Deno.connect` and `Deno.listen`, reading into memory of the handler's;
// `node:net` for connections from a given address.

import type {
  ByteStream,
  DatagramTarget,
  Feature,
  KeepAlive,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import type { Threads } from "../src/runtime/threads.ts";
import type { DatagramAbilities } from "./datagrams.ts";
import { arrived, arrives, type Arriving } from "./arrivals.ts";
import { LocalPath } from "./local_path.ts";
import { coded } from "./coded.ts";
import {
  connectHost,
  endOfTurn,
  hostPort,
  later,
  listenHost,
  onLinux,
  ownHost,
  posix,
} from "./platform.ts";
import { ServerAdapter } from "./server_adapter.ts";
import { listenTls } from "./tls_listener.ts";
import { LockThreads } from "./lock_threads.ts";

// What is used of Deno, so that other runtimes' compilers know it too.
interface DenoConn {
  readonly localAddr: DenoAddr;
  readonly remoteAddr: DenoAddr;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  closeWrite(): Promise<void>;
  ref(): void;
  unref(): void;
  setNoDelay(noDelay: boolean): void;
  setKeepAlive(keepAlive: boolean): void;
}

interface DenoAddr {
  hostname: string;
  port: number;
}

interface DenoPath {
  transport: "unix";
  path: string;
}

type DenoPermission =
  | { name: "net"; host?: string }
  | { name: "read" | "write"; path: string };

interface DenoListener {
  readonly addr: DenoAddr;
  accept(): Promise<DenoConn>;
  close(): void;
  ref(): void;
  unref(): void;
}

interface DenoNamespace {
  connect(
    options: ({ hostname: string; port: number } | DenoPath) & {
      signal: AbortSignal;
    },
  ): Promise<DenoConn>;
  listen(
    options: { hostname: string; port: number; tcpBacklog: number } | DenoPath,
  ): DenoListener;
  makeTempDirSync(options: { prefix: string }): string;
  permissions: {
    querySync(
      descriptor: { name: DenoPermission["name"] },
    ): { state: string; partial: boolean };
    requestSync(descriptor: DenoPermission): { state: string };
  };
}

const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;

/** Reads in a row before other work gets its turn: they may all be done at once. */
const READS = 16;
/** How long accepting rests when the system has no descriptor left. */
const ACCEPT_REST_MS = 100;
/** What is said of somebody who has gone before he was accepted: the next one waits already. */
const GONE: readonly string[] = ["ENOTCONN", "ECONNABORTED", "ECONNRESET"];
const IDLE_TARGET = 1024;
/**
 * An attempt that is given up may still end by itself for so long: Deno loses a
 * connection that is called off just as it comes about, and it stays open.
 */
const CALL_OFF_MS = 20;

const CLEAR = { source: null, tls: null };

export class DenoAdapter extends ServerAdapter {
  readonly name = "deno";
  readonly frameCopies = null;
  readonly copyReads = 0;
  readonly features: ReadonlySet<Feature> = new Set<Feature>([
    "keepAlive",
    "backlog",
    "datagrams",
    "tls",
    "streams",
    "paths",
    "sources",
    ...(onLinux() ? ["abstractNames"] as const : []),
  ]);
  readonly threads: Threads = new LockThreads();

  override forbids(target: StreamTarget | DatagramTarget): Error | null {
    const missing = permissions(target).filter((one) => !granted(one));
    if (missing.length === 0) return super.forbids(target);
    // What goes to groups has an address that nobody can know before.
    const anywhere = target.kind === "udp" && target.interface !== "";
    const flags = missing.map((one) => {
      const to = one.name !== "net"
        ? one.path
        : anywhere
        ? undefined
        : one.host;
      return `--allow-${one.name}${to === undefined ? "" : `=${to}`}`;
    });
    return coded("EACCES", `it needs ${flags.join(" ")}`);
  }

  override connect(target: StreamTarget, handler: StreamHandler): ByteStream {
    const { source, tls } = target.kind === "tcp" ? target : CLEAR;
    if (source !== null || tls !== null) {
      // `Deno.connect` can't say where from, nor whom to trust beside the system.
      return super.connect(target, handler);
    }
    const stream = new DenoStream(handler);
    stream.connect(target);
    return stream;
  }

  protected datagrams(): DatagramAbilities {
    return { sharesPorts: false, pending: 1, buffersReads: true };
  }

  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener | Promise<Listener> {
    if (target.kind === "tcp" && target.tls !== null) {
      return listenTls(target, accept, refused);
    }
    const open = (hostname: string) =>
      this.#open(hostname, target, accept, refused);
    const whenFree = async (hostname: string) => {
      await Promise.all(closing.values());
      return open(hostname);
    };
    if (target.kind === "ipc") {
      return closing.has(target.path) ? whenFree("") : open("");
    }
    const hostname = ownHost(target.host, target.ipv6);
    if (hostname === null) {
      return listenHost(target.host, target.ipv6).then(whenFree);
    }
    try {
      return open(hostname);
    } catch (error) {
      const busy = (error as { code?: string }).code === "EADDRINUSE";
      if (!busy || closing.size === 0) throw error;
      return whenFree(hostname);
    }
  }

  #open(
    hostname: string,
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener {
    let path: LocalPath | null = null;
    let listener: DenoListener;
    try {
      if (target.kind === "ipc") {
        path = new LocalPath(
          target,
          () => deno.makeTempDirSync({ prefix: "nought-" }),
        );
        listener = deno.listen({ transport: "unix", path: path.path });
      } else {
        const { port, backlog } = target;
        listener = deno.listen({ hostname, port, tcpBacklog: backlog });
      }
    } catch (error) {
      path?.abandon();
      throw withCode(error);
    }
    path?.bound();
    listener.unref();
    // Deno doesn't say the zone of an address.
    const [, zone] = hostname.split("%");
    const behind = zone === undefined ? "" : `%${zone}`;
    return new AcceptLoop(listener, target, path, behind, accept, refused);
  }
}

/** Addresses of listeners that were closed, and are not free yet. */
const closing = new Map<string, Promise<void>>();

/** What a target needs. The path of a new socket is not known; the attempt tells. */
function permissions(target: StreamTarget | DatagramTarget): DenoPermission[] {
  if (target.kind === "udp") {
    const { host, port } = target.to ?? target;
    const anywhere = host === "" || host === "*";
    return [{ name: "net", host: hostPort(anywhere ? "0.0.0.0" : host, port) }];
  }
  if (target.kind === "tcp") {
    return [{ name: "net", host: hostPort(target.host, target.port) }];
  }
  const { path } = target;
  if (path === "") return [];
  if (path[0] === "\0") return [{ name: "net" }];
  return [
    { name: "read", path },
    { name: "write", path },
    // Only of an absolute path can it be said by itself.
    path[0] === "/" ? { name: "net", host: `unix:${path}` } : { name: "net" },
  ];
}

function granted(permission: DenoPermission): boolean {
  const { permissions } = deno;
  // Deno remembers each address and path that it was asked about, for ever.
  const { state, partial } = permissions.querySync({ name: permission.name });
  if (state === "granted" && !partial) return true;
  return permissions.requestSync(permission).state === "granted";
}

class AcceptLoop implements Listener {
  readonly local: string;
  readonly #listener: DenoListener;
  readonly #target: StreamTarget;
  readonly #path: LocalPath | null;
  readonly #accept: (stream: ByteStream) => StreamHandler;
  readonly #refused: (error: Error) => void;
  #closed = false;
  #accepting: Promise<void> = Promise.resolve();

  constructor(
    listener: DenoListener,
    target: StreamTarget,
    path: LocalPath | null,
    zone: string,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ) {
    this.#listener = listener;
    this.#target = target;
    this.#path = path;
    this.#accept = accept;
    this.#refused = refused;
    const { hostname, port } = listener.addr;
    this.local = path?.path ?? hostPort(hostname + zone, port);
    this.#next();
  }

  close(): void | Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#path === null) return this.#close();
    this.#path.release(() => this.#close());
  }

  /** Resolves once the port or path is free, which is a moment later; the process waits for it. */
  #close(): Promise<void> {
    this.#listener.ref();
    this.#listener.close();
    const free = this.#accepting;
    const { local } = this;
    closing.set(local, free);
    free.then(() => {
      if (closing.get(local) === free) closing.delete(local);
    });
    return free;
  }

  #next(): void {
    if (this.#closed) return;
    this.#accepting = this.#listener.accept().then((conn) => {
      const stream = new DenoStream();
      stream.accept(conn, this.#target, this.local, this.#accept(stream));
      this.#next();
    }, (error) => {
      if (this.#closed) return;
      const known = withCode(error);
      if (GONE.includes((known as Error & { code: string }).code)) {
        this.#next();
        return;
      }
      this.#refused(known);
      later(() => this.#next(), ACCEPT_REST_MS);
    });
  }
}

class DenoStream implements ByteStream, Arriving {
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

const NONE = new Uint8Array(0);
/** What is called with it has its turn after the promises that are resolved already. */
const QUEUED = Promise.resolve();

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

/** An error of Deno with a POSIX code; failed look-ups are known by their words. */
function withCode(error: unknown): Error {
  const known = posix(error);
  const { code, message } = known as Error & { code: string };
  return code === "EIO" && known !== error && /resolv|lookup|dns/i.test(message)
    ? coded("EHOSTUNREACH", message, error)
    : known;
}
