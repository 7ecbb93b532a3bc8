// The headers of a request: those of the client, whose names are of either case,
// and the server's own variables, whose names are capitals. They are kept apart, as
// a client may send a header `Method` or `Remote_Addr` too.

/** A name of the server's own, such as METHOD or REMOTE_ADDR. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/** What a request carries beside its body. */
export class RequestHeaders implements Iterable<[string, string]> {
  readonly #headers = new Map<string, string[]>();
  readonly #variables = new Map<string, string>();

  /** Takes names and their values; for one that comes twice the values add up. */
  constructor(
    entries: Iterable<readonly [string, string | readonly string[]]>,
  ) {
    for (const [name, value] of entries) {
      const values = typeof value === "string" ? [value] : value;
      if (VARIABLE.test(name)) {
        this.#variables.set(name, values.at(-1) ?? "");
        continue;
      }
      const key = name.toLowerCase();
      const before = this.#headers.get(key);
      if (before === undefined) this.#headers.set(key, [...values]);
      else before.push(...values);
    }
  }

  /** A header of the client's, whatever the case of its name; several are joined by commas. */
  get(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase())?.join(", ");
  }

  /** All values of a header of the client's. */
  all(name: string): readonly string[] {
    return this.#headers.get(name.toLowerCase()) ?? [];
  }

  /** Whether the client sent such a header. */
  has(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  /** A variable of the server's, such as `METHOD`: no client can set one. */
  variable(name: string): string | undefined {
    return this.#variables.get(name);
  }

  /** The server's variables. */
  variables(): IterableIterator<[string, string]> {
    return this.#variables.entries();
  }

  /** All of it, as `formatRequest` takes it. */
  toObject(): Record<string, string | string[]> {
    const all: [string, string | string[]][] = [...this.#variables];
    for (const [name, values] of this.#headers) {
      all.push([name, values.length === 1 ? values[0] : [...values]]);
    }
    return Object.fromEntries(all);
  }

  /** The client's headers, in lower case, a pair for each value. */
  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (const [name, values] of this.#headers) {
      for (const value of values) yield [name, value];
    }
  }
}
