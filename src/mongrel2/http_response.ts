// Responses of HTTP/1.1 (RFC 9112), which the server passes on as they are: the
// status line, headers, and a body with its length ahead or in chunks.

import { ZmqError } from "../base/errors.ts";
import { encodeText } from "../base/utf8.ts";
import { concatBytes, lengthOf, type Piece } from "./pieces.ts";

/** What to answer a request with. */
export interface HttpResponse {
  /** The status. Default: 200. */
  status?: number;
  /** What stands behind it. Default: what HTTP calls that status. */
  statusText?: string;
  /** Headers; `Content-Length` and `Transfer-Encoding` are seen to. */
  headers?: Readonly<Record<string, string | number | readonly string[]>>;
  /** The body; text is sent as UTF-8. Default: none. */
  body?: Uint8Array | string;
}

/** How the end of a body is told. */
export type Framing = "length" | "chunked" | "close";

const REASONS: Readonly<Record<number, string>> = {
  100: "Continue",
  101: "Switching Protocols",
  103: "Early Hints",
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What a value must not have: it would end the header, and begin another. */
const UNFIT = /[\r\n\0]/;
const END = "\r\n";

/** The last chunk: the body is over. */
export const LAST_CHUNK = "0\r\n\r\n";

/** Writes a response, all of it; for HEAD without the body, whose length is told all the same. */
export function formatResponse(
  response: HttpResponse,
  method: string = "GET",
): Uint8Array {
  return concatBytes(responsePieces(response, method));
}

/** The same, in pieces. */
export function responsePieces(
  response: HttpResponse,
  method: string,
): Piece[] {
  const { body = "", status = 200 } = response;
  const head = headOf(response, "length", lengthOf(body));
  return method === "HEAD" || bodiless(status) ? [head] : [head, body];
}

/** Writes what stands before a body that comes in parts. */
export function formatHead(
  response: HttpResponse,
  framing: "chunked" | "close",
): Uint8Array {
  return encodeText(headOf(response, framing, 0));
}

/** Writes a chunk. Empty bytes are none: that would be the end. */
export function formatChunk(bytes: Uint8Array | string): Uint8Array {
  const length = lengthOf(bytes);
  if (length === 0) return concatBytes([]);
  return concatBytes([`${length.toString(16)}${END}`, bytes, END]);
}

/** Whether a response of this status has no body (RFC 9110, 6.4.1). */
export function bodiless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

function headOf(
  { status = 200, statusText, headers = {} }: HttpResponse,
  framing: Framing,
  length: number,
): string {
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new ZmqError("EINVAL", `${status} is no status: it has three digits`);
  }
  const reason = statusText ?? REASONS[status] ?? "";
  if (UNFIT.test(reason)) {
    throw new ZmqError("EINVAL", "The text of a status is one line");
  }
  let text = `HTTP/1.1 ${status} ${reason}${END}`;
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    if (!TOKEN.test(name)) {
      throw new ZmqError("EINVAL", `${JSON.stringify(name)} is no header`);
    }
    // The framing of the body is not up to the user: it would cut responses short.
    if (key === "content-length" || key === "transfer-encoding") continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      if (UNFIT.test(`${each}`)) {
        throw new ZmqError("EINVAL", `The header ${name} isn't one line`);
      }
      text += `${name}: ${each}${END}`;
    }
  }
  if (bodiless(status)) return text + END;
  if (framing === "length") text += `Content-Length: ${length}${END}`;
  if (framing === "chunked") text += `Transfer-Encoding: chunked${END}`;
  if (framing === "close") text += `Connection: close${END}`;
  return text + END;
}
