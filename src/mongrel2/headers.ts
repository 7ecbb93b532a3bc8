// The headers of a request: those of the client, whose names are of either case,
// and the server's own variables, whose names are capitals. They are kept apart, as
// a client may send a header `Method` or `Remote_Addr` too.

/** Names and their values. */
export type HeaderRecord = Readonly<
  Record<string, string | readonly string[]>
>;

/** A name of the server's own, such as METHOD or REMOTE_ADDR. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/** What a request carries beside its body. */
export class RequestHeaders implements Iterable<[string, string]> {
  readonly #raw: HeaderRecord;
  /** The client's headers in lower case; `null` until that is needed. */
  #folded: Map<string, string[]> | null = null;
  #mixed = false;

  /** Takes names and their values. */
  constructor(raw: HeaderRecord) {
    this.#raw = raw;
    for (const name in raw) {
      // This server has made the names lower case; others may not.
      if (name !== name.toLowerCase() && !VARIABLE.test(name)) {
        this.#mixed = true;
      }
    }
  }

  /** A header of the client's, whatever the case of its name; several are joined by commas. */
  get(name: string): string | undefined {
    const values = this.#valuesOf(name);
    return typeof values === "object" ? values.join(", ") : values;
  }

  /** All values of a header of the client's. */
  all(name: string): readonly string[] {
    const values = this.#valuesOf(name) ?? [];
    return typeof values === "string" ? [values] : values;
  }

  /** Whether the client sent such a header. */
  has(name: string): boolean {
    return this.#valuesOf(name) !== undefined;
  }

  /** A variable of the server's, such as `METHOD`: no client can set one. */
  variable(name: string): string | undefined {
    if (!Object.hasOwn(this.#raw, name) || !VARIABLE.test(name)) {
      return undefined;
    }
    const value = this.#raw[name];
    return typeof value === "string" ? value : value.at(-1);
  }

  /** The server's variables. */
  *variables(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#raw)) {
      const value = this.variable(name);
      if (value !== undefined) yield [name, value];
    }
  }

  /** All of it, as `formatRequest` takes it. */
  toObject(): Record<string, string | readonly string[]> {
    const all: [string, string | readonly string[]][] = [...this.variables()];
    for (const [name, values] of this.#fold()) {
      all.push([name, values.length === 1 ? values[0] : [...values]]);
    }
    return Object.fromEntries(all);
  }

  /** The client's headers, in lower case, a pair for each value. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [name, values] of this.#fold()) {
      for (const value of values) yield [name, value];
    }
  }

  #valuesOf(name: string): string | readonly string[] | undefined {
    const key = name.toLowerCase();
    if (this.#mixed) return this.#fold().get(key);
    return Object.hasOwn(this.#raw, key) ? this.#raw[key] : undefined;
  }

  #fold(): Map<string, string[]> {
    if (this.#folded !== null) return this.#folded;
    this.#folded = new Map();
    for (const [name, value] of Object.entries(this.#raw)) {
      if (VARIABLE.test(name)) continue;
      const values = typeof value === "string" ? [value] : value;
      const key = name.toLowerCase();
      const before = this.#folded.get(key);
      if (before === undefined) this.#folded.set(key, [...values]);
      else for (const one of values) before.push(one);
    }
    return this.#folded;
  }
}
