// What a user does who gives a received frame to a Worker without a copy.

/** Transfers the buffer of a frame away; the frame is empty afterwards. */
export function transferAway(frame: Uint8Array): void {
  const buffer = frame.buffer as ArrayBuffer;
  structuredClone(null, { transfer: [buffer] });
}
