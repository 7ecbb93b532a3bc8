// Messages on disk, for titanic.ts: a file for each request and a file for each
// reply, in one folder. A file is there whole or not at all.

import { Buffer } from "node:buffer";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Message } from "../../../mod.ts";

export class Store {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a request, and resolves with its name when it is on the disk. */
  async add(request: Message): Promise<string> {
    await mkdir(this.#folder, { recursive: true });
    const id = crypto.randomUUID();
    await this.#write(`${id}.request`, request);
    return id;
  }

  /** The names of the requests without a reply. */
  async pending(): Promise<string[]> {
    const files = await readdir(this.#folder).catch((): string[] => []);
    return files.filter((file) => file.endsWith(".request"))
      .map((file) => file.slice(0, -".request".length))
      .filter((id) => !files.includes(`${id}.reply`));
  }

  request(id: string): Promise<Message | null> {
    return this.#read(id, "request");
  }

  reply(id: string): Promise<Message | null> {
    return this.#read(id, "reply");
  }

  async answer(id: string, reply: Message): Promise<void> {
    await this.#write(`${id}.reply`, reply);
  }

  /** Forgets a request and its reply. */
  async remove(id: string): Promise<void> {
    if (!isName(id)) return;
    await rm(join(this.#folder, `${id}.request`), { force: true });
    await rm(join(this.#folder, `${id}.reply`), { force: true });
  }

  async #read(id: string, kind: string): Promise<Message | null> {
    if (!isName(id)) return null;
    try {
      const path = join(this.#folder, `${id}.${kind}`);
      const frames: string[] = JSON.parse(await readFile(path, "utf8"));
      return frames.map((frame) => Buffer.from(frame, "base64"));
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return null;
      throw error;
    }
  }

  async #write(name: string, message: Message): Promise<void> {
    const frames = message.map((frame) =>
      Buffer.from(frame).toString("base64")
    );
    const path = join(this.#folder, name);
    const file = await open(`${path}.part`, "w");
    try {
      await file.writeFile(JSON.stringify(frames));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.part`, path);
  }
}

/** Names come from clients too, and become those of files. */
function isName(id: string): boolean {
  return /^[0-9a-f-]{36}$/.test(id);
}
