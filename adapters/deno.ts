// Deno: `Deno.connect` and `Deno.listen`; `node:net` for connections from a given
// address.

import type {
  ByteStream,
  DatagramTarget,
  Feature,
  Listener,
  StreamHandler,
  StreamTarget,
} from "../src/runtime/adapter.ts";
import type { Threads } from "../src/runtime/threads.ts";
import type { DatagramAbilities } from "./datagrams.ts";
import { coded } from "./coded.ts";
import { deno, type DenoListener, withCode } from "./deno_namespace.ts";
import { missingFlags } from "./deno_permissions.ts";
import { DenoStream } from "./deno_stream.ts";
import { LocalPath } from "./local_path.ts";
import { DenoThreads } from "./deno_threads.ts";
import { hostPort, later, listenHost, onLinux, ownHost } from "./platform.ts";
import { ServerAdapter } from "./server_adapter.ts";
import { listenTls } from "./tls_listener.ts";

/** How long accepting rests when the system has no descriptor left. */
const ACCEPT_REST_MS = 100;
/** What is said of somebody who has gone before he was accepted: the next one waits already. */
const GONE: readonly string[] = ["ENOTCONN", "ECONNABORTED", "ECONNRESET"];

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
  readonly threads: Threads = new DenoThreads();

  override forbids(target: StreamTarget | DatagramTarget): Error | null {
    const flags = missingFlags(target);
    if (flags.length === 0) return super.forbids(target);
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
      const soonFree = [...closing.keys()].some((address) =>
        address.endsWith(`:${target.port}`)
      );
      if (!busy || !soonFree) throw error;
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
