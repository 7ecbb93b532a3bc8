/**
 * Sockets on a WebSocket server of one's own: a web application and its ZeroMQ
 * endpoint share a port. Peers connect with `ws://host:port/path`, from programs and
 * from browsers.
 *
 * @example Deno
 * ```ts ignore
 * Deno.serve((request, { remoteAddr }) =>
 *   new URL(request.url).pathname === "/zmq"
 *     ? attachRequest(publisher, request, { remote: remoteAddr.hostname })
 *     : new Response("the application")
 * );
 * ```
 *
 * @example Bun
 * ```ts ignore
 * const zmq = attachment(publisher);
 * Bun.serve({
 *   fetch: (request, server) =>
 *     new URL(request.url).pathname === "/zmq"
 *       ? zmq.upgrade(request, server)
 *       : new Response("the application"),
 *   websocket: zmq.websocket,
 * });
 * ```
 *
 * @example Node
 * ```ts ignore
 * server.on("upgrade", (request, stream, head) =>
 *   attachUpgrade(publisher, request, stream, head)
 * );
 * ```
 *
 * @example Cloudflare, in a Durable Object that has the socket
 * ```ts ignore
 * fetch(request: Request): Response {
 *   const remote = request.headers.get("cf-connecting-ip") ?? "";
 *   return attachRequest(this.publisher, request, { remote });
 * }
 * ```
 *
 * @module
 */

import { NetStream } from "../../adapters/net_stream.ts";
import {
  MOST_HELD,
  type PlatformWebSocket,
  WebSocketStream,
} from "../../adapters/web_socket_stream.ts";
import { mechanismOf } from "../base/mechanism_choice.ts";
import { encodeText } from "../base/utf8.ts";
import type { SocketCore } from "../sockets/core.ts";
import { checkScheme } from "../sockets/schemes.ts";
import { coreFor, coreOf, type Socket } from "../sockets/socket.ts";
import { MessageStream } from "../zws/message_stream.ts";
import { chosen, offersIn } from "../zws/subprotocol.ts";
import { REFUSAL, says, ServerUpgrade } from "../zws/upgrade.ts";
import { attached } from "../endpoints/attached.ts";
import { ZwsStream } from "../zws/zws_stream.ts";

/**
 * The subprotocol to answer an offer with (`Sec-WebSocket-Protocol`), or `null` if the
 * client speaks no ZWS with the mechanism of the socket, or that is closed: then refuse it.
 *
 * @throws {ZmqError} ENOCOMPATPROTO for a `Stream` or `Datagram`.
 */
export function protocolFor(
  socket: Socket,
  offered: string | null,
): string | null {
  const { options, closed } = takesPeers("protocolFor", socket);
  if (closed !== null) return null;
  const { mechanism } = mechanismOf(options);
  return chosen(offersIn(offered), mechanism);
}

/** The core of a socket that peers can come to by WebSockets. */
function takesPeers(taker: string, socket: Socket): SocketCore {
  const core = coreFor(taker, socket);
  checkScheme(core.type, "ws://", true);
  return core;
}

/** What is known of a WebSocket that is attached. */
export interface AttachOptions {
  /** The peer's address; empty if it isn't known. */
  remote?: string;
  /** The subprotocol that was agreed on, if the WebSocket itself doesn't tell. */
  protocol?: string;
}

/**
 * Attaches a WebSocket that some server has accepted, with the subprotocol that
 * {@linkcode protocolFor} gave. The WebSocket is the socket's from here on. It can't be
 * told to stop reading: what comes while nobody takes it is kept up to 64 MiB, and
 * beyond that the connection ends with ENOBUFS.
 *
 * @throws {ZmqError} ENOCOMPATPROTO for a `Stream` or `Datagram`; EBADF once closed.
 */
export function attach(
  socket: Socket,
  webSocket: PlatformWebSocket,
  { remote = "", protocol }: AttachOptions = {},
): void {
  const handler = coreFor("attach", socket).attachWebSocket(
    (settings) => new MessageStream(settings),
    attached,
  );
  new WebSocketStream(webSocket, remote, handler, protocol);
}

