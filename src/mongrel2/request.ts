// What a server tells its handlers, a frame each:
//
//     SENDER CONNECTION PATH SIZE:HEADERS,SIZE:BODY,
//
// HEADERS are JSON, or with `protocol='tnetstring'` a dictionary in place of the
// netstring. Beside requests the server tells of uploads, WebSockets, connections
// that have gone, and how much of a reply has left; `kind` says which it is.

import { ZmqError } from "../base/errors.ts";
import { decodeText, latin1 } from "../base/utf8.ts";
import { type HeaderRecord, RequestHeaders } from "./headers.ts";
import { MalformedError } from "./malformed.ts";
import { around, readNetstring, spanAt } from "./netstring.ts";
import { concatBytes, type Piece } from "./pieces.ts";
import { checkTarget, type Target } from "./target.ts";
import {
  formatTnetstring,
  readTnetstring,
  type TnetValue,
} from "./tnetstring.ts";
import { type Frame, frameOf } from "./websocket.ts";

/**
 * What a message of the server tells:
 *
 * - `request`: a request of HTTP, with its whole body
 * - `uploadStart`: a body is too long to be sent; the server begins to write it to a
 *   file. Not to be replied to
 * - `uploadDone`: the file is whole: this is the request to reply to
 * - `uploadPart`: with `upload.stream`, a part of a body
 * - `handshake`: a client wants a WebSocket: `accept` it
 * - `frame`: a message on a WebSocket
 * - `message`: one of a JSON or XML socket
 * - `disconnect`: the connection has gone. Not to be replied to: the server would
 *   answer that with another such notice
 * - `credits`: with `download.flow_control`, bytes of replies that have left
 */
export type RequestKind =
  | "request"
  | "uploadStart"
  | "uploadDone"
  | "uploadPart"
  | "handshake"
  | "frame"
  | "message"
  | "disconnect"
  | "credits";

/** Where the body of a request is that came as an upload. */
export interface Upload {
  /** The file, as the server names it: within its chroot, if it has one. */
  readonly path: string;
}

/** A part of a body, with `upload.stream`. */
export interface UploadPart {
  /** How many bytes came before it. */
  readonly offset: number;
  /** Whether it is the last one. */
  readonly last: boolean;
}

/** The parts of a request, to write one. */
export interface RequestParts extends Target {
  /** The path. */
  readonly path: string;
  /** The client's headers by names in lower case, and the server's variables in capitals. */
  readonly headers: HeaderRecord;
  /** What it carries. */
  readonly body?: Uint8Array | string;
}

const SPACE = 0x20;
const COMMA = 0x2c;
const BRACE = 0x7d;
/** The path of what the server tells of itself. */
const NOTICE = "@*";
const LONGEST_NAME = 255;
const SHORT = 40;
const LONGEST_PATH = 65_536;

/** A message of the server. */
export class Mongrel2Request implements Target {
  /** What it tells. */
  readonly kind: RequestKind;
  /** The id of the server (`send_ident`). */
  readonly sender: string;
  /** The id of the connection, at that server. */
  readonly connection: string;
  /** The path of its URL, as it was sent. */
  readonly path: string;
  /** The headers, and the server's variables. */
  readonly headers: RequestHeaders;
  /** The body: a view of `bytes`. */
  readonly body: Uint8Array;
  /** All of the message as it came; to pass it on, send this. */
  readonly bytes: Uint8Array;
  /** With the kinds `uploadStart` and `uploadDone`: where the body goes. */
  readonly upload: Upload | null;
  /** With the kind `uploadPart`. */
  readonly part: UploadPart | null;
  /** With the kind `frame`: what came on the WebSocket. */
  readonly frame: Frame | null;
  /** With the kind `credits`: how many bytes have left; 0 otherwise. */
  readonly credits: number;

