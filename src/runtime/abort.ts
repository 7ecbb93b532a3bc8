// The part of the platform's AbortSignal that the library uses.

/** An `AbortSignal`, or anything that behaves like one. */
export interface AbortLike {
  /** Whether it has happened. */
  readonly aborted: boolean;
  /** Why; what a call that was given the signal rejects with. */
  readonly reason?: unknown;
  /** Calls `listener` when it happens. */
  addEventListener(type: "abort", listener: () => void): void;
  /** Takes a listener back. */
  removeEventListener(type: "abort", listener: () => void): void;
}
