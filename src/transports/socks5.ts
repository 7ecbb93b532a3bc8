// The way through a SOCKS5 proxy (RFC 1928, RFC 1929; ZMQ_SOCKS_PROXY), as libzmq
// goes it: one method is offered, and a name is looked up by the proxy, never here.
//
//   method ──(login)──> reply ──> done
//      └───────┴──────────┴────> failed

import { EMPTY } from "../base/message.ts";
import { concat } from "../base/bytes.ts";
import { ipBytes } from "../base/cidr.ts";
import { encodeText } from "../base/utf8.ts";
import type { Dialogue } from "./stream_transport.ts";

const VERSION = 5;
const LOGIN_VERSION = 1;
const NO_LOGIN = 0;
const LOGIN = 2;
const CONNECT = 1;
const IPV4 = 1;
const NAME = 3;
const IPV6 = 4;

/** What the replies 1 to 8 mean. */
const REPLIES: readonly [code: string, meaning: string][] = [
  ["ECONNABORTED", "it failed"],
  ["EACCES", "its rules don't allow it"],
  ["ENETUNREACH", "the network can't be reached"],
  ["EHOSTUNREACH", "the host can't be reached"],
  ["ECONNREFUSED", "the host refused the connection"],
  ["ETIMEDOUT", "the time to live expired"],
  ["EPROTONOSUPPORT", "it does not make connections"],
  ["EAFNOSUPPORT", "it does not know this type of address"],
];

export class Socks5 implements Dialogue {
  state: "method" | "login" | "reply" | "done" | "failed" = "method";
  error: Error | null = null;
  rest: Uint8Array = EMPTY;
  readonly #host: string;
  readonly #port: number;
  readonly #user: string | null;
  readonly #password: string;

  /** To a host behind the proxy; with a user the proxy is told who asks. */
  constructor(
    host: string,
    port: number,
    user: string | null,
    password: string | null,
  ) {
    this.#host = host;
    this.#port = port;
    this.#user = user;
    this.#password = password ?? "";
  }

  begin(): Uint8Array {
    return Uint8Array.of(VERSION, 1, this.#method);
  }

  receive(bytes: Uint8Array): Uint8Array | null {
    const all = this.rest.length === 0 ? bytes : concat(this.rest, bytes);
    if (this.state === "done" || this.state === "failed") {
      this.rest = all;
      return null;
    }
    const length = this.#lengthOf(all);
    this.rest = all.slice(length ?? 0);
    return length === null ? null : this.#answer(all);
  }

  get #method(): number {
    return this.#user === null ? NO_LOGIN : LOGIN;
  }

  /** How long the answer at the front is; null while that, or part of it, is to come. */
  #lengthOf(bytes: Uint8Array): number | null {
    let length = 2;
    if (this.state === "reply") {
      const bad = bytes.length > 0 && bytes[0] !== VERSION;
      if (bad || bytes.length > 1 && bytes[1] !== 0) {
        this.#failReply(bad ? -1 : bytes[1]);
        return null;
      }
      if (bytes.length < 5) return null;
      const type = bytes[3];
      if (type !== IPV4 && type !== NAME && type !== IPV6) {
        this.#fail("EPROTO", "it speaks no SOCKS5");
        return null;
      }
      length = 6 + (type === IPV4 ? 4 : type === IPV6 ? 16 : 1 + bytes[4]);
    }
    return bytes.length < length ? null : length;
  }

  #answer(bytes: Uint8Array): Uint8Array | null {
    if (this.state === "reply") {
      this.state = "done";
      return null;
    }
    const login = this.state === "login";
    if (bytes[0] !== (login ? LOGIN_VERSION : VERSION)) {
      return this.#fail("EPROTO", "it speaks no SOCKS5");
    }
    if (bytes[1] !== (login ? 0 : this.#method)) {
      return this.#fail("EACCES", "it does not take this user and password");
    }
    if (login || this.#user === null) {
      this.state = "reply";
      return this.#request();
    }
    this.state = "login";
    const user = encodeText(this.#user);
    const password = encodeText(this.#password);
    return Uint8Array.of(
      LOGIN_VERSION,
      ...[user.length, ...user],
      ...[password.length, ...password],
    );
  }

  #request(): Uint8Array {
    const literal = ipBytes(this.#host);
    const name = encodeText(this.#host);
    return Uint8Array.of(
      ...[VERSION, CONNECT, 0],
      ...(literal === null
        ? [NAME, name.length, ...name]
        : [literal.length === 4 ? IPV4 : IPV6, ...literal]),
      ...[this.#port >> 8, this.#port & 255],
    );
  }

  #failReply(reply: number): void {
    const known = REPLIES[reply - 1];
    if (known === undefined) this.#fail("EPROTO", "it speaks no SOCKS5");
    else this.#fail(...known);
  }

  #fail(code: string, why: string): null {
    this.state = "failed";
    this.error = Object.assign(new Error(`the SOCKS5 proxy: ${why}`), { code });
    return null;
  }
}
