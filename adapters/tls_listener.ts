// Listeners of TLS by `node:tls`, which all server runtimes have.

import type { SecureContextOptions } from "node:tls";
import type {
  ByteStream,
  Listener,
  StreamHandler,
  TcpTarget,
} from "../src/runtime/adapter.ts";
import { NetStream } from "./net_stream.ts";
import {
  coded,
  hostPort,
  listenHost,
  nodeCrypto,
  nodeTls,
  posix,
} from "./platform.ts";

/** How long a peer may take to agree on keys, in milliseconds. */
const HANDSHAKE_MS = 30000;

/** Listens; resolves once a peer can connect. */
export async function listenTls(
  target: TcpTarget,
  accept: (stream: ByteStream) => StreamHandler,
  refused: (error: Error) => void,
): Promise<Listener> {
  const { certificate, key } = target.tls!;
  if (certificate === null || key === null) {
    throw coded(
      "EINVAL",
      "a listener needs a certificate and its key: set wssCertPem and wssKeyPem",
    );
  }
  const host = await listenHost(target.host, target.ipv6);
  const server = makeServer(certificate, key);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(posix(error)));
    server.listen(
      { host, port: target.port, backlog: target.backlog },
      resolve,
    );
  });
  server.unref();
  server.removeAllListeners("error");
  server.on("error", (error) => refused(posix(error)));
  server.on("tlsClientError", (error) => {
    refused(coded("EPROTO", `no TLS with a peer: ${error.message}`, error));
  });
  const bound = server.address() as { address: string; port: number };
  const local = hostPort(bound.address, bound.port);
  server.on("secureConnection", (socket) => {
    const stream = new NetStream();
    stream.accept(socket, target, local, accept(stream));
  });
  return { local, close: () => void server.close() };
}

function makeServer(cert: string, key: string) {
  try {
    // Deno makes a server of anything, and then refuses every peer.
    const { createPrivateKey, X509Certificate } = nodeCrypto();
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      throw new Error("the key is another's");
    }
    const options: SecureContextOptions = { cert, key };
    return nodeTls().createServer({
      ...options,
      handshakeTimeout: HANDSHAKE_MS,
    });
  } catch (cause) {
    throw coded("EINVAL", "the certificate or its key can't be read", cause);
  }
}
