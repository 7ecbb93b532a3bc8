// What the application and a background thread say to each other about sockets,
// endpoints and pipes. Words about a pipe are enclosed in its link, between frames.

import { errnoOf, isErrorCode } from "../base/errors.ts";
import type { EventError, EventPeer, Told } from "../base/event.ts";
import { type Blame, Fault, type Telling } from "../base/fault.ts";
import type { OptionValue, OptionValues } from "../base/option_types.ts";
import type { SocketType } from "../base/socket_type.ts";
import type { Credentials } from "../mechanisms/mechanism.ts";
import type { LinkMemory } from "./link.ts";

/** What a thread is given when it starts. */
export interface ThreadData {
  /** Memory of its port, and what counts what was said to the application. */
  readonly port: SharedArrayBuffer;
  readonly told: SharedArrayBuffer;
}

/** What the application tells a thread. */
export type Order =
  | {
    is: "socket";
    socket: number;
    type: SocketType;
    options: Record<string, unknown>;
  }
  | {
    is: "option";
    socket: number;
    name: keyof OptionValues;
    value: OptionValue;
  }
  | { is: "forget"; socket: number }
  | {
    is: "open";
    socket: number;
    endpoint: number;
    address: string;
    bind: boolean;
    givenId: Uint8Array;
    /** The pipe that there is before there is a connection; null without. */
    pipe: LinkMemory | null;
  }
  | { is: "close"; endpoint: number; discard: boolean; closed: string | null }
  | { is: "abort"; endpoint: number; closed: string | null }
  | {
    is: "answer";
    question: number;
    fault: PlainFault | null;
    properties: Uint8Array;
  };

/** What a thread tells the application. */
export type Report =
  | { is: "opened"; endpoint: number; address: string; error: null }
  | { is: "opened"; endpoint: number; address: string; error: PlainError }
  /** It listens, or tries, no more; what was accepted may still be on its way. */
  | { is: "closed"; endpoint: number }
  | { is: "over"; endpoint: number }
  | { is: "event"; endpoint: number; event: Told; error?: PlainError }
  | { is: "pipe"; endpoint: number; pipe: LinkMemory }
  | {
    is: "ask";
    endpoint: number;
    question: number;
    credentials: Credentials;
    address: string;
  }
  | { is: "withdraw"; question: number }
  | { is: "died"; why: string };

/** What the thread says of a pipe. */
export type PipeReport =
  | ({ is: "attach" } & PipeFacts)
  | ({ is: "ready"; connection: number } & PipeFacts)
  | { is: "hiccup" }
  /** What follows answers nothing that was given up. */
  | { is: "refused" }
  /** The peer has gone; `more` of what it sent may still come. */
  | { is: "detach"; more: boolean }
  | { is: "ended" };

/** What the application says of a pipe. */
export type PipeOrder =
  /** It has heard of a connection: subscriptions that follow are for that one. */
  | { is: "heard"; connection: number }
  | { is: "refuse"; fault: PlainFault }
  | { is: "close" };

/** What a pattern looks at in a pipe. */
export interface PipeFacts {
  readonly routingId: Uint8Array;
  readonly peer: EventPeer | null;
  readonly properties: Uint8Array;
  readonly admitted: Uint8Array;
  readonly unfiltered: boolean;
}

/** A fault, as it can be posted. */
export interface PlainFault {
  readonly blame: Blame;
  readonly code: string;
  readonly rule: string;
  readonly telling: Telling;
}

/** An error, as it can be posted. */
export interface PlainError {
  readonly message: string;
  readonly code: string;
  readonly status?: number;
}

export function plainFault(fault: Fault): PlainFault {
  const { blame, code, rule, telling } = fault;
  return { blame, code, rule, telling };
}

export function faultOf({ blame, code, rule, telling }: PlainFault): Fault {
  return new Fault(blame, code, rule, undefined, telling);
}

export function plainError(error: unknown): PlainError {
  const { message, code, status } = error as EventError;
  const plain = { message, code: typeof code === "string" ? code : "EIO" };
  return status === undefined ? plain : { ...plain, status };
}

export function eventErrorOf(plain: PlainError): EventError {
  const { message, code } = plain;
  const errno = isErrorCode(code) ? { errno: errnoOf(code) } : {};
  const status = plain.status === undefined ? {} : { status: plain.status };
  return Object.assign(new Error(message), { code, ...errno, ...status });
}
