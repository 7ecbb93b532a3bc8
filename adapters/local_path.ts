// The file of an ipc listener (zmq_ipc(7)): what stale socket is in its way is
// removed, a new one gets a folder of its own, and all is gone when the listener
// closes. Runtimes remove the file by its name when they close, whosever it is by
// then: what another listener has put there since is kept.

import type { IpcTarget } from "../src/runtime/adapter.ts";
import { encoder } from "../src/runtime/encoding.ts";
import { coded } from "./coded.ts";
import { nodeFs, onWindows, temporaryFolder } from "./platform.ts";

/** What `sun_path` holds beside its NUL. */
const LONGEST_PATH = 107;
const PIPES = "\\\\.\\pipe\\";

let names = 0;
/** Second names of files that are to be put back, and the marks of the files. */
const aside = new Map<string, string>();

/** The path as the runtime takes it; on Windows the name of a pipe (not tested). */
export function runtimePath(path: string): string {
  return onWindows() && !path.startsWith(PIPES) ? PIPES + path : path;
}

export class LocalPath {
  /** As an endpoint names it. */
  readonly path: string;
  readonly #folder: string | null;
  /** Whether there is a file. */
  readonly #filed: boolean;
  #mark: string | null = null;

  /** Claims the path of a target, or a new one in a folder that `makeFolder` makes. */
  constructor(target: IpcTarget, makeFolder: () => string = temporaryFolder) {
    const { path } = target;
    this.#filed = path[0] !== "\0" && !onWindows();
    if (path !== "") {
      this.#folder = null;
      this.path = path;
      if (this.#filed && isSocket(path)) nodeFs().unlinkSync(path);
      return;
    }
    this.#folder = this.#filed ? makeFolder() : null;
    this.path = this.#folder === null
      ? `nought-${crypto.randomUUID()}`
      : `${this.#folder}/socket`;
    if (encoder.encode(this.path).length <= LONGEST_PATH) return;
    this.#removeFolder();
    throw coded("ENAMETOOLONG", `${this.path} is too long for a socket`);
  }

  /** A listener is there. */
  bound(): void {
    this.#mark = this.#markNow();
  }

  /** None came about. */
  abandon(): void {
    this.#removeFolder();
  }

  /**
   * Closes the listener by `close`, which resolves once the runtime is done with
   * the file, and removes what is ours.
   */
  release(close: () => Promise<void> | void): void {
    if (!this.#filed) {
      close();
      return;
    }
    const now = this.#markNow();
    if (now !== null && now !== this.#mark) {
      this.#keepAnothers(now, close);
      return;
    }
    close();
    const fs = nodeFs();
    attempt(() => fs.unlinkSync(this.path));
    // Who is about to put it back finds nothing to put back.
    for (const [second, mark] of aside) {
      if (mark === this.#mark) attempt(() => fs.unlinkSync(second));
    }
    this.#removeFolder();
  }

  /** A second name for the file lets it be put back. */
  #keepAnothers(mark: string, close: () => Promise<void> | void): void {
    const { path } = this;
    const fs = nodeFs();
    const second = `${path}.${names++}.${crypto.randomUUID().slice(0, 8)}`;
    const linked = attempt(() => fs.linkSync(path, second));
    if (linked) aside.set(second, mark);
    const closed = close();
    const putBack = () => {
      if (!aside.delete(second)) return;
      // Where both names are left, renaming does nothing.
      attempt(() => fs.renameSync(second, path));
      attempt(() => fs.unlinkSync(second));
    };
    if (closed === undefined) putBack();
    else closed.then(putBack, putBack);
  }

  /** What tells this file from a later one of its name; null if there is none. */
  #markNow(): string | null {
    let mark = null;
    if (this.#filed) {
      attempt(() => {
        const { dev, ino } = nodeFs().lstatSync(this.path);
        mark = `${dev} ${ino}`;
      });
    }
    return mark;
  }

  #removeFolder(): void {
    const folder = this.#folder;
    if (folder !== null) attempt(() => nodeFs().rmdirSync(folder));
  }
}

function isSocket(path: string): boolean {
  try {
    return nodeFs().lstatSync(path).isSocket();
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return false;
    throw error;
  }
}

function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
