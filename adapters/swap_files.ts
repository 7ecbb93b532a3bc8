// Files for queues that spill, by `node:fs`, which Deno, Bun and Node share.

import type { SwapFile, SwapStore } from "../src/runtime/swap_store.ts";
import { coded } from "./coded.ts";
import { posix, tried } from "./platform.ts";

interface FileHandle {
  write(
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesWritten: number }>;
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

interface Files {
  openSync(path: string, flags: string, mode: number): number;
  closeSync(file: number): void;
  readFileSync(path: string, encoding: "utf8"): string;
  statSync(path: string): { isDirectory(): boolean; readonly mtimeMs: number };
  unlinkSync(path: string): void;
  readonly promises: {
    open(path: string, flags: string, mode: number): Promise<FileHandle>;
    readdir(path: string): Promise<string[]>;
    unlink(path: string): Promise<void>;
  };
}

interface Process {
  readonly pid: number;
  /** Of Node, where it was started with --permission. */
  readonly permission?: { has(scope: string, path: string): boolean };
  uptime(): number;
  kill(pid: number, signal: number): void;
  getBuiltinModule(id: "node:fs"): Files;
  getBuiltinModule(id: "node:os"): { tmpdir(): string };
  getBuiltinModule(id: "node:worker_threads"): { isMainThread: boolean };
}

interface DenoPermissions {
  permissions: {
    querySync(of: { name: string; path: string }): { state: string };
  };
}

const { process, Deno, crypto } = globalThis as unknown as {
  process: Process;
  Deno?: DenoPermissions;
  crypto: { getRandomValues(into: Uint8Array): Uint8Array };
};

/** Only the owner reads and writes. */
const MODE = 0o600;
const NAME = /^nought-swap-(\d+)-[0-9a-f]+\.swap$/;

/** Folders that were swept. */
const swept = new Map<string, Promise<void>>();
let count = 0;

/** Files in folders of this system. */
export const files: SwapStore = {
  blockBytes: 262_144,

  check(folder) {
    let path: string;
    try {
      path = folderOf(folder);
    } catch (cause) {
      // Deno asks for leave to look where temporary files go.
      throw coded("EACCES", (cause as Error).message, cause);
    }
    for (const name of ["read", "write"]) {
      const state = Deno?.permissions.querySync({ name, path }).state;
      if (state !== undefined && state !== "granted") {
        throw coded(
          "EACCES",
          `Deno may not ${name} there: run it with --allow-${name}=${path}`,
        );
      }
    }
    for (const name of ["read", "write"]) {
      if (process.permission?.has(`fs.${name}`, path) === false) {
        const flag = `--allow-fs-${name}=${path}`;
        throw coded(
          "EACCES",
          `Node may not ${name} there: run it with ${flag}`,
        );
      }
    }
    const fs = process.getBuiltinModule("node:fs");
    tried(() => {
      if (!fs.statSync(path).isDirectory()) {
        throw coded("ENOTDIR", `${path} is no folder`);
      }
      // Whether files can be made there is known once one was.
      const file = newFileIn(path);
      fs.closeSync(fs.openSync(file, "wx", MODE));
      fs.unlinkSync(file);
    });
  },

  async open(folder) {
    const path = folderOf(folder);
    const sweeping = swept.get(path) ?? sweep(path);
    swept.set(path, sweeping);
    try {
      await sweeping;
    } catch (error) {
      // A folder that has gone may come back.
      swept.delete(path);
      throw error;
    }
    const fs = process.getBuiltinModule("node:fs");
    const file = newFileIn(path);
    try {
      return new OwnFile(file, await fs.promises.open(file, "wx+", MODE));
    } catch (error) {
      throw posix(error);
    }
  },
};

class OwnFile implements SwapFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  /** What is under way. */
  #work: Promise<unknown> = Promise.resolve();
  #removed = false;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return this.#do(async () => {
      let done = 0;
      while (done < bytes.length) {
        const left = bytes.length - done;
        const { bytesWritten } = await this.#handle.write(
          bytes,
          done,
          left,
          at + done,
        );
        done += bytesWritten;
      }
    });
  }

  read(into: Uint8Array, at: number): Promise<void> {
    return this.#do(async () => {
      let done = 0;
      while (done < into.length) {
        const left = into.length - done;
        const { bytesRead } = await this.#handle.read(
          into,
          done,
          left,
          at + done,
        );
        if (bytesRead === 0) throw coded("EIO", `${this.#path} was cut short`);
        done += bytesRead;
      }
    });
  }

  remove(): void {
    if (this.#removed) return;
    this.#removed = true;
    try {
      process.getBuiltinModule("node:fs").unlinkSync(this.#path);
    } catch {
      // Somebody else has.
    }
    this.#work.catch(() => {}).then(() => this.#handle.close()).catch(() => {});
  }

  #do(work: () => Promise<void>): Promise<void> {
    const done = work().catch((error) => {
      throw posix(error);
    });
    this.#work = Promise.allSettled([this.#work, done]);
    return done;
  }
}

function folderOf(folder: string | null): string {
  return folder ?? process.getBuiltinModule("node:os").tmpdir();
}

/** A file that isn't there, by a name that tells whose it is. */
function newFileIn(folder: string): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  const name = [count++ & 0xff, ...random].map((byte) =>
    byte.toString(16).padStart(2, "0")
  ).join("");
  return `${folder}/nought-swap-${process.pid}-${name}.swap`;
}

/** Removes the files of programs that are no more. */
async function sweep(folder: string): Promise<void> {
  const { promises } = process.getBuiltinModule("node:fs");
  // Where files can be made, but not listed, those stay.
  const names = await promises.readdir(folder).catch((error) => {
    if (error.code === "EACCES") return [];
    throw error;
  });
  for (const name of names) {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid === 0) continue;
    if (pid === process.pid ? ours(`${folder}/${name}`) : lives(pid)) continue;
    await promises.unlink(`${folder}/${name}`).catch(() => {});
  }
}

/**
 * Whether a file of this number is ours: the program before us has had it too where
 * numbers begin anew, as in a container that is started again. A Worker can't tell.
 */
function ours(file: string): boolean {
  const { isMainThread } = process.getBuiltinModule("node:worker_threads");
  if (!isMainThread) return true;
  try {
    const { mtimeMs } = process.getBuiltinModule("node:fs").statSync(file);
    return mtimeMs >= Date.now() - process.uptime() * 1000 - 1000;
  } catch {
    return true;
  }
}

/** Whether a program lives; one that can't be told is taken to. */
function lives(pid: number): boolean {
  let known = false;
  try {
    process.kill(pid, 0);
    known = true;
  } catch (error) {
    if ((error as { code?: string }).code === "ESRCH") return false;
  }
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs");
    const state = readFileSync(`/proc/${pid}/stat`, "utf8");
    // One that has ended keeps its number until its parent asks how.
    return !/^\d+ \(.*\) Z /s.test(state);
  } catch (error) {
    return known || (error as { code?: string }).code !== "ENOENT";
  }
}
