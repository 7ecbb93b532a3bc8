// The boundary between Nought and the world: everything the library needs from
// a runtime, as types. One file of adapters/ fulfils it for each runtime and
// one for the simulated world; none of them knows anything of ZeroMQ. What an
// adapter throws or reports carries a POSIX `code`, whichever runtime it is.

import type { FrameCopies } from "./frame_copies.ts";
import type { Threads } from "./threads.ts";

/** What a runtime offers to the library. */
export interface Adapter {
  /** Which runtime this is. */
  readonly name: AdapterName;
  /** What this runtime can do beyond the least that all can. */
  readonly features: ReadonlySet<Feature>;
  /**
   * How small frames that were received get memory of their own, where the engine
   * makes a small array with less effort than a view of a part of another; or null.
   */
  readonly frameCopies: FrameCopies | null;
  /**
   * What is read in pieces of at most this many bytes is copied to memory that several
   * share, since the engine makes no buffer for a small array before it is asked for
   * one, and then with much effort; 0 if it does.
   */
  readonly copyReads: number;
  /** How contexts of several threads meet; null where they can't. */
  readonly threads: Threads | null;
  /** Time. */
  readonly clock: Clock;
  /** Fills an array with random bytes, good enough for keys. */
  entropy(into: Uint8Array): void;
  /**
   * X25519 (RFC 7748) of a secret and a point, 32 bytes each; null where the
   * platform has none that is synchronous.
   */
  readonly x25519:
    | ((secret: Uint8Array, point: Uint8Array) => Uint8Array)
    | null;
  /**
   * Calls `fn` once after the microtasks and I/O callbacks of this turn of the
   * event loop. It keeps the process alive until then.
   */
  endOfTurn(fn: () => void): void;
  /**
   * Why a connection to, or a listener at, this target can't be tried: EACCES where
   * the runtime's permissions refuse it, for which it may ask the user, EINVAL for
   * what can't be read; or `null`.
   */
  forbids(target: StreamTarget | DatagramTarget): Error | null;
  /**
   * Begins to connect and returns at once; `opened` or `closed` follows, never
   * within the call. `abort` ends an attempt. Whether an attempt keeps the
   * process alive differs by runtime: the caller bounds its time.
   */
  connect(target: StreamTarget, handler: StreamHandler): ByteStream;
  /**
   * Listens, at once where nothing has to be looked up or waited for; otherwise
   * it resolves once a peer can connect. `accept` is asked for a handler for each
   * stream, later than the call, and `opened` follows. Neither the listener nor
   * accepted streams keep the process alive.
   */
  listen(
    target: StreamTarget,
    accept: (stream: ByteStream) => StreamHandler,
    refused: (error: Error) => void,
  ): Listener | Promise<Listener>;
  /**
   * Opens a socket of datagrams; `opened` or `closed` follows, never within the
   * call. It does not keep the process alive. Only where there is the feature
   * `"datagrams"`.
   */
  openDatagrams(
    target: DatagramTarget,
    handler: DatagramHandler,
  ): DatagramSocket;
}

/** The runtimes there are adapters for. */
export type AdapterName =
  | "deno"
  | "bun"
  | "node"
  | "cloudflare"
  | "browser"
  | "simulated";

/** What some runtimes can do with a stream and others can't. */
export type Feature =
  | "keepAlive"
  | "keepAliveIdle"
  | "keepAliveInterval"
  | "keepAliveCount"
  | "backlog"
  | "sendBuffer"
  | "receiveBuffer"
  | "typeOfService"
  | "descriptor"
  | "paths"
  | "sources"
  | "abstractNames"
  | "datagrams"
  | "sharedPorts"
  | "tls"
  | "streams"
  | "webSockets";

/** A monotonic clock, one timer, and the hold on the process. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /**
   * Calls `fn` once at `at`, or as soon as possible after it. There is one
   * timer: setting it again replaces it, and `Infinity` clears it. It does not
   * keep the process alive.
   */
  setTimer(at: number, fn: () => void): void;
  /** Keeps the process alive until `unref`. The two are not counted. */
  ref(): void;
  /** Lets the process end. */
  unref(): void;
}

