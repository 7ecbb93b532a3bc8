// What a runtime offers where a small array takes its engine less than a view does.

/** How small frames that were received get memory of their own. */
export interface FrameCopies {
  /** Frames of so many bytes or more are viewed. */
  readonly below: number;
  copy(from: Uint8Array, start: number, end: number): Uint8Array;
}
