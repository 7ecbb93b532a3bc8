// What the three server runtimes share: clock, chance, the end of a turn, names
// of hosts and interfaces. Node's modules are reached at run time, so that a
// bundler for the browser never sees them.

import type * as Crypto from "node:crypto";
import type * as Dgram from "node:dgram";
import type * as Dns from "node:dns";
import type * as Fs from "node:fs";
import type * as Net from "node:net";
import type * as Os from "node:os";
import type * as Tls from "node:tls";
import type * as Util from "node:util";
import type * as WorkerThreads from "node:worker_threads";
import type { Clock } from "../src/runtime/adapter.ts";
import { encodeBy } from "../src/runtime/encoding.ts";
import { coded } from "./coded.ts";
import { now } from "./now.ts";

interface NodeProcess {
  readonly platform: string;
  readonly versions: { readonly node: string };
  getBuiltinModule(name: "node:fs"): typeof Fs;
  getBuiltinModule(name: "node:net"): typeof Net;
  getBuiltinModule(name: "node:dgram"): typeof Dgram;
  getBuiltinModule(name: "node:dns"): typeof Dns;
  getBuiltinModule(name: "node:os"): typeof Os;
  getBuiltinModule(name: "node:crypto"): typeof Crypto;
  getBuiltinModule(name: "node:tls"): typeof Tls;
  getBuiltinModule(name: "node:timers"): Timers;
  getBuiltinModule(name: "node:util"): typeof Util;
  getBuiltinModule(name: "node:worker_threads"): typeof WorkerThreads;
  on(event: "worker", fn: (worker: AnyWorker) => void): void;
  on(event: "exit", fn: () => void): void;
}

/** A Worker of Node's, or on Bun one of the web's. */
interface AnyWorker {
  readonly threadId: number;
  once?(event: "exit", fn: () => void): void;
  addEventListener?(event: "close", fn: () => void): void;
}

interface UnrefTimer {
  unref(): void;
}

interface Timers {
  setImmediate(fn: () => void): unknown;
  setTimeout(fn: () => void, milliseconds: number): UnrefTimer | number;
  setInterval(fn: () => void, milliseconds: number): UnrefTimer | number;
  clearTimeout(timer: UnrefTimer | number): void;
  clearInterval(timer: UnrefTimer | number): void;
}

interface NodeGlobals extends Timers {
  process: NodeProcess;
  TextEncoder?: unknown;
  Bun?: unknown;
  Deno?: {
    readonly build: { readonly os: string };
    unrefTimer(id: number): void;
  };
}

const globals = globalThis as unknown as NodeGlobals;
const { Bun, Deno, process } = globalThis as Partial<NodeGlobals>;
/** Node's own modules, on Node: in a DOM that tests run in globals are others, or none. */
const builtin = Bun === undefined && Deno === undefined
  ? process?.getBuiltinModule
  : undefined;
// As they are when this loads; see now.ts.
const { setImmediate, setTimeout, setInterval, clearTimeout, clearInterval } =
  builtin?.("node:timers") ?? globals;
if (globals.TextEncoder === undefined && builtin !== undefined) {
  encodeBy(builtin("node:util"));
}

/** The longest delay that timers take. */
const LONGEST_DELAY = 2147483647;

/** `node:net` of this runtime. */
export function nodeNet(): typeof Net {
  return globals.process.getBuiltinModule("node:net");
}

/** `node:crypto` of this runtime. */
export function nodeCrypto(): typeof Crypto {
  return globals.process.getBuiltinModule("node:crypto");
}

/** `node:tls` of this runtime. */
export function nodeTls(): typeof Tls {
  return globals.process.getBuiltinModule("node:tls");
}

/** `node:dgram` of this runtime. */
export function nodeDgram(): typeof Dgram {
  return globals.process.getBuiltinModule("node:dgram");
}

/** `node:fs` of this runtime. */
export function nodeFs(): typeof Fs {
  return globals.process.getBuiltinModule("node:fs");
}

/** The POSIX name of the number of an error. */
export function errorName(error: number): string {
  return globals.process.getBuiltinModule("node:util").getSystemErrorName(
    error,
  );
}

/** `node:worker_threads` of this runtime. */
export function nodeThreads(): typeof WorkerThreads {
  return globals.process.getBuiltinModule("node:worker_threads");
}