/** Where a stream goes to or a listener sits. */
export type StreamTarget = TcpTarget | IpcTarget;

/** A tcp address, with what should be set on the stream. */
export interface TcpTarget {
  /** What it is. */
  readonly kind: "tcp";
  /** A literal address, or a name to look up at each attempt. */
  readonly host: string;
  /** 0 asks a listener for a free port. */
  readonly port: number;
  /** Where a connection comes from; null leaves it to the system. */
  readonly source: TcpSource | null;
  /** Whether IPv6 may be used; without it a name stands for its IPv4 addresses. */
  readonly ipv6: boolean;
  /** Length of the listener's queue. */
  readonly backlog: number;
  /** Probes of a silent connection. */
  readonly keepAlive: KeepAlive;
  /** Kernel buffers in bytes, -1 for the system's choice. */
  readonly sendBuffer: number;
  /** The same of what comes in. */
  readonly receiveBuffer: number;
  /** Type of service of IP packets; 0 leaves it to the system. */
  readonly typeOfService: number;
  /** A listening descriptor for a listener to take over, or -1. */
  readonly descriptor: number;
  /** What makes it a stream of TLS; null leaves it in clear. */
  readonly tls: TlsSettings | null;
  /**
   * The WebSocket to make of it where the platform does that: each write is a
   * message then, and each message is one `data`. Null otherwise.
   */
  readonly webSocket: WebSocketRequest | null;
}

/** A WebSocket of the platform. */
export interface WebSocketRequest {
  /** Where it goes. */
  readonly url: string;
  /** Subprotocols, the ones that are preferred first. */
  readonly protocols: readonly string[];
}

/** Who a stream of TLS is, and whom it trusts; certificates and keys as PEM. */
export interface TlsSettings {
  /** A listener's. */
  readonly certificate: string | null;
  /** The key of that certificate. */
  readonly key: string | null;
  /** Whom a connection trusts; null for nobody but whom the system trusts. */
  readonly trust: string | null;
  /** Whether it trusts whom the system trusts, beside that. */
  readonly trustSystem: boolean;
  /** The name that a connection asks for, and that the certificate has to have. */
  readonly hostname: string;
  /** Milliseconds to agree on keys; 0 for no limit. */
  readonly handshakeInterval: number;
  /** How many peers of a listener may be at it. */
  readonly maxPendingHandshakes: number;
}

/** An address of this machine that a connection comes from. */
export interface TcpSource {
  /** A literal address, the name of an interface, or `*` for whichever. */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
}

/**
 * A stream socket of the file system. A listener takes the path over from
 * whatever has it (a stale file, or a listener that goes on with the peers it
 * has), and removes it when it closes, unless another has taken it over since.
 */
export interface IpcTarget {
  /** What it is. */
  readonly kind: "ipc";
  /**
   * A path, or with a NUL in front a name of Linux that is no file. Empty asks a
   * listener for a new folder with a socket in it, both removed when it closes.
   */
  readonly path: string;
  /** Length of the listener's queue. */
  readonly backlog: number;
}

/** Keep-alive probes; -1 leaves a value to the system. */
export interface KeepAlive {
  /** Whether there are probes. */
  readonly enable: -1 | 0 | 1;
  /** Seconds of silence before the first probe. */
  readonly idle: number;
  /** Seconds between probes. */
  readonly interval: number;
  /** Probes without an answer before the stream is given up. */
  readonly count: number;
}

