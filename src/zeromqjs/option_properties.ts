// Options as properties of the classes, and by libzmq's numbers for classes that
// are derived from them.

import type { SocketType } from "../base/socket_type.ts";
import { SOCKET_TYPES } from "../base/socket_type.ts";
import type { OptionValue } from "../base/option_types.ts";
import { coreOf, type Socket as MainSocket } from "../sockets/socket.ts";
import { checkArity, errnoError, translated } from "./errno_error.ts";
import {
  COMMON,
  NEEDS_VMCI,
  type OptionProperty,
  ownOptionsOf,
  propertyOf,
} from "./option_table.ts";
import { type OptionStore, suited, wrongType } from "./option_store.ts";

/** What of a socket its options need. */
export interface Optioned {
  readonly main: MainSocket;
  readonly store: OptionStore;
  /** Whether there is no endpoint yet that a new value would not act on. */
  readonly fresh: boolean;
}

/** Gives a class the options that sockets of a type have, or all. */
export function defineOptions(
  prototype: object,
  type: SocketType | null,
  of: (socket: object) => Optioned,
): void {
  const properties = type === null ? COMMON : ownOptionsOf(type);
  for (const property of properties) defineOption(prototype, property, of);
  if (type !== null) return;
  for (const name of NEEDS_VMCI) {
    const fail = () => {
      throw errnoError("EINVAL");
    };
    define(prototype, name, fail, fail);
  }
}

function defineOption(
  prototype: object,
  property: OptionProperty,
  of: (socket: object) => Optioned,
): void {
  const { name, access } = property;
  define(
    prototype,
    name,
    access === "wo" ? undefined : function (this: object) {
      return of(this).store.get(name);
    },
    function (this: object, value: unknown) {
      const { store, fresh } = of(this);
      store.set(property, value, fresh);
    },
  );
}

function define(
  prototype: object,
  name: string,
  get: ((this: object) => unknown) | undefined,
  set: (this: object, value: unknown) => void,
): void {
  Object.defineProperty(prototype, name, {
    get,
    set,
    configurable: true,
    enumerable: false,
  });
}

/** The value of an option by number. */
export function optionByNumber(
  { main, store }: Optioned,
  id: unknown,
): OptionValue {
  store.check();
  const number = checkedId(id);
  const core = coreOf(main);
  for (const { name, id } of core.rows.values()) {
    if (id !== number || id === 0) continue;
    if (propertyOf(core.type, name) !== undefined) return store.get(name);
  }
  try {
    return main.getOption(number);
  } catch {
    const value = store.getForeign(number);
    if (value === undefined) throw errnoError("EINVAL");
    return value;
  }
}

/** Sets an option by number. */
export function setOptionByNumber(
  { main, store, fresh }: Optioned,
  id: unknown,
  value: OptionValue,
): void {
  store.check();
  const number = checkedId(id);
  const core = coreOf(main);
  for (const row of core.rows.values()) {
    if (row.id !== number || row.id === 0) continue;
    const property = propertyOf(core.type, row.name);
    if (property === undefined || row.name === "verbosity") continue;
    store.set(property, suited(row.kind, value), fresh);
    return;
  }
  translated(() => {
    const row = [...core.rows.values()].find((row) => row.id === number);
    if (row === undefined && store.setForeign(number, value)) return;
    main.setOption(number, row === undefined ? value : suited(row.kind, value));
  });
}

/** A value as a boolean. */
export function asBool(value: OptionValue): boolean {
  return Boolean(value);
}

/** A value as a number. */
export function asNumber(value: OptionValue): number {
  if (typeof value === "string" || value === null) throw errnoError("EINVAL");
  return Number(value);
}

/** A value as text. */
export function asText(value: OptionValue): string | null {
  if (value === null || typeof value === "string") return value;
  throw errnoError("EINVAL");
}

/** Throws unless a value is a boolean. */
export function mustBeBoolean(value: unknown): void {
  if (typeof value !== "boolean") throw wrongType("a boolean");
}

/** Throws unless a value is a number. */
export function mustBeNumber(value: unknown): void {
  if (typeof value !== "number") throw wrongType("a number");
}

/** A number as a conversion to 32 bits has it. */
export function whole(value: number): number {
  mustBeNumber(value);
  return value | 0;
}

/** Throws unless a value is text, bytes or null. */
export function mustBeText(value: unknown): void {
  if (value === null || typeof value === "string") return;
  if (!ArrayBuffer.isView(value)) throw wrongType("a string or buffer");
}

/** Throws unless an option was set by a number, and with one value. */
export function checkSetting(id: unknown, given: number): void {
  checkedId(id);
  checkArity(given, 2);
}

/** A number of libzmq, as a conversion to 32 bits has it. */
export function checkedId(id: unknown): number {
  if (typeof id === "number") return id | 0;
  throw new TypeError("Identifier must be a number");
}

/** The type with a number of libzmq. */
export function typeWithNumber(number: unknown): SocketType {
  if (typeof number !== "number") {
    throw new TypeError("Socket type must be a number");
  }
  for (const [type, { id }] of Object.entries(SOCKET_TYPES)) {
    if (id === number) return type as SocketType;
  }
  throw errnoError("EINVAL");
}
