// The certificates of a folder, for who may come in. They are read again when files
// have come or gone, so that a key is revoked by deleting its file, and one whose file
// says something else by now is let in no more. Who comes with a key that no file had
// has them looked through for such as were written anew in their places.

import type { KeyFiles } from "../runtime/key_files.ts";
import type { Certificate } from "./certificate.ts";
import { readFrom, told } from "./certificate_files.ts";

const ENDING = ".key";
/** How often files are looked through for a key that none of them had, in milliseconds. */
const SEARCH_MS = 1000;

/** A certificate, where it was read, and when that file had changed. */
interface Found {
  readonly certificate: Certificate;
  readonly path: string;
  readonly changed: number;
}

/** Certificates by their public keys. */
type ByKey = ReadonlyMap<string, Found>;

export class KeyFolder {
  readonly #files: KeyFiles;
  readonly #path: string;
  /** What the folder looked like when it was read. */
  #seen: string;
  #certificates: ByKey;
  /** Files that were none, or are not written to their end yet. */
  #broken: readonly string[] = [];
  /** When the files were last looked through. */
  #searched = -Infinity;

  /** Reads the folder; throws if it, or a certificate in it, can't be read. */
  constructor(files: KeyFiles, path: string) {
    this.#files = files;
    this.#path = path;
    const names = told(path, () => files.names(path));
    this.#seen = this.#look(names);
    this.#certificates = this.#read(names, (_, error) => {
      throw error;
    });
  }

  /** The certificate of a public key, if its file is there now. */
  find(publicKey: string): Certificate | undefined {
    const names = told(this.#path, () => this.#files.names(this.#path));
    const seen = this.#look(names);
    const known = this.#certificates.get(publicKey);
    if (
      seen !== this.#seen ||
      (known === undefined ? this.#rewritten() : this.#differs(known))
    ) {
      this.#certificates = new Map();
      this.#add(names);
      this.#seen = seen;
    } else if (known === undefined && this.#broken.length > 0) {
      this.#add(this.#broken);
    }
    return this.#certificates.get(publicKey)?.certificate;
  }

  #differs({ changed, path }: Found): boolean {
    return changed !== this.#changed(path);
  }

  /** Whether some file says something else by now; strangers can't have it asked at will. */
  #rewritten(): boolean {
    const now = this.#files.now();
    if (now - this.#searched < SEARCH_MS) return false;
    this.#searched = now;
    return [...this.#certificates.values()].some((one) => this.#differs(one));
  }

  /** Reads files beside those that were. One that is broken lets its owner in no more. */
  #add(names: readonly string[]): void {
    const broken: string[] = [];
    const read = this.#read(names, (name) => broken.push(name));
    this.#certificates = new Map([...this.#certificates, ...read]);
    this.#broken = broken;
  }

  /** The names too: two changes may come within one tick of the file system's clock. */
  #look(names: readonly string[]): string {
    return `${this.#changed(this.#path)}/${names.join("/")}`;
  }

  #changed(path: string): number {
    return told(path, () => this.#files.changed(path));
  }

  #read(
    names: readonly string[],
    broken: (name: string, error: unknown) => void,
  ): ByKey {
    const found = new Map<string, Found>();
    for (const name of names) {
      if (!name.endsWith(ENDING)) continue;
      const path = `${this.#path}/${name}`;
      try {
        // In this order: what is written meanwhile counts as changed.
        const changed = this.#changed(path);
        const certificate = readFrom(this.#files, path);
        found.set(certificate.publicKey, { certificate, path, changed });
      } catch (error) {
        broken(name, error);
      }
    }
    return found;
  }
}
