// Which event tells of a fault, as libzmq does it: a protocol error or a
// refusal in the handshake has an event of its own, anything else that ends a
// handshake is "other", and bad metadata or a frame that is too large shows
// only as the disconnect (which here carries the reason). Bad metadata of a server
// of PLAIN or CURVE is a protocol error, and so is hidden traffic that can't be read.

import type { EventError, EventPeer } from "../base/event.ts";
import { errnoOf, isErrorCode } from "../base/errors.ts";
import type { Fault } from "../base/fault.ts";
import type { Phase } from "./session.ts";
import type { SocketSide } from "./socket_side.ts";

const STATUS = "ERR_ZAP_STATUS_";

/** A fault as the error of an event. */
export function eventError(fault: Fault): EventError {
  const cause = fault.cause ?? fault;
  const error = new Error(fault.rule, { cause }) as Error & {
    code: string;
    errno?: number;
    status?: number;
  };
  error.code = fault.code;
  if (isErrorCode(fault.code)) error.errno = errnoOf(fault.code);
  if (fault.code.startsWith(STATUS)) {
    error.status = Number(fault.code.slice(STATUS.length));
  }
  return error;
}

/** Tells whoever watches a socket that a connection is over, and why. */
export function emitEnd(
  socket: SocketSide,
  address: string,
  peer: EventPeer,
  phase: Phase,
  fault: Fault | null,
): void {
  if (!socket.observed) return;
  const error = fault === null ? undefined : eventError(fault);
  if (phase === "handshake" || fault?.telling === "always") {
    const type = handshakeEvent(fault);
    if (type !== null) {
      socket.emit({ type, address, peer, error: error ?? leftEarly() });
    }
  }
  socket.emit(
    error === undefined
      ? { type: "disconnect", address, peer }
      : { type: "disconnect", address, peer, error },
  );
}

function handshakeEvent(
  fault: Fault | null,
):
  | "handshake:error:protocol"
  | "handshake:error:auth"
  | "handshake:error:other"
  | null {
  if (fault === null) return "handshake:error:other";
  if (fault.code.startsWith(STATUS)) return "handshake:error:auth";
  if (fault.telling === "never" || fault.code === "EMSGSIZE") return null;
  return /^ERR_(?:ZMTP|WS|ZAP)_/.test(fault.code)
    ? "handshake:error:protocol"
    : "handshake:error:other";
}

function leftEarly(): EventError {
  const error = new Error("the peer left before the handshake was over");
  return Object.assign(error, { code: "EPIPE", errno: errnoOf("EPIPE") });
}

/** An error of the runtime as the error of an event. */
export function eventErrorFrom(cause: Error): EventError {
  const { code } = cause as { code?: unknown };
  const known = typeof code === "string" ? code : "EIO";
  return Object.assign(new Error(cause.message, { cause }), {
    code: known,
    ...(isErrorCode(known) ? { errno: errnoOf(known) } : {}),
  });
}
