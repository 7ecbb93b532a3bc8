// Where CURVE is had from: most programs never need it, and those that do load it with
// the first bind or connect that says so.

import { ZmqError } from "../base/errors.ts";
import { mechanismOf } from "../base/mechanism_choice.ts";
import type * as curve from "./curve.ts";
import type { SocketSide } from "./socket_side.ts";

/** What CURVE takes beyond keys. */
export type Curve = typeof curve;

let part: Curve | null = null;

/** Has it at hand from here on, for who can't wait. */
export function provideCurve(curve: Curve): void {
  part = curve;
}

/**
 * Opens something of a socket once what its options ask for is loaded, which is at once
 * where there is nothing to load. Rejects with a {@linkcode ZmqError} (EIO) if it can't
 * be had, as in a page that has gone offline.
 */
export function onceSecure(
  { options, reactor }: SocketSide,
  open: () => Promise<void> | null,
): Promise<void> | null {
  if (part !== null || mechanismOf(options).mechanism !== "CURVE") {
    return open();
  }
  return reactor.parts.curve().catch((cause) => {
    throw new ZmqError(
      "EIO",
      `Cannot load CURVE: ${cause.message}; bind or connect again once its file can be had`,
      { cause },
    );
  }).then((curve) => {
    provideCurve(curve);
    return open() ?? undefined;
  });
}

/** It, once it is loaded. */
export function curvePart(): Curve {
  return part!;
}
