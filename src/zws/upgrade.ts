// The HTTP upgrade that a WebSocket begins with (RFC 6455, section 4; RFC 45), for
// either side: bytes of the peer go in, the word of this side and the subprotocol
// come out. As strict as libzmq where it has to be, and no stricter.

import { EMPTY } from "../base/message.ts";
import { concat } from "../base/bytes.ts";
import { type Blame, Fault } from "../base/fault.ts";
import { encodeText, latin1 } from "../base/utf8.ts";
import { base64, sha1 } from "./sha1.ts";
import { chosen, offersIn } from "./subprotocol.ts";

const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Bytes of a whole head, of a header's name and of its value. */
const LONGEST_HEAD = 8192;
const LONGEST_NAME = 1024;
const LONGEST_VALUE = 2048;
const KEY_BYTES = 16;
/** Answers that pass: a server behind a proxy may come back, and a busy one have time. */
const PASSING = /^HTTP\/1\.[01] (?:5\d\d|408|425|429)(?: |$)/;
/** The answer to who asks for nothing that is here. */
export const REFUSAL: Uint8Array = encodeText(
  "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
);

/** One side of an upgrade. */
export interface Upgrade {
  /** What was wrong; it stays. */
  readonly fault: Fault | null;
  /** Whether it is through. */
  readonly done: boolean;
  /** The subprotocol, once done. */
  readonly protocol: string;
  /** What this side says first, or `null`. */
  begin(): Uint8Array | null;
  /** Takes bytes of the peer; gives the answer if there is one to say, of a refusal too. */
  receive(bytes: Uint8Array): Uint8Array | null;
  /** What came behind the head, once done. */
  readonly rest: Uint8Array;
}

/** The answer to a client's key. */
export function acceptOf(key: string): string {
  return base64(sha1(encodeText(key + MAGIC)));
}

/** Collects a head: lines up to an empty one. */
abstract class Head implements Upgrade {
  fault: Fault | null = null;
  done = false;
  protocol = "";
  rest: Uint8Array = EMPTY;
  #seen: Uint8Array = EMPTY;

  abstract begin(): Uint8Array | null;

