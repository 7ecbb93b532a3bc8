// The options of one socket as zeromq.js shows them, over those of its core. They
// differ where zeromq.js has another default, and where a runtime can't do what
// only tunes: the value is then kept here.

import { ZmqError } from "../base/errors.ts";
import type {
  OptionName,
  OptionValue,
  OptionValues,
} from "../base/option_types.ts";
import {
  checkOption,
  type OptionRow,
  OPTIONS,
  optionsOf,
} from "../base/options.ts";
import { decodeText } from "../base/utf8.ts";
import type { SocketCore } from "../sockets/core.ts";
import { errnoError, translated } from "./errno_error.ts";
import { type OptionProperty, TUNING } from "./option_table.ts";
import { warn } from "./platform.ts";

export class OptionStore {
  readonly #core: SocketCore;
  /** What is shown in place of the core's. */
  readonly #shown: Map<OptionName, OptionValue> = new Map([
    ["connectTimeout", 0],
  ]);

  /** What was set of options that only other types have, by number: kept without effect. */
  readonly #foreign: Map<number, OptionValue> = new Map();

  constructor(core: SocketCore) {
    this.#core = core;
    core.setOption("legacyPeers", "1.0");
  }

  /** The value of an option; throws once the socket is closed. */
  get(name: OptionName): OptionValue {
    this.check();
    const shown = this.#shown.get(name);
    if (shown !== undefined) return shown;
    const value = this.#core.options[name as keyof OptionValues];
    if (name === "tcpAcceptFilter" && value !== null) {
      return (value as readonly string[]).join(",");
    }
    return value instanceof Uint8Array ? decodeText(value) : value;
  }

  /** Sets an option; `fresh` is false once there are endpoints that it won't act on. */
  set(property: OptionProperty, value: unknown, fresh: boolean): void {
    this.check();
    const { name } = property;
    const row = optionsOf(this.#core.type).get(name)!;
    const given = checked(row, property, value);
    if (given === undefined) return;
    if (name === "connectTimeout" && given === 0) {
      // Zero leaves it to the system, which would keep a finished program alive.
      this.#set(row, row.initial);
      this.#shown.set(name, 0);
    } else this.#set(row, given);
    if (fresh || property.live) return;
    warn(
      `The option ${name} was set on a socket that is bound or connected: it acts on the next bind or connect only`,
    );
  }

  /** The value of an option that only other types have; `undefined` if there is none. */
  getForeign(number: number): OptionValue | undefined {
    return this.#foreign.get(number) ?? foreign(number)?.initial;
  }

  /** Sets such an option; false if there is none. */
  setForeign(number: number, value: OptionValue): boolean {
    const row = foreign(number);
    if (row === undefined) return false;
    // Nothing comes of it, so nothing is needed for it.
    const free = { ...row, needs: null };
    const given = suited(row.kind, value);
    this.#foreign.set(
      number,
      translated(() => checkOption(free, given, NOTHING, "")),
    );
    return true;
  }

  /** Throws if the socket is closed. */
  check(): void {
    if (this.#core.closed !== null) throw errnoError("ENOTSOCK");
  }

  #set(row: OptionRow, value: unknown): void {
    const { name } = row;
    try {
      this.#core.setOption(name, value);
      this.#shown.delete(name);
    } catch (error) {
      const lacking = error instanceof ZmqError && error.code === "ENOTSUP";
      if (!lacking) {
        translated(() => {
          throw error;
        });
      }
      if (!TUNING.includes(name)) {
        throw errnoError("EINVAL", undefined, error as ZmqError);
      }
      this.#shown.set(
        name,
        typeof value === "number" ? Math.trunc(value) : value as OptionValue,
      );
      warn((error as ZmqError).message);
    }
  }
}

const NOTHING: ReadonlySet<never> = new Set();
/** What libzmq keeps for every socket, whichever uses it. */
const KEPT: readonly number[] = [5, 11, 12, 23, 24, 25, 27, 28, 54, 74];

function foreign(number: number): OptionRow | undefined {
  if (!KEPT.includes(number)) return undefined;
  return OPTIONS.find(({ id }) => id === number);
}

/** The value to set: what zeromq.js minds and the table does not; `undefined` for nothing. */
function checked(
  row: OptionRow,
  property: OptionProperty,
  value: unknown,
): unknown {
  switch (row.kind) {
    case "bool":
      if (typeof value !== "boolean") throw wrongType("a boolean");
      return value;
    case "int":
      if (typeof value !== "number") throw wrongType("a number");
      // As a conversion to 32 bits has it.
      return Number.isNaN(value) ? 0 : value;
    case "choice":
      return row.choices.includes(value as string | null) ? value : undefined;
    default: {
      if (value === null) {
        if (property.nullable) return null;
        throw errnoError("EINVAL");
      }
      const bytes = ArrayBuffer.isView(value);
      if (typeof value !== "string" && !bytes) {
        throw wrongType("a string or buffer");
      }
      const length = typeof value === "string"
        ? value.length
        : value.byteLength;
      // libzmq sees no difference between no bytes and none.
      if (length === 0 && bytes && property.nullable) return null;
      if (length === 0 && row.min > 0) throw errnoError("EINVAL");
      if (!bytes) return value;
      const { buffer, byteOffset } = value as Uint8Array;
      const own = new Uint8Array(buffer, byteOffset, length);
      return row.kind === "filters" ? decodeText(own) : own;
    }
  }
}

/** Numbers stand for booleans and the reverse, as they do in C. */
export function suited(kind: string, value: OptionValue): OptionValue {
  if (kind === "bool" && typeof value === "number") return value !== 0;
  if (kind === "int" && typeof value === "boolean") return value ? 1 : 0;
  return value;
}

/** The error of a value of another type. */
export function wrongType(wanted: string): TypeError {
  return new TypeError(`Option value must be ${wanted}`);
}