/** A two-way stream of bytes. Streams don't keep the process alive. */
export interface ByteStream {
  /** Our own address, as `ip:port` or a path; empty until opened, and where an end has no path. */
  readonly local: string;
  /** The peer's address, as `ip:port` or a path; empty until opened, and where an end has no path. */
  readonly remote: string;
  /**
   * Whether `sent` is exact: bytes that it has not covered when the stream dies
   * have certainly not left.
   */
  readonly exact: boolean;
  /** The subprotocol of a WebSocket of the platform. */
  readonly protocol?: string;
  /**
   * Hands over bytes. One call at a time: the next only once `sent` has covered
   * this one, and the bytes don't change meanwhile.
   */
  write(bytes: Uint8Array): void;
  /** The peer's handshake is through: what limits strangers is lifted. */
  established?(): void;
  /** Stops reading; one more `data` may arrive. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /**
   * Sends what was written, says so to the peer (FIN), then reads and throws
   * away until the peer's own FIN or `limit` milliseconds have passed: closing
   * with unread input would reset the connection, and the peer would lose what
   * was already written. `closed` follows.
   */
  end(limit: number): void;
  /** Ends the stream at once; `closed` follows. */
  abort(): void;
  /** Lets the stream keep the process alive (while reading). */
  ref(): void;
  /** The state a stream begins in: it does not keep the process alive. */
  unref(): void;
}

/** What a stream tells its owner. */
export interface StreamHandler {
  /** The stream is connected. */
  opened(stream: ByteStream): void;
  /**
   * Where a runtime that reads into given memory should read to; `atOnce` if it hands
   * that over as it reads, and nobody reads in between: then many may share it.
   */
  readTarget?(atOnce?: boolean): Uint8Array;
  /**
   * Bytes have arrived. They belong to the handler from here on; where
   * `readTarget` gave the memory, they are the front of it.
   */
  data(bytes: Uint8Array): void;
  /** So many bytes more were accepted by the kernel; may come within `write`. */
  sent(bytes: number): void;
  /** The stream is over; exactly once, and last. A FIN by the peer is no error. */
  closed(error?: Error): void;
}

/** A listening port or path. */
export interface Listener {
  /** The address that was bound, as `ip:port` or a path. */
  readonly local: string;
  /**
   * Stops listening; streams that were accepted live on. Gives what resolves once the
   * address is free, where that takes a moment.
   */
  close(): void | Promise<void>;
}

/** Where a socket of datagrams sits, and what it does with groups. */
export interface DatagramTarget {
  /** What it is. */
  readonly kind: "udp";
  /**
   * A literal address, the name of an interface, or a name; `*` for one of ours that
   * others can reach, empty for all of ours.
   */
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Whether others may have the address and port as well. */
  readonly shared: boolean;
  /** Whether it speaks IPv6; without it a name stands for its IPv4 addresses. */
  readonly ipv6: boolean;
  /** Where everything is sent to; null if each datagram says. */
  readonly to: DatagramAddress | null;
  /** The multicast group whose datagrams it receives; empty for none. */
  readonly group: string;
  /** The interface of groups, by address or name; empty for the system's choice. */
  readonly interface: string;
  /** Whether this machine gets what is sent to a group. */
  readonly loop: boolean;
  /** Routers that what is sent to a group may pass, and one. */
  readonly hops: number;
  /** Bytes of the largest datagram that matters; of a larger one may come a part, but more than this. */
  readonly largest: number;
  /** Bytes that most datagrams have at most: the first one that has more may be lost. */
  readonly usual: number;
}

/** Who a datagram is from, or for. */
export interface DatagramAddress {
  /** A literal address. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
}

/** A socket of datagrams. */
export interface DatagramSocket {
  /** Its own address, as `ip:port`; empty until opened. */
  readonly local: string;
  /**
   * Sends a datagram, to where all go or to a literal address; one that the system
   * refuses is lost. Says whether it would take another: if not, `drained` follows.
   * The bytes don't change any more.
   */
  send(bytes: Uint8Array, to: DatagramAddress | null): boolean;
  /** Ends it once what was sent has left; `closed` follows. */
  close(): void;
}

/** What a socket of datagrams tells its owner. */
export interface DatagramHandler {
  /** It is bound. */
  opened(socket: DatagramSocket): void;
  /** A datagram has come; it belongs to the handler and pins nothing else. */
  datagram(bytes: Uint8Array, host: string, port: number): void;
  /** It takes datagrams again. */
  drained(): void;
  /** It is over; exactly once, and last. */
  closed(error?: Error): void;
}