  receive(bytes: Uint8Array): Uint8Array | null {
    if (this.fault !== null) return null;
    const all = concat(this.#seen, bytes);
    const end = endOfHead(all, Math.max(0, this.#seen.length - 3));
    if (end < 0 ? all.length > LONGEST_HEAD : end > LONGEST_HEAD) {
      this.fail(`the head of an upgrade has at most ${LONGEST_HEAD} bytes`);
      return null;
    }
    this.#seen = all;
    if (end < 0) {
      // What can't become a head is not waited for.
      if (!this.begins(all)) this.fail("it speaks no HTTP");
      return null;
    }
    this.#seen = EMPTY;
    const [first, ...lines] = latin1(all, 0, end).split("\r\n");
    const headers = headersOf(lines);
    if (headers === null) {
      this.fail("a header is too long, or none");
      return null;
    }
    const word = this.answer(first, headers);
    if (this.fault === null) {
      this.done = true;
      this.rest = all.slice(end + 4);
    }
    return word;
  }

  protected fail(rule: string, blame: Blame = "peer"): void {
    this.fault = new Fault(blame, "ERR_WS_UNSPECIFIED", rule);
  }

  /** Whether bytes may be the front of what the peer has to say. */
  protected abstract begins(bytes: Uint8Array): boolean;

  /** Looks at the head, and says what there is to say. */
  protected abstract answer(
    first: string,
    headers: ReadonlyMap<string, string>,
  ): Uint8Array | null;
}

/** The side that connects. */
export class ClientUpgrade extends Head {
  readonly #request: string;
  readonly #offers: readonly string[];
  readonly #accept: string;

  /** `random` are 16 bytes for the key. */
  constructor(
    host: string,
    path: string,
    offers: readonly string[],
    random: Uint8Array,
  ) {
    super();
    const key = base64(random);
    this.#accept = acceptOf(key);
    this.#offers = offers;
    this.#request = [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      `Sec-WebSocket-Protocol: ${offers.join(",")}`,
      "Sec-WebSocket-Version: 13",
    ].join("\r\n");
  }

  begin(): Uint8Array {
    return encodeText(`${this.#request}\r\n\r\n`);
  }

  protected begins(bytes: Uint8Array): boolean {
    return startsWith(bytes, "HTTP/1.");
  }

  protected answer(first: string, headers: ReadonlyMap<string, string>): null {
    const protocol = headers.get("sec-websocket-protocol") ?? "";
    if (!/^HTTP\/1\.1 101(?: |$)/.test(first)) {
      const blame = PASSING.test(first) ? "transport" : "peer";
      this.fail(`the upgrade was refused: ${first.slice(0, 80)}`, blame);
    } else if (
      !says(headers, "upgrade", "websocket") ||
      !says(headers, "connection", "upgrade")
    ) {
      this.fail("the answer upgrades to no WebSocket");
    } else if (headers.get("sec-websocket-accept") !== this.#accept) {
      this.fail("the answer is to another key");
    } else if (headers.has("sec-websocket-extensions")) {
      this.fail("the answer has extensions that nobody offered");
    } else if (!this.#offers.includes(protocol)) {
      this.fail("the answer chooses no subprotocol that was offered");
    }
    this.protocol = protocol;
    return null;
  }
}

/** The side that listens. */
export class ServerUpgrade extends Head {
  readonly #mechanism: string;

  constructor(mechanism: string) {
    super();
    this.#mechanism = mechanism;
  }

  begin(): null {
    return null;
  }

  protected begins(bytes: Uint8Array): boolean {
    return startsWith(bytes, "GET ");
  }

  protected answer(
    first: string,
    headers: ReadonlyMap<string, string>,
  ): Uint8Array | null {
    const key = headers.get("sec-websocket-key") ?? "";
    const offers = offersIn(headers.get("sec-websocket-protocol") ?? null);
    const protocol = chosen(offers, this.#mechanism);
    if (!/^GET \S+ HTTP\/1\.1$/.test(first)) {
      this.fail("an upgrade is a GET of HTTP/1.1");
    } else if (
      !says(headers, "upgrade", "websocket") ||
      !says(headers, "connection", "upgrade")
    ) {
      this.fail("the request upgrades to no WebSocket");
    } else if (!/^[A-Za-z0-9+/]{22}==$/.test(key)) {
      this.fail(`the key of an upgrade are ${KEY_BYTES} bytes in Base64`);
    } else if (protocol === null) {
      this.fail(`the client offers no ZWS2.0 with ${this.#mechanism}`);
    }
    if (this.fault !== null || protocol === null) return REFUSAL;
    this.protocol = protocol;
    return encodeText([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptOf(key)}`,
      `Sec-WebSocket-Protocol: ${protocol}`,
      "\r\n",
    ].join("\r\n"));
  }
}

/** Where the empty line begins that ends a head; -1 if it isn't there. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let i = from; i + 3 < bytes.length; i++) {
    if (
      bytes[i] === 13 && bytes[i + 1] === 10 && bytes[i + 2] === 13 &&
      bytes[i + 3] === 10
    ) return i;
  }
  return -1;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  const length = Math.min(bytes.length, text.length);
  for (let i = 0; i < length; i++) {
    if (bytes[i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Headers by their names in small letters; null if one is malformed. */
function headersOf(lines: readonly string[]): Map<string, string> | null {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const good = colon > 0 && name.length <= LONGEST_NAME &&
      value.length <= LONGEST_VALUE && !/\s/.test(name);
    if (!good) return null;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
}

/** Whether a header lists a word. */
export function says(
  headers: { get(name: string): string | null | undefined },
  name: string,
  word: string,
): boolean {
  return (headers.get(name) ?? "").split(",")
    .some((one) => one.trim().toLowerCase() === word);
}
