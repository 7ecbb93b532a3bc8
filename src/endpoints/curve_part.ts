// Where CURVE is had from: most programs never need it, and those that do load it with
// the first bind or connect that says so.

import { mechanismOf } from "../base/mechanism_choice.ts";
import type { OptionValues } from "../base/option_types.ts";
import type * as curve from "./curve.ts";

/** What CURVE takes beyond keys. */
export type Curve = typeof curve;

let part: Curve | null = null;

/** Has it at hand from here on, for who can't wait. */
export function provideCurve(curve: Curve): void {
  part = curve;
}

/** Loads what options ask for; null where there is nothing to wait for. */
export function whenSecure(
  options: OptionValues,
  load: () => Promise<Curve>,
): Promise<void> | null {
  if (part !== null || mechanismOf(options).mechanism !== "CURVE") return null;
  return load().then(provideCurve);
}

/** It, once it is loaded. */
export function curvePart(): Curve {
  return part!;
}
