// Files of certificates on the server runtimes.

import type { KeyFiles } from "../src/runtime/key_files.ts";
import { now } from "./now.ts";
import { nodeFs, tried } from "./platform.ts";

const OWNER_ONLY = 0o600;
const EVERYBODY_READS = 0o644;

/** Files of certificates, through `node:fs`. */
export const keyFiles: KeyFiles = {
  read: (path) => tried(() => nodeFs().readFileSync(path, "utf8")),

  write: (path, text, owned) =>
    tried(() => {
      const fs = nodeFs();
      // A new file under another name: it never has the mode of the one before it,
      // and nobody reads half of it.
      const draft = `${path}.draft`;
      fs.rmSync(draft, { force: true });
      const mode = owned ? OWNER_ONLY : EVERYBODY_READS;
      fs.writeFileSync(draft, text, { mode, flag: "wx" });
      try {
        fs.renameSync(draft, path);
      } catch (error) {
        fs.rmSync(draft, { force: true });
        throw error;
      }
    }),

  names: (folder) => tried(() => nodeFs().readdirSync(folder).sort()),

  changed: (path) =>
    tried(() => {
      // The first can be set back; the second Deno knows to the second.
      const { mtimeMs, ctimeMs } = nodeFs().statSync(path);
      return mtimeMs + ctimeMs;
    }),

  now,
};
