// Listeners of TLS by `node:tls`, which all server runtimes have.

import type { Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import type {
  ByteStream,
  Listener,
  StreamHandler,
  TcpTarget,
} from "../src/runtime/adapter.ts";
import { NetStream } from "./net_stream.ts";
import { coded } from "./coded.ts";
import {
  hostPort,
  listenHost,
  nodeCrypto,
  nodeTls,
  posix,
} from "./platform.ts";

/** As long as timers go: the platform takes 0 for a default of its own. */
const NO_LIMIT = 0x7fffffff;

/** Listens; resolves once a peer can connect. */
export async function listenTls(
  target: TcpTarget,
  accept: (stream: ByteStream) => StreamHandler,
  refused: (error: Error) => void,
): Promise<Listener> {
  const { certificate, key, handshakeInterval, maxPendingHandshakes } = target
    .tls!;
  if (certificate === null || key === null) {
    throw coded(
      "EINVAL",
      "a listener needs a certificate and its key: set wssCertPem and wssKeyPem",
    );
  }
  const host = await listenHost(target.host, target.ipv6);
  const server = makeServer(certificate, key, handshakeInterval);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(posix(error)));
    server.listen(
      { host, port: target.port, backlog: target.backlog, exclusive: true },
      resolve,
    );
  });
  server.unref();
  server.removeAllListeners("error");
  server.on("error", (error) => refused(posix(error)));
  /** Those who haven't agreed on keys yet, by their addresses. */
  const pending = new Map<string, Socket>();
  const nameOf = ({ remoteAddress, remotePort }: Socket) =>
    hostPort(remoteAddress ?? "", remotePort ?? 0);
  let turnedAway = 0;
  server.on("connection", (socket: Socket) => {
    if (pending.size >= maxPendingHandshakes) {
      turnedAway++;
      refused(
        coded(
          "EBUSY",
          "as many agree on keys as maxPendingHandshakes allows",
        ),
      );
      socket.destroy();
      return;
    }
    const name = nameOf(socket);
    pending.set(name, socket);
    socket.unref();
    socket.once("close", () => {
      if (pending.get(name) === socket) pending.delete(name);
    });
  });
  server.on("tlsClientError", (error, socket) => {
    // After a limit of time it would stay.
    socket.destroy();
    const { code } = error as { code?: string };
    // That one who was turned away has gone is no news.
    if (code === "ECONNRESET" && turnedAway > 0) turnedAway--;
    else {
      const message = `no TLS with a peer: ${error.message}`;
      refused(coded("EPROTO", message, error));
    }
  });
  const bound = server.address() as { address: string; port: number };
  const local = hostPort(bound.address, bound.port);
  server.on("secureConnection", (socket) => {
    pending.delete(nameOf(socket));
    const stream = new NetStream();
    stream.accept(socket, target, local, accept(stream));
  });
  const close = () => {
    server.close();
    for (const socket of pending.values()) socket.destroy();
  };
  return { local, close };
}

function makeServer(cert: string, key: string, handshakeInterval: number) {
  try {
    // Deno makes a server of anything, and then refuses every peer.
    const { createPrivateKey, X509Certificate } = nodeCrypto();
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      throw new Error("the key is another's");
    }
    const options: SecureContextOptions = { cert, key };
    return nodeTls().createServer({
      ...options,
      handshakeTimeout: handshakeInterval || NO_LIMIT,
    });
  } catch (cause) {
    throw coded("EINVAL", "the certificate or its key can't be read", cause);
  }
}
