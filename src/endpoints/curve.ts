// What CURVE takes beyond keys: a part of its own, which is loaded when a socket first
// needs it.

export { CurveClient, CurveServer } from "../mechanisms/curve.ts";
export { SECURE_FRAMING } from "../zmtp/secure_framing.ts";