/** Calls `ended` when a thread that this one makes from now on has ended. */
export function onWorker(ended: (threadId: number) => void): void {
  globals.process.on("worker", (worker) => {
    // The id is -1 once it has ended.
    const { threadId } = worker;
    const done = () => ended(threadId);
    if (worker.once !== undefined) worker.once("exit", done);
    else worker.addEventListener?.("close", done);
  });
}

/** Calls `fn` when this thread ends, unless it is terminated. */
export function onExit(fn: () => void): void {
  globals.process.on("exit", fn);
}

/** The version of Node, as far as it matters. */
export function nodeMajor(): number {
  return parseInt(globals.process.versions.node);
}

/** Whether sockets may have names that are no files. */
export function onLinux(): boolean {
  return system() === "linux";
}

/** Whether named pipes stand for the sockets of the file system. */
export function onWindows(): boolean {
  return /^win/.test(system());
}

/** Deno makes its `process` when it is first asked for, which takes a while. */
function system(): string {
  return globals.Deno?.build.os ?? globals.process.platform;
}

/** Makes a folder among the temporary ones. */
export function temporaryFolder(): string {
  const os = globals.process.getBuiltinModule("node:os");
  return nodeFs().mkdtempSync(`${os.tmpdir()}/nought-`);
}

/** Calls `fn` after this turn of the event loop. */
export function endOfTurn(fn: () => void): void {
  setImmediate(fn);
}

/** Fills an array with random bytes. */
export function entropy(into: Uint8Array): void {
  crypto.getRandomValues(into as Uint8Array<ArrayBuffer>);
}

/** Calls `fn` after so many milliseconds; doesn't keep the process alive. */
export function later(fn: () => void, milliseconds: number): () => void {
  const timer = setTimeout(fn, milliseconds);
  unref(timer);
  return () => clearTimeout(timer);
}

/** The clock of a server runtime. */
export class PlatformClock implements Clock {
  #cancel: () => void = () => {};
  /** Does nothing but keep the process alive. */
  #hold: UnrefTimer | number | null = null;

  now(): number {
    return now();
  }

  setTimer(at: number, fn: () => void): void {
    this.#cancel();
    this.#cancel = () => {};
    if (at === Infinity) return;
    const delay = Math.ceil(at - this.now());
    this.#cancel = later(fn, Math.min(Math.max(delay, 0), LONGEST_DELAY));
  }

  ref(): void {
    this.#hold ??= setInterval(() => {}, LONGEST_DELAY);
  }

  unref(): void {
    if (this.#hold !== null) clearInterval(this.#hold);
    this.#hold = null;
  }
}

function unref(timer: UnrefTimer | number): void {
  if (typeof timer === "number") globals.Deno!.unrefTimer(timer);
  else timer.unref();
}

/** POSIX codes by other codes, of Node: of failed look-ups and `--permission`; and by the names of Deno's errors. */
const CODES: Record<string, string> = {
  ERR_ACCESS_DENIED: "EACCES",
  ENOTFOUND: "EHOSTUNREACH",
  EAI_AGAIN: "EHOSTUNREACH",
  ENODATA: "EHOSTUNREACH",
  ESERVFAIL: "EHOSTUNREACH",
  NotCapable: "EACCES",
  PermissionDenied: "EACCES",
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  ConnectionAborted: "ECONNABORTED",
  NotConnected: "ENOTCONN",
  BrokenPipe: "EPIPE",
  TimedOut: "ETIMEDOUT",
  HostUnreachable: "EHOSTUNREACH",
  NetworkUnreachable: "ENETUNREACH",
  BadResource: "ECONNABORTED",
  Interrupted: "ECONNABORTED",
};

/** An error of a runtime with a POSIX code. */
export function posix(error: unknown): Error {
  const { code, errors } = error as { code?: string; errors?: unknown[] };
  if (code === undefined && Array.isArray(errors) && errors.length > 0) {
    return posix(errors[0]);
  }
  const { message, name } = error as Error;
  const key = code ?? name;
  if (Object.hasOwn(CODES, key)) return coded(CODES[key], message, error);
  return code === undefined ? coded("EIO", message, error) : error as Error;
}

/** Does something; what it throws has a POSIX code. */
export function tried<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw posix(error);
  }
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/;
/** What it may be of, at a first look. */
const IPV6 = /^[\da-f:.]+$/i;

/**
 * 4 or 6 for a literal address, 0 for a name. `node:net` could tell, but loading it
 * takes Deno and Bun longer than all else that a first connection needs.
 */
