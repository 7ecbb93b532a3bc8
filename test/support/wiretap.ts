// A tcp proxy that remembers what passes, both ways.

import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Wiretap {
  readonly address: string;
  /** All that has passed, a character a byte. */
  heard(): string;
  close(): void;
}

/** Starts one before an address. */
export async function wiretap(address: string): Promise<Wiretap> {
  const port = Number(address.split(":").at(-1));
  const chunks: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]]) {
      sockets.push(from);
      from.on("error", () => {});
      from.on("data", (data) => chunks.push(data.toString("latin1")));
      from.pipe(to);
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    address: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => chunks.join(""),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
