// The two ends of CURVE for tests of what is around it, with chance that is always
// the same.

import { x25519 } from "../../adapters/x25519.ts";
import { encodeProperties } from "../../src/base/metadata.ts";
import { encodeText } from "../../src/base/utf8.ts";
import { x25519Public } from "../../src/crypto/x25519.ts";
import { CurveClient, CurveServer } from "../../src/mechanisms/curve.ts";
import { CookieKey, type CurveKeys } from "../../src/mechanisms/curve_keys.ts";
import { Bench } from "./pair.ts";

const keys = (first: number): CurveKeys => {
  const secretKey = new Uint8Array(32).map((_, i) => first + i);
  return { secretKey, publicKey: x25519Public(secretKey) };
};
const SERVER = keys(1);
const CLIENT = keys(101);
const properties = (socketType: string) =>
  encodeProperties([["Socket-Type", encodeText(socketType)]]);

/** Where secrets of connections and listeners that are drawn are kept, if somebody wants them. */
export const drawing: { secrets: Uint8Array[] | null } = { secrets: null };

let drawn = 0;
const tools = {
  x25519,
  entropy: (into: Uint8Array) => {
    for (let i = 0; i < into.length; i++) into[i] = drawn++ * 7 + (drawn >> 8);
    if (into.length === 32) drawing.secrets?.push(into);
  },
};
const cookieKey = new CookieKey(tools.entropy);

/** A Pull's end of a connection that asks who decides about its peer. */
export function curveServer(): Bench {
  const mechanism = new CurveServer(
    ...[properties("PULL"), SERVER, cookieKey, true, tools] as const,
  );
  return new Bench("PULL", { mechanism, server: true });
}

/** A Push's end. */
export function curveClient(): Bench {
  const mechanism = new CurveClient(
    ...[properties("PUSH"), CLIENT, SERVER.publicKey, tools] as const,
  );
  return new Bench("PUSH", { mechanism });
}
