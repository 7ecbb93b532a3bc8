// A server of WebSockets that speaks raw bytes, for what no decent library would say
// to a browser, and a raw peer of ZMTP behind one.

import { connect, createServer, type Socket } from "node:net";
import {
  bareFlags,
  bodyLength,
  frameFlags,
  headLength,
} from "../../src/base/frame.ts";
import { mechanismNamed, offersIn } from "../../src/zws/subprotocol.ts";
import { acceptOf } from "../../src/zws/upgrade.ts";
import { concat } from "./bytes.ts";
import type { RawPeer } from "./raw_peer.ts";
import { frame as wsFrame } from "./websocket.ts";
import { frame, greeting } from "./zmtp.ts";

const CLOSE = 8;

/** What a client asked for. */
export interface Asked {
  readonly key: string;
  readonly offers: readonly string[];
}

/** What takes a connection once its request is there, and gives what hears the rest. */
export type Taker = (
  stream: Socket,
  asked: Asked,
) => ((bytes: Uint8Array) => void) | void;

/** Something that listens for WebSockets. */
export interface RawListener {
  readonly address: string;
  close(): Promise<void>;
}

/** Listens, and leaves all but reading the request to `take`. */
export async function listenRaw(take: Taker): Promise<RawListener> {
  const streams = new Set<Socket>();
  const server = createServer((stream) => {
    streams.add(stream);
    stream.setNoDelay(true);
    stream.on("error", () => {});
    stream.on("close", () => streams.delete(stream));
    stream.on("end", () => stream.destroy());
    let head = "";
    let hear: ((bytes: Uint8Array) => void) | void;
    stream.on("data", (bytes: Uint8Array) => {
      if (head.endsWith("\r\n\r\n")) return hear?.(bytes);
      // A browser says nothing more before it is answered.
      head += new TextDecoder().decode(bytes);
      if (!head.endsWith("\r\n\r\n")) return;
      const value = (name: string) =>
        new RegExp(`^${name}: (.*)\r$`, "im").exec(head)?.[1] ?? null;
      hear = take(stream, {
        key: value("sec-websocket-key") ?? "",
        offers: offersIn(value("sec-websocket-protocol")),
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `ws://127.0.0.1:${port}/raw`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const stream of streams) stream.destroy();
      }),
  };
}

/** The answer to a request, with a subprotocol or without. */
export function accepted({ key }: Asked, protocol: string | null): string {
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
    ...protocol === null ? [] : [`Sec-WebSocket-Protocol: ${protocol}`],
    "\r\n",
  ].join("\r\n");
}

/** Puts a raw peer, which listens on tcp, behind WebSockets. */
export function listenFor(peer: RawPeer): Promise<RawListener> {
  return listenRaw((stream, asked) => {
    const [offer] = asked.offers;
    stream.write(accepted(asked, offer));
    const inner = connect(peer.port, "127.0.0.1");
    inner.on("error", () => {});
    inner.on("close", () => stream.destroy());
    stream.on("close", () => inner.destroy());
    inner.write(greeting(mechanismNamed(offer)!));
    let said: Uint8Array = new Uint8Array(0);
    let greeted = false;
    inner.on("data", (bytes: Uint8Array) => {
      said = concat(said, bytes);
      if (!greeted && said.length < 64) return;
      if (!greeted) said = said.subarray(64);
      greeted = true;
      for (;;) {
        if (said.length < 2 || said.length < headLength(said, 0)) return;
        const body = headLength(said, 0);
        const end = body + bodyLength(said, 0);
        if (said.length < end) return;
        const bare = Uint8Array.of(bareFlags(said[0]));
        stream.write(wsFrame(0x82, concat(bare, said.subarray(body, end))));
        said = said.subarray(end);
      }
    });
    return frames((opcode, body) => {
      if (opcode === CLOSE) stream.destroy();
      else inner.write(frame(frameFlags(body[0]), body.slice(1)));
    });
  });
}

/** Reads the masked frames of a client. */
function frames(
  take: (opcode: number, body: Uint8Array) => void,
): (bytes: Uint8Array) => void {
  let read: Uint8Array = new Uint8Array(0);
  return (bytes) => {
    read = concat(read, bytes);
    for (;;) {
      if (read.length < 2) return;
      const short = read[1] & 127;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (read.length < head + 4) return;
      const view = new DataView(read.buffer, read.byteOffset);
      const length = short < 126
        ? short
        : short === 126
        ? view.getUint16(2)
        : Number(view.getBigUint64(2));
      const end = head + 4 + length;
      if (read.length < end) return;
      const mask = read.slice(head, head + 4);
      take(
        read[0] & 15,
        read.slice(head + 4, end).map((byte, i) => byte ^ mask[i & 3]),
      );
      read = read.subarray(end);
    }
  };
}