  /** Reads a message; {@linkcode parseRequest} does the same. */
  constructor(bytes: Uint8Array) {
    const first = wordAt(bytes, 0, LONGEST_NAME);
    const second = wordAt(bytes, first + 1, LONGEST_NAME);
    const third = wordAt(bytes, second + 1, LONGEST_PATH);
    this.bytes = bytes;
    this.sender = latin1(bytes, 0, first);
    this.connection = latin1(bytes, first + 1, second);
    try {
      checkTarget(this);
    } catch (error) {
      const { message } = error as Error;
      throw new MalformedError(message, bytes, 0, { cause: error });
    }
    this.path = shortText(bytes, second + 1, third);
    const { headers, end } = readHeaders(bytes, third + 1);
    this.headers = headers;
    const body = readNetstring(bytes, end);
    if (body.end !== bytes.length) {
      throw new MalformedError(
        "Something stands behind the body",
        bytes,
        body.end,
      );
    }
    this.body = body.bytes;
    this.upload = uploadOf(this.headers, this.body);
    this.part = partOf(this);
    const about = aboutOf(this);
    this.frame = about.frame;
    this.credits = about.credits;
    this.kind = about.kind;
    if (this.kind !== "uploadStart" && this.kind !== "uploadDone") {
      this.upload = null;
    }
  }

  /** The method, such as `GET`; of what isn't HTTP what the server puts in its place. */
  get method(): string {
    return this.headers.variable("METHOD") ?? "";
  }

  /** The path and the query, as they were sent. */
  get uri(): string {
    return this.headers.variable("URI") ?? this.path;
  }

  /** What stands behind the `?` of the URI; empty without one. */
  get query(): string {
    return this.headers.variable("QUERY") ?? "";
  }

  /** The pattern of the server's route that led here. */
  get pattern(): string {
    return this.headers.variable("PATTERN") ?? "";
  }

  /** The version of HTTP, such as `HTTP/1.1`. */
  get version(): string {
    return this.headers.variable("VERSION") ?? "";
  }

  /** The address of the client, or of a proxy before the server. */
  get remoteAddress(): string {
    return this.headers.variable("REMOTE_ADDR") ?? "";
  }

  /** Whether the client lets its connection go on after the reply. */
  get keepsAlive(): boolean {
    const said = (this.headers.get("connection") ?? "").toLowerCase()
      .split(",").map((word) => word.trim());
    if (said.includes("close")) return false;
    return this.version !== "HTTP/1.0" || said.includes("keep-alive");
  }

  /** The body as text. */
  text(): string {
    return decodeText(this.body);
  }

  /** The body as JSON. Throws a `SyntaxError` if it is none. */
  json(): unknown {
    return JSON.parse(this.text());
  }
}

/**
 * Reads a message of a server. Its body is a view.
 *
 * @throws {MalformedError} if it isn't one.
 *
 * @example
 * ```ts
 * import { formatRequest, parseRequest } from "@nought/zeromq/mongrel2";
 *
 * const request = parseRequest(formatRequest({
 *   sender: "main",
 *   connection: "7",
 *   path: "/hello",
 *   headers: { METHOD: "GET", "accept": "text/plain" },
 * }));
 * console.log(request.method); // GET
 * console.log(request.headers.get("Accept")); // text/plain
 * ```
 */
export function parseRequest(bytes: Uint8Array): Mongrel2Request {
  return new Mongrel2Request(bytes);
}

/**
 * Writes a request as a server does, with headers in JSON or as a tnetstring: for a
 * stage that passes on more than it got, and for tests.
 *
 * Throws a `ZmqError` EINVAL for ids and paths that can't be written.
 */
export function formatRequest(
  parts: RequestParts,
  protocol: "json" | "tnetstring" = "json",
): Uint8Array {
  checkTarget(parts);
  const { sender, connection, path, headers, body = "" } = parts;
  if (path.includes(" ") || path === "") {
    throw new ZmqError("EINVAL", "A path isn't empty and has no blank");
  }
  const before: Piece[] = protocol === "json"
    ? around(JSON.stringify(headers), ",")
    : [formatTnetstring(headers)];
  return concatBytes([
    `${sender} ${connection} ${path} `,
    ...before,
    ...around(body, ","),
  ]);
}

/** Text that is ASCII and short as a rule, which takes the decoder longer than this. */
function shortText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT) return decodeText(bytes.subarray(start, end));
  for (let at = start; at < end; at++) {
    if (bytes[at] > 0x7f) return decodeText(bytes.subarray(start, end));
  }
  return latin1(bytes, start, end);
}

/** Where the word ends that begins at `at`. */
function wordAt(bytes: Uint8Array, at: number, longest: number): number {
  const end = bytes.indexOf(SPACE, at);
  if (end <= at || end - at > longest) {
    throw new MalformedError(
      "A request begins with a sender, a connection and a path",
      bytes,
      Math.min(at, bytes.length),
    );
  }
  return end;
}

