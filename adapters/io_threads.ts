// Background threads of Deno, Bun and Node, by `node:worker_threads`, which all three
// have: a Worker there can be left alone by a program that ends, and what was posted
// can be read without a turn of the event loop.

import type { Channel, IoThread } from "../src/runtime/io_thread.ts";
import { coded } from "./coded.ts";
import { nodeFs, onExit, posix } from "./platform.ts";

interface NodePort {
  on(event: "message", heard: (word: unknown) => void): void;
  postMessage(word: unknown, transfer?: readonly unknown[]): void;
  unref(): void;
  close(): void;
}

/** A Worker of `node:worker_threads`, as far as it matters here. */
export interface ThreadWorker {
  /** Calls a function for each event of a name. */
  on(event: string, fn: (value: unknown) => void): unknown;
  /** Ends it. */
  terminate(): Promise<unknown>;
  /** Lets the process end without it. */
  unref?(): void;
}

/** What the Worker of a background thread has to be made with. */
export interface ThreadOptions {
  /** What the thread is given. */
  readonly workerData: unknown;
  /** What of that goes over to it. */
  // deno-lint-ignore no-explicit-any -- as each runtime's types have it
  readonly transferList: any[];
  /** Its flags, where those of the program suit no file (`--input-type` of Node). */
  readonly execArgv?: string[];
}

interface WorkerThreads {
  readonly Worker: new (url: URL, options: ThreadOptions) => ThreadWorker;
  readonly MessageChannel: new () => { port1: NodePort; port2: NodePort };
  readonly workerData: unknown;
  receiveMessageOnPort(port: NodePort): { message: unknown } | undefined;
}

interface Process {
  readonly execArgv: readonly string[];
  getBuiltinModule(id: string): unknown;
  on(event: string, fn: (error: unknown) => void): void;
}

/** What a thread is given when it starts. */
interface Given {
  readonly port: NodePort;
  readonly data: unknown;
}

const BUNDLED =
  " (in a bundle, or a program compiled into one file, use backgroundBy)";

function platform(): WorkerThreads {
  const { process } = globalThis as unknown as { process?: Process };
  const found = process?.getBuiltinModule?.("node:worker_threads");
  if (found === undefined) {
    throw coded("ENOTSUP", "this runtime has no node:worker_threads");
  }
  return found as WorkerThreads;
}

/** Whether the program is no file and Node was told of which kind: then it takes no files. */
function isProgramText(): boolean {
  const { process } = globalThis as unknown as { process: Process };
  return process.execArgv.some((flag) => flag.startsWith("--input-type"));
}

/** A Worker that runs a module, which is there: who blocks meanwhile would never hear that it isn't. */
export function workerOf(module: URL, options: ThreadOptions): ThreadWorker {
  const { Worker } = platform();
  if (module.protocol === "file:") {
    try {
      nodeFs().statSync(module);
    } catch (error) {
      const known = posix(error) as Error & { code: string };
      const hint = known.code === "ENOENT" ? BUNDLED : "";
      throw coded(known.code, `${known.message}${hint}`, error);
    }
  }
  return new Worker(module, options);
}

/**
 * Starts a thread that is given `data`, in the Worker that `start` makes. `ended` is
 * called once it is over without having been ended: with why, as far as that is known.
 */
export function startThread(
  start: (options: ThreadOptions) => ThreadWorker,
  data: unknown,
  ended: (why: string) => void,
): IoThread {
  const { MessageChannel } = platform();
  const { port1, port2 } = new MessageChannel();
  const given: Given = { port: port2, data };
  let worker: ThreadWorker;
  try {
    worker = start({
      workerData: given,
      transferList: [port2],
      ...(isProgramText() && { execArgv: [] }),
    });
  } catch (error) {
    const { message, code } = posix(error) as Error & { code: string };
    throw coded(code, `Cannot start a background thread: ${message}`, error);
  }
  worker.unref?.();
  let over = false;
  let why = "it was ended from outside";
  let resolveOver: () => void = () => {};
  const whenOver = new Promise<void>((resolve) => resolveOver = resolve);
  const end = () => {
    resolveOver();
    port1.close();
    if (over) return;
    over = true;
    ended(why);
  };
  worker.on("error", (error) => {
    why = (error as Error)?.message ?? String(error);
    if (/module not found|cannot find module/i.test(why)) why += BUNDLED;
    // An uncaught error is the end of a thread, though not every runtime says so.
    worker.terminate().then(end, end);
  });
  worker.on("exit", end);
  return {
    channel: channelOf(port1),
    end: async () => {
      over = true;
      await worker.terminate();
      await whenOver;
    },
  };
}

/** Blocks this thread while the number at `index` is `value`, for so many milliseconds at most. */
export function blockWhile(
  ints: Int32Array<SharedArrayBuffer>,
  index: number,
  value: number,
  milliseconds: number,
): void {
  Atomics.wait(ints, index, value, milliseconds);
}

/** In a thread that {@linkcode startThread} started: the way back, and what it was given. */
export function startedAs(): { channel: Channel; data: unknown } {
  const { port, data } = platform().workerData as Given;
  return { channel: channelOf(port), data };
}

/** In such a thread: calls `dying` when it ends by itself, as an error does that nobody catches. */
export function whenDying(dying: (why: string) => void): void {
  const { process } = globalThis as unknown as { process: Process };
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error) => {
      dying((error as Error)?.message ?? String(error));
      throw error;
    });
  }
  // Some tell of no error before they end, such as Bun where it runs tests.
  onExit(() => dying("it has ended"));
}

function channelOf(port: NodePort): Channel {
  const { receiveMessageOnPort } = platform();
  return {
    post: (word, transfer) => port.postMessage(word, transfer ?? []),
    listen: (heard) => {
      port.on("message", heard);
      port.unref();
    },
    poll: () => receiveMessageOnPort(port)?.message,
  };
}