/** What answers a request for a WebSocket: Deno, or a Worker of Cloudflare's. */
interface Servers {
  readonly Deno?: {
    upgradeWebSocket(
      request: Request,
      options: { idleTimeout: number },
    ): { socket: PlatformWebSocket; response: Response };
  };
  readonly WebSocketPair: new () => [
    theirs: PlatformWebSocket,
    ours: PlatformWebSocket & { accept(): void },
  ];
}

/**
 * Attaches the WebSocket that a request asks for, to `Deno.serve` or to a Worker of
 * Cloudflare's, and gives the response. Without `remote` the peer has no address, for
 * `authenticate` and limits neither: Deno's handler is told it as `remoteAddr.hostname`,
 * Cloudflare's in the header `cf-connecting-ip`.
 */
export function attachRequest(
  socket: Socket,
  request: Request,
  { remote = "" }: Pick<AttachOptions, "remote"> = {},
): Response {
  const { Deno, WebSocketPair } = globalThis as unknown as Servers;
  const offered = request.headers.get("sec-websocket-protocol");
  const protocol = protocolFor(socket, offered);
  const asked = asksForWebSocket(request, Deno !== undefined);
  if (protocol === null || !asked) {
    return new Response("it takes ZWS2.0", { status: 400 });
  }
  if (Deno === undefined) {
    const { 0: webSocket, 1: ours } = new WebSocketPair();
    ours.accept();
    attach(socket, ours, { remote, protocol });
    const headers = { "Sec-WebSocket-Protocol": protocol };
    const answer = { status: 101, headers, webSocket };
    return new Response(null, answer);
  }
  // It takes offers with blanks between them only, so the answer is written here.
  // A peer that is busy, or stopped by us, may be silent for as long as heartbeats let it.
  const { socket: webSocket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: 0,
  });
  response.headers.set("Sec-WebSocket-Protocol", protocol);
  attach(socket, webSocket, { remote, protocol });
  return response;
}

/**
 * What servers would throw at otherwise, though a stranger's request is no error of
 * theirs; with `whole` the headers of the connection are there to see, too.
 */
function asksForWebSocket(
  { method, headers }: Request,
  whole: boolean,
): boolean {
  return method === "GET" && says(headers, "upgrade", "websocket") &&
    (!whole || says(headers, "connection", "upgrade") &&
        headers.has("sec-websocket-key"));
}

/** What is used of a socket of Bun's server. */
export interface BunServerWebSocket {
  /** What was given when it was upgraded. */
  data: unknown;
  /** The address of the peer. */
  readonly remoteAddress: string;
  /** Sends a message. */
  send(bytes: Uint8Array): number;
  /** Bytes that wait for the network. */
  getBufferedAmount(): number;
  /** Closes it. */
  close(code?: number): void;
}

/** What is used of Bun's server. */
export interface BunServer {
  /** Upgrades a request; says whether that was done. */
  upgrade(
    request: Request,
    options: { data: unknown; headers: Record<string, string> },
  ): boolean;
}

/** What `Bun.serve` takes for `websocket`. */
export interface BunWebSocketHandlers {
  /** Bytes of the largest message. */
  readonly maxPayloadLength: number;
  /** Seconds that a peer may be silent; 0 for ever. */
  readonly idleTimeout: number;
  /** One has been upgraded. */
  open(webSocket: BunServerWebSocket): void;
  /** A message has come. */
  message(webSocket: BunServerWebSocket, data: unknown): void;
  /** It is closed. */
  close(webSocket: BunServerWebSocket, code: number, reason: string): void;
}

/** A socket on `Bun.serve`. */
export interface BunAttachment {
  /** Upgrades a request: `undefined` if that was done, or the response of a refusal. */
  upgrade(request: Request, server: BunServer): Response | undefined;
  /** For `Bun.serve`; that of one attachment serves all on its server. */
  readonly websocket: BunWebSocketHandlers;
}