function readHeaders(
  bytes: Uint8Array,
  at: number,
): { headers: RequestHeaders; end: number } {
  const { start, end, type } = spanAt(bytes, at, bytes.length);
  let record: Record<string, unknown>;
  if (type === BRACE) {
    const { value } = readTnetstring(bytes, at, { maxDepth: 2 });
    record = Object.fromEntries(value as Map<string, TnetValue>);
  } else if (type === COMMA) {
    record = jsonObject(bytes, start, end);
  } else {
    throw new MalformedError("Headers are a dictionary, or JSON", bytes, end);
  }
  for (const name in record) {
    const value = record[name];
    if (
      typeof value !== "string" &&
      !(Array.isArray(value) && value.every((one) => typeof one === "string"))
    ) throw new MalformedError("A header is no text", bytes, start);
  }
  const headers = new RequestHeaders(record as HeaderRecord);
  return { headers, end: end + 1 };
}

function jsonObject(
  bytes: Uint8Array,
  start: number,
  end: number,
): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(decodeText(bytes.subarray(start, end)));
  } catch (error) {
    throw new MalformedError("Headers are no JSON", bytes, start, {
      cause: error,
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MalformedError("Headers are no object", bytes, start);
  }
  return value as Record<string, unknown>;
}

/** Lengths that the server, which reads them with `atoi`, takes for what they say. */
const LENGTH = /^\d{1,10} *$/;
const LONGEST_BODY = 2 ** 31 - 1;

/**
 * The file of an upload. Its headers are of names that a client may send too, so
 * they count only if the server knew of a body that isn't here: then it was the
 * server that set them. What it doesn't take for a length (`0x5`) or for chunks
 * (`Chunked`, or with a length beside it) is no body to it.
 */
function uploadOf(headers: RequestHeaders, body: Uint8Array): Upload | null {
  const path = headers.all("x-mongrel2-upload-start").at(-1);
  if (path === undefined || body.length > 0) return null;
  const length = headers.get("content-length");
  const announced = length === undefined
    ? headers.get("transfer-encoding") === "chunked"
    : LENGTH.test(length) && +length > 0 && +length <= LONGEST_BODY;
  return announced ? { path } : null;
}

function partOf({ headers, bytes }: Mongrel2Request): UploadPart | null {
  const offset = headers.variable("UPLOAD_STREAM");
  if (offset === undefined) return null;
  if (!/^\d{1,15}$/.test(offset)) {
    throw new MalformedError("UPLOAD_STREAM is no number", bytes, 0);
  }
  const done = headers.variable("UPLOAD_STREAM_DONE") ?? "0";
  return { offset: Number(offset), last: done !== "0" };
}

interface About {
  readonly kind: RequestKind;
  readonly frame: Frame | null;
  readonly credits: number;
}

function aboutOf(request: Mongrel2Request): About {
  const { headers, path, method, bytes } = request;
  const about = (kind: RequestKind, credits = 0): About => ({
    kind,
    frame: null,
    credits,
  });
  if (method === "JSON" || method === "XML") {
    if (path !== NOTICE) return about("message");
    const type = noticeOf(request);
    if (type === "disconnect") return about("disconnect");
    if (type !== "credits") return about("message");
    const credits = Number(headers.variable("DOWNLOAD_CREDITS"));
    if (Number.isSafeInteger(credits) && credits >= 0) {
      return about("credits", credits);
    }
    throw new MalformedError("DOWNLOAD_CREDITS is no number", bytes, 0);
  }
  if (method === "WEBSOCKET_HANDSHAKE") return about("handshake");
  if (method === "WEBSOCKET") {
    const frame = frameOf(headers.variable("FLAGS"), request.body);
    if (frame !== null) return { kind: "frame", frame, credits: 0 };
    throw new MalformedError("FLAGS are no byte in hexadecimal", bytes, 0);
  }
  if (request.part !== null) return about("uploadPart");
  if (request.upload === null) return about("request");
  const done = headers.all("x-mongrel2-upload-done").at(-1);
  return about(done === request.upload.path ? "uploadDone" : "uploadStart");
}

/** The `type` of a notice of the server. */
function noticeOf(request: Mongrel2Request): unknown {
  let notice: unknown;
  try {
    notice = request.json();
  } catch {
    return undefined;
  }
  return (notice as { type?: unknown } | null)?.type;
}
