// What is used of Deno, as types, so that other runtimes' compilers know it too.

import { coded } from "./coded.ts";
import { posix } from "./platform.ts";

export interface DenoConn {
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

export interface DenoPath {
  transport: "unix";
  path: string;
}

export type DenoPermission =
  | { name: "net"; host?: string }
  | { name: "read" | "write"; path: string };

export interface DenoListener {
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

export const deno: DenoNamespace =
  (globalThis as unknown as { Deno: DenoNamespace })
    .Deno;

/** An error of Deno with a POSIX code; failed look-ups are known by their words. */
export function withCode(error: unknown): Error {
  const known = posix(error);
  const { code, message } = known as Error & { code: string };
  return code === "EIO" && known !== error && /resolv|lookup|dns/i.test(message)
    ? coded("EHOSTUNREACH", message, error)
    : known;
}