/** A socket of Bun's server with the face of the platform's. */
class BunFace implements PlatformWebSocket {
  binaryType = "arraybuffer";
  readonly readyState = 1;
  readonly protocol: string;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: { message?: string }) => void) | null = null;
  readonly #inner: BunServerWebSocket;

  constructor(inner: BunServerWebSocket, protocol: string) {
    this.#inner = inner;
    this.protocol = protocol;
  }

  get bufferedAmount(): number {
    return this.#inner.getBufferedAmount();
  }

  send(bytes: Uint8Array): void {
    this.#inner.send(bytes);
  }

  close(code?: number): void {
    this.#inner.close(code);
  }
}

/** What a WebSocket of Bun's server carries. */
interface BunData {
  readonly socket: Socket;
  readonly protocol: string;
  face: BunFace | null;
}

// Its server has one set of handlers: whose a WebSocket is it says itself.
const WEBSOCKET: BunWebSocketHandlers = {
  maxPayloadLength: MOST_HELD,
  idleTimeout: 0,
  open(webSocket) {
    const data = webSocket.data as BunData;
    // It may have been closed since the upgrade.
    if (coreOf(data.socket).closed !== null) {
      webSocket.close();
      return;
    }
    data.face = new BunFace(webSocket, data.protocol);
    attach(data.socket, data.face, { remote: webSocket.remoteAddress });
  },
  message({ data }, message) {
    const bytes = message as Uint8Array<ArrayBuffer>;
    const own = typeof message === "string" ? message : bytes.slice().buffer;
    (data as BunData).face?.onmessage?.({ data: own });
  },
  close({ data }, code, reason) {
    (data as BunData).face?.onclose?.({ code, reason });
  },
};

/**
 * Attaches WebSockets of `Bun.serve` to a socket.
 *
 * @throws {ZmqError} ENOCOMPATPROTO for a `Stream` or `Datagram`.
 */
export function attachment(socket: Socket): BunAttachment {
  takesPeers("attachment", socket);
  return {
    upgrade(request, server) {
      const offered = request.headers.get("sec-websocket-protocol");
      const protocol = protocolFor(socket, offered);
      if (protocol === null) {
        return new Response("it takes ZWS2.0", { status: 400 });
      }
      const data: BunData = { socket, protocol, face: null };
      const done = server.upgrade(request, {
        data,
        headers: { "Sec-WebSocket-Protocol": protocol },
      });
      return done
        ? undefined
        : new Response("it is no upgrade", { status: 400 });
    },
    websocket: WEBSOCKET,
  };
}

/** Headers that an upgrade is asked for with. */
const ASKED = /^(?:host|upgrade|connection|sec-websocket-.*)$/i;

/** What is used of a request of `node:http`. */
export interface UpgradeRequest {
  /** Its method; `"GET"` if it isn't said. */
  readonly method?: string | undefined;
  /** Its path. */
  readonly url?: string | undefined;
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[];
}

/**
 * Attaches the stream of an `upgrade` event of `node:http`: the WebSocket on it is ours,
 * so that a reader that is slow stops its peer. Who offers no subprotocol of the socket's
 * mechanism is refused, and everybody once it is closed.
 */
export function attachUpgrade(
  socket: Socket,
  request: UpgradeRequest,
  stream: object,
  head: Uint8Array,
): void {
  const core = takesPeers("attachUpgrade", socket);
  if (core.closed !== null) {
    const refused = stream as {
      on(event: "error", fn: () => void): void;
      end(bytes: Uint8Array, ended: () => void): void;
      destroy(): void;
    };
    const gone = () => refused.destroy();
    // Who has reset the connection meanwhile is no error of the server's.
    refused.on("error", gone);
    refused.end(REFUSAL, gone);
    return;
  }
  const { method = "GET", url = "/" } = request;
  const lines = [`${method} ${url} HTTP/1.1`];
  // Others, such as cookies, concern the application, and may be as long as it takes.
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name, value] = request.rawHeaders.slice(i, i + 2);
    if (ASKED.test(name)) lines.push(`${name}: ${value}`);
  }
  const { mechanism } = mechanismOf(core.options);
  const handler = core.attachWebSocket(
    (settings) => new ZwsStream(settings, new ServerUpgrade(mechanism), null),
    attached,
  );
  const below = new NetStream();
  below.adopt(stream, handler);
  handler.data(encodeText(`${lines.join("\r\n")}\r\n\r\n`).slice());
  if (head.length > 0) handler.data(head.slice());
}
