// Why a connection ended before its time: who is to blame, a code to match on,
// and the rule that was broken. A fault is kept by the connection that raised
// it and never changes. Codes that begin with ERR_ZMTP are libzmq's protocol
// codes (ZMQ_PROTOCOL_ERROR_ZMTP_*); the rest are POSIX codes.

/**
 * Who is to blame: `peer` broke the protocol, `mismatch` are two ends that are
 * sound but don't fit, `caller` is this program, `transport` the network,
 * `limit` a bound that was set here, `timeout` a deadline.
 */
export type Blame =
  | "peer"
  | "mismatch"
  | "caller"
  | "transport"
  | "limit"
  | "timeout";

/**
 * Whether a fault has an event of its own beside the end of the connection: in
 * handshakes as a rule, and for some never, or in traffic too.
 */
export type Telling = "never" | "handshake" | "always";

/**
 * The reason a connection was cut off. It can stand where an Error does, but is none
 * underneath: a stack that nobody reads would be most of what a bad peer costs.
 */
export class Fault implements Error {
  readonly name = "Fault";
  readonly blame: Blame;
  readonly code: string;
  readonly rule: string;
  readonly cause: unknown;
  readonly telling: Telling;

  constructor(
    blame: Blame,
    code: string,
    rule: string,
    cause?: unknown,
    telling: Telling = "handshake",
  ) {
    this.blame = blame;
    this.code = code;
    this.rule = rule;
    this.cause = cause;
    this.telling = telling;
  }

  get message(): string {
    return this.rule;
  }
}

/** Whether a connector may try again: a peer that broke the protocol will again. */
export function mayRetry(fault: Fault | null): boolean {
  return fault === null || fault.blame === "transport" ||
    fault.blame === "timeout" || fault.blame === "caller";
}
