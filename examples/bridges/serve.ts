// A web server in one function, on whatever the runtime brings: `Deno.serve`,
// `Bun.serve`, or `node:http` by node_server.ts. It listens on loopback only.

import { attachment, attachRequest } from "../../src/attach/attach.ts";
import { Socket } from "../../mod.ts";
import { serveOnNode } from "./node_server.ts";

/** A page at the other end of a plain WebSocket. */
export interface Page {
  send(text: string): void;
  /** Bytes that it has not taken yet. */
  queued(): number;
  close(): void;
}

/** Who hears what a page says. */
export interface Ear {
  said(text: string): void;
  gone(): void;
}

/** What is served. */
export interface Site {
  /** Answers a request. */
  fetch(request: Request): Response | Promise<Response>;
  /**
   * Who takes a WebSocket: a ZeroMQ socket, for which it is a peer like any other,
   * or a function, which talks to a page in text.
   */
  webSocket?: Socket | ((page: Page) => Ear);
}

/** Serves, for as long as the process lives; resolves with the address. */
export async function serve(port: number, site: Site): Promise<string> {
  const host = { port, hostname: "127.0.0.1" };
  const bound = Deno !== undefined
    ? Deno.serve({ ...host, onListen() {} }, onDeno(site)).addr.port
    : Bun !== undefined
    ? Bun.serve({ ...host, idleTimeout: 0, ...onBun(site) }).port
    : await serveOnNode(port, site);
  return `http://127.0.0.1:${bound}`;
}

/** What is there instead of a page. */
export function status(code: number, text = ""): Response {
  return new Response(`${text}\n`, { status: code });
}

function wantsWebSocket(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

function onDeno({ fetch, webSocket }: Site) {
  return (request: Request) => {
    if (!wantsWebSocket(request)) return fetch(request);
    if (webSocket === undefined) return status(400, "no WebSockets here");
    if (webSocket instanceof Socket) return attachRequest(webSocket, request);
    const { socket, response } = Deno!.upgradeWebSocket(request);
    socket.onopen = () => {
      const ear = webSocket({
        send: (text) => socket.send(text),
        queued: () => socket.bufferedAmount,
        close: () => socket.close(),
      });
      socket.onmessage = ({ data }) => ear.said(String(data));
      socket.onclose = () => ear.gone();
    };
    return response;
  };
}

function onBun({ fetch, webSocket }: Site) {
  const attached = webSocket instanceof Socket ? attachment(webSocket) : null;
  const ears = new Map<BunWebSocket, Ear>();
  const pages = {
    open: (socket: BunWebSocket) =>
      void ears.set(
        socket,
        (webSocket as (page: Page) => Ear)({
          send: (text) => socket.send(text),
          queued: () => socket.getBufferedAmount(),
          close: () => socket.close(),
        }),
      ),
    message: (socket: BunWebSocket, data: unknown) =>
      ears.get(socket)!.said(String(data)),
    close: (socket: BunWebSocket) => {
      ears.get(socket)!.gone();
      ears.delete(socket);
    },
  };
  return {
    fetch(request: Request, server: BunServer) {
      if (!wantsWebSocket(request)) return fetch(request);
      if (webSocket === undefined) return status(400, "no WebSockets here");
      if (attached !== null) return attached.upgrade(request, server);
      return server.upgrade(request) ? undefined : status(400, "no upgrade");
    },
    websocket: attached?.websocket ?? pages,
  };
}

// What is used of each runtime; the other two don't have it.

interface BunWebSocket {
  send(text: string): number;
  getBufferedAmount(): number;
  close(): void;
}

interface BunServer {
  upgrade(request: Request, options?: { data: unknown }): boolean;
}

interface Runtimes {
  Deno?: {
    serve(
      options: { port: number; hostname: string; onListen(): void },
      handler: (request: Request) => Response | Promise<Response>,
    ): { addr: { port: number } };
    upgradeWebSocket(
      request: Request,
    ): { socket: WebSocket; response: Response };
  };
  Bun?: {
    serve(
      options:
        & { port: number; hostname: string; idleTimeout: number }
        & ReturnType<typeof onBun>,
    ): { port: number };
  };
}

const { Deno, Bun } = globalThis as unknown as Runtimes;