export function family(host: string): number {
  const plain = host.split("%")[0];
  if (!plain.includes(":")) return IPV4.test(plain) ? 4 : 0;
  return IPV6.test(plain) && URL.canParse(`http://[${plain}]`) ? 6 : 0;
}

/**
 * The address of a host for a connection. A name stands for its IPv4 addresses
 * unless IPv6 may be used; then it is left to the runtime, which tries both.
 */
export async function connectHost(
  host: string,
  ipv6: boolean,
): Promise<string> {
  const literal = family(host);
  if (literal === 6 && !ipv6) {
    throw coded(
      "EAFNOSUPPORT",
      `${host} is an IPv6 address; set the option ipv6`,
    );
  }
  return literal !== 0 || ipv6 ? host : await lookup(host, 4);
}

/** The address to listen at: a literal, an interface's, or what a name stands for. */
export async function listenHost(host: string, ipv6: boolean): Promise<string> {
  const own = ownHost(host, ipv6);
  if (own !== null) return own;
  try {
    return await lookup(host, ipv6 ? 0 : 4);
  } catch (cause) {
    throw noInterface(`there is no interface or host ${host}`, cause);
  }
}

/** The address to listen at if it is a literal or an interface's; null for a name to look up. */
export function ownHost(host: string, ipv6: boolean): string | null {
  const literal = family(host);
  if (literal === 6 && !ipv6) {
    throw coded("ENODEV", `${host} is an IPv6 address; set the option ipv6`);
  }
  if (literal !== 0) return withZoneName(host);
  // A name that always stands for the loopback (RFC 6761).
  return host === "localhost" && !ipv6
    ? "127.0.0.1"
    : interfaceAddress(host, ipv6);
}

/** The number of a zone of IPv6 is the one of an interface, whose name every runtime takes. */
function withZoneName(host: string): string {
  const [address, zone] = host.split("%");
  if (zone === undefined || !/^\d+$/.test(zone)) return host;
  const scope = Number(zone);
  const found = Object.entries(interfaces() ?? {}).find(([, all]) =>
    all?.some((one) => one.family === "IPv6" && one.scopeid === scope)
  );
  return found === undefined ? host : `${address}%${found[0]}`;
}

/** An IPv4 address of this machine that others can reach; the loopback's if there is none. */
export function outwardHost(): string {
  for (const addresses of Object.values(interfaces() ?? {})) {
    const found = addresses?.find((a) => a.family === "IPv4" && !a.internal);
    if (found !== undefined) return found.address;
  }
  return "127.0.0.1";
}

/** The IPv4 address of an interface that is given by address or name. */
export function interfaceHost(via: string): string {
  const found = family(via) !== 0 ? via : interfaceAddress(via, false);
  if (found === null) throw noInterface(`there is no interface ${via}`);
  return found;
}

/** Whether there is a network interface of this name, as far as that may be asked. */
export function hasInterface(name: string): boolean {
  const all = interfaces();
  return all === null || Object.hasOwn(all, name);
}

/** The address of a network interface; null if there is none of that name, or it may not be asked. */
function interfaceAddress(name: string, ipv6: boolean): string | null {
  const all = interfaces() ?? {};
  const addresses = Object.hasOwn(all, name) ? all[name] ?? [] : [];
  const found = addresses.find((a) => a.family === "IPv4") ??
    (ipv6 ? addresses[0] : undefined);
  return found?.address ?? null;
}

/** The network interfaces; null if they may not be asked. */
function interfaces(): ReturnType<typeof Os.networkInterfaces> | null {
  try {
    const os = globals.process.getBuiltinModule("node:os");
    return os.networkInterfaces();
  } catch {
    return null;
  }
}

/** The error for a name that stands for nothing here, or is not to be known. */
function noInterface(message: string, cause?: unknown): Error {
  if (interfaces() !== null) return coded("ENODEV", message, cause);
  return coded(
    "EACCES",
    `${message}, or it needs --allow-sys=networkInterfaces`,
    cause,
  );
}

function lookup(host: string, family: 0 | 4): Promise<string> {
  return new Promise((resolve, reject) => {
    globals.process.getBuiltinModule("node:dns").lookup(
      host,
      { family },
      (error, address) => error ? reject(posix(error)) : resolve(address),
    );
  });
}

/** An address and port as text; IPv6 addresses stand in brackets. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
