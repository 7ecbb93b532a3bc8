// ZAP 1.0 (RFC 27): asks a handler, a Reply or Router that is bound to a name of the
// context, whether a peer may come in. Each question has a pipe of its own.

import { Fault } from "../base/fault.ts";
import { concat } from "../base/bytes.ts";
import { EMPTY, type Message } from "../base/message.ts";
import { encodeProperties, parseProperties } from "../base/metadata.ts";
import type { OptionValues } from "../base/option_types.ts";
import { defaultsOf } from "../base/options.ts";
import { encodeText, latin1 } from "../base/utf8.ts";
import type { Admission, Question } from "../endpoints/socket_side.ts";
import { type Credentials, refusal } from "../mechanisms/mechanism.ts";
import { BasePattern } from "../patterns/base.ts";
import type { Host } from "../routing/pattern.ts";
import type { Pipe } from "../routing/pipe.ts";
import type { InprocMember, InprocRegistry } from "../transports/inproc.ts";

/** Where handlers are bound. */
export const ZAP_ADDRESS = "inproc://zeromq.zap.01";
const VERSION = "1.0";
const REQUEST_ID = "1";
const FRAMES = 7;

/** Between threads: a question is of some hundred bytes, and there may be many. */
const RING_BYTES = 4096;

/** Whether there is a handler, in this thread or another; later, while others may not have said so. */
export function hasHandler(inproc: InprocRegistry): boolean | Promise<boolean> {
  return inproc.boundTo(ZAP_ADDRESS) !== null ||
    (inproc.elsewhere?.handles ?? false);
}

/** Asks the handler. If it goes before it has answered, the peer may not come in. */
export function askHandler(
  inproc: InprocRegistry,
  domain: string,
  address: string,
  routingId: Uint8Array,
  credentials: Credentials,
): Question {
  const asker = new Asker();
  const connection = inproc.connect(ZAP_ADDRESS, asker, asker, EMPTY);
  asker.ask([
    EMPTY,
    encodeText(VERSION),
    encodeText(REQUEST_ID),
    encodeText(domain),
    encodeText(address),
    routingId,
    encodeText(credentials.mechanism),
    ...shown(credentials),
  ]);
  const withdraw = () => {
    if (!connection.over) connection.abort();
  };
  asker.answer.then(withdraw);
  return { answer: asker.answer, withdraw };
}

/** The credentials as frames. */
function shown({ username, password, publicKey }: Credentials): Message {
  if (publicKey !== null) return [publicKey];
  return username === null ? [] : [bytesOf(username), bytesOf(password ?? "")];
}

class Asker extends BasePattern implements InprocMember {
  readonly options: OptionValues = {
    ...defaultsOf("DEALER"),
    sendHighWaterMark: 0,
    receiveHighWaterMark: 0,
  };
  readonly routingId: Uint8Array = EMPTY;
  readonly type = "DEALER";
  readonly ringBytes = RING_BYTES;
  readonly answer: Promise<Admission>;
  #resolve: (admission: Admission) => void = () => {};
  #pipe: Pipe | null = null;

  constructor() {
    super(NOBODY);
    this.answer = new Promise((resolve) => this.#resolve = resolve);
  }

  ask(request: Message): void {
    this.#pipe!.send(request, 0, null);
  }

  attach(pipe: Pipe): void {
    pipe.pattern = this;
    this.#pipe = pipe;
  }

  detach(pipe: Pipe): void {
    pipe.open = false;
    this.#resolve(notAnswered("the ZAP handler has gone"));
  }

  endpointOver(): void {
    this.#resolve(notAnswered("the ZAP handler has gone"));
  }

  override readable(pipe: Pipe): void {
    const reply = pipe.inbound.take();
    if (reply !== null) this.#resolve(admissionOf(reply));
  }
}

const NOBODY: Host = {
  readable: () => {},
  writable: () => {},
  pressed: () => {},
  ahead: () => {},
  caughtUp: () => {},
  dropped: () => {},
};

/** What a reply says; each fault of it is one of its own. */
function admissionOf(reply: Message): Admission {
  if (reply.length !== FRAMES) {
    return faulty("MALFORMED_REPLY", `a reply has ${FRAMES} frames`);
  }
  const [delimiter, version, id, status, , userId, metadata] = reply;
  if (delimiter.length > 0) {
    return faulty("UNSPECIFIED", "a reply begins with an empty frame");
  }
  if (textOf(version) !== VERSION) {
    return faulty("BAD_VERSION", "a reply is of version 1.0");
  }
  if (textOf(id) !== REQUEST_ID) {
    return faulty("BAD_REQUEST_ID", "a reply has the id of its request");
  }
  const code = textOf(status);
  if (!["200", "300", "400", "500"].includes(code)) {
    return faulty("INVALID_STATUS_CODE", "a status is 200, 300, 400 or 500");
  }
  if (code !== "200") return { fault: refusal(code), properties: EMPTY };
  if (parseProperties(metadata, 0, metadata.length) === null) {
    return faulty("INVALID_METADATA", "metadata are properties");
  }
  const named = encodeProperties([["User-Id", userId]]);
  return { fault: null, properties: concat(named, metadata) };
}

function faulty(code: string, rule: string): Admission {
  return {
    fault: new Fault("mismatch", `ERR_ZAP_${code}`, `the ZAP handler: ${rule}`),
    properties: EMPTY,
  };
}

/** Nobody says whether a peer may come in: it may not. */
export function notAnswered(why: string): Admission {
  return { fault: new Fault("mismatch", "EFAULT", why), properties: EMPTY };
}

function textOf(frame: Uint8Array): string {
  return latin1(frame, 0, Math.min(frame.length, 64));
}

/** Bytes that were read as one character each. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
