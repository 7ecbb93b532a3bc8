// The certificates of a folder, for who may come in. They are read again when files
// have come or gone, as with CZMQ, so that a key is revoked by deleting its file.

import type { KeyFiles } from "../runtime/key_files.ts";
import type { Certificate } from "./certificate.ts";
import { readFrom, told } from "./certificate_files.ts";

const ENDING = ".key";

/** Certificates by their public keys. */
type ByKey = ReadonlyMap<string, Certificate>;

export class KeyFolder {
  readonly #files: KeyFiles;
  readonly #path: string;
  /** What the folder looked like when it was read. */
  #seen: string;
  #certificates: ByKey;

  /** Reads the folder; throws if it, or a certificate in it, can't be read. */
  constructor(files: KeyFiles, path: string) {
    this.#files = files;
    this.#path = path;
    const names = told(path, () => files.names(path));
    this.#seen = this.#look(names);
    this.#certificates = this.#read(names, (error) => {
      throw error;
    });
  }

  /** The certificate of a public key, if its file is there now. */
  find(publicKey: string): Certificate | undefined {
    const names = told(this.#path, () => this.#files.names(this.#path));
    const seen = this.#look(names);
    if (seen !== this.#seen) {
      // A file that is broken lets its owner in no more; the others stay.
      this.#certificates = this.#read(names, () => {});
      this.#seen = seen;
    }
    return this.#certificates.get(publicKey);
  }

  /** The names too: two changes may come within one tick of the file system's clock. */
  #look(names: readonly string[]): string {
    const changed = told(this.#path, () => this.#files.changed(this.#path));
    return `${changed}/${names.join("/")}`;
  }

  #read(names: readonly string[], broken: (error: unknown) => void): ByKey {
    const found = new Map<string, Certificate>();
    for (const name of names) {
      if (!name.endsWith(ENDING)) continue;
      try {
        const certificate = readFrom(this.#files, `${this.#path}/${name}`);
        found.set(certificate.publicKey, certificate);
      } catch (error) {
        broken(error);
      }
    }
    return found;
  }
}
