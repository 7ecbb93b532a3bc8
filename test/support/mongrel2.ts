// Real Mongrel2 servers for tests: Debian's, with a config that m2sh makes, each in a
// folder of its own and on ports that nobody had a moment ago.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed, type Peer } from "./peer.ts";
import { type Program, program } from "./runtime.ts";
import { sleep, within } from "./wait.ts";

const M2SH = installed("m2sh", ["version"], "mongrel2-core");

/** The server, if it is here. */
export const MONGREL2: Peer = { ...M2SH, name: "Mongrel2" };

/** A handler in a config. */
export interface Route {
  /** Its pattern, such as `/`. */
  readonly path: string;
  /** Default: json. */
  readonly protocol?: "json" | "tnetstring";
}

/** What is in a config. */
export interface ServerOptions {
  /** The server's id, for all its handlers. Default: main. */
  readonly id?: string;
  readonly routes?: readonly Route[];
  readonly settings?: Readonly<Record<string, string | number>>;
  /** A command that runs it, such as one that pins it to cores. */
  readonly pin?: readonly string[];
}

/** The two endpoints of a handler in a config. */
export interface Endpoints {
  readonly requests: string;
  readonly replies: string;
}

/** A server that runs. */
export class Mongrel2Server {
  readonly port: number;
  /** The URL, without a slash at its end. */
  readonly url: string;
  /** The endpoints of each route's handler. */
  readonly handlers: readonly Endpoints[];
  readonly #folder: string;
  readonly #command: readonly string[];
  #program: Program | null = null;

  private constructor(
    folder: string,
    port: number,
    handlers: Endpoints[],
    pin: readonly string[],
  ) {
    this.#folder = folder;
    this.#command = [...pin, "mongrel2", "m2.sqlite", "main"];
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.handlers = handlers;
  }

  /** Starts one; it takes connections when this resolves. */
  static async start(options: ServerOptions = {}): Promise<Mongrel2Server> {
    const { id = "main", routes = [{ path: "/" }], settings = {} } = options;
    for (let tries = 1;; tries++) {
      const ports = await freePorts(1 + 2 * routes.length);
      const folder = mkdtempSync(join(tmpdir(), "nought-mongrel2-"));
      const handlers = routes.map((_, i) => ({
        requests: `tcp://127.0.0.1:${ports[1 + 2 * i]}`,
        replies: `tcp://127.0.0.1:${ports[2 + 2 * i]}`,
      }));
      const server = new Mongrel2Server(
        folder,
        ports[0],
        handlers,
        options.pin ?? [],
      );
      try {
        configure(folder, id, ports[0], routes, handlers, settings);
        await server.run();
        return server;
      } catch (error) {
        await server.stop();
        // Somebody else took one of the ports.
        if (tries === 3) throw error;
      }
    }
  }

  /** Runs it, for the first time or again. */
  async run(): Promise<void> {
    const [command, ...args] = this.#command;
    const run = program(command, args, { cwd: this.#folder });
    this.#program = run;
    let over = false;
    run.exit.catch(() => {}).finally(() => over = true);
    await within(
      "Mongrel2 listens",
      (async () => {
        while (!await listens(this.port)) {
          if (over) throw new Error(`Mongrel2 ended: ${run.output()}`);
          await sleep(10);
        }
      })(),
    );
  }

  /** Ends it at once; it can be run again. */
  async kill(): Promise<void> {
    await this.#program?.kill();
    this.#program = null;
    rmSync(join(this.#folder, "run", "m2.pid"), { force: true });
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A file as the server names it: as root it has changed its root. */
  file(path: string): string {
    const within = join(this.#folder, path);
    return existsSync(within) ? within : path;
  }

  /** What it has said. */
  said(): string {
    return this.#program?.output() ?? "";
  }
}

/** Runs a test with a server, and ends it. */
export async function withMongrel2(
  options: ServerOptions,
  run: (server: Mongrel2Server) => Promise<void>,
): Promise<void> {
  const server = await Mongrel2Server.start(options);
  try {
    await within("the exchange", run(server), 60_000);
  } finally {
    await server.stop();
  }
}

function configure(
  folder: string,
  id: string,
  port: number,
  routes: readonly Route[],
  handlers: readonly Endpoints[],
  settings: ServerOptions["settings"],
): void {
  for (const name of ["run", "logs", "tmp"]) mkdirSync(join(folder, name));
  const all = handlers.map(({ requests, replies }, i) =>
    `h${i} = Handler(send_spec='${requests}', send_ident='${id}', ` +
    `recv_spec='${replies}', recv_ident='${id}', ` +
    `protocol='${routes[i].protocol ?? "json"}')`
  );
  const paths = routes.map(({ path }, i) => `'${path}': h${i}`).join(", ");
  const set = Object.entries({ "server.daemonize": 0, ...settings })
    .map(([name, value]) =>
      `'${name}': ${typeof value === "number" ? value : `'${value}'`}`
    );
  const text = `${all.join("\n")}
main = Server(uuid='main', name='main', chroot='./', pid_file='/run/m2.pid',
  access_log='/logs/access.log', error_log='/logs/error.log',
  bind_addr='127.0.0.1', port=${port}, default_host='localhost',
  hosts=[Host(name='localhost', routes={${paths}})])
servers = [main]
settings = {${set.join(", ")}}
`;
  writeFileSync(join(folder, "m2.conf"), text);
  execFileSync("m2sh", ["load", "-config", "m2.conf", "-db", "m2.sqlite"], {
    cwd: folder,
    stdio: "pipe",
    timeout: 30_000,
  });
}

/** Ports of loopback that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.on("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) =>
    (server.address() as { port: number }).port
  );
  await Promise.all(
    servers.map((server) => new Promise((done) => server.close(done))),
  );
  return ports;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** A client of HTTP by hand: writes bytes, and keeps what comes. */
export class RawClient {
  readonly #socket: ReturnType<typeof connect>;
  #received = "";
  #wake = () => {};
  /** Whether the server has closed the connection. */
  over = false;

  /** Connects to a port of loopback. */
  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (data) => {
      this.#received += data;
      this.#wake();
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.over = true;
      this.#wake();
    });
  }

  /** Writes text, a byte a character, or bytes. */
  write(what: string | Uint8Array): void {
    if (typeof what === "string") this.#socket.write(what, "latin1");
    else this.#socket.write(what);
  }

  /** What has come, once that is so or the connection is over. */
  async until(enough: (received: string) => boolean): Promise<string> {
    const wait = async () => {
      while (!enough(this.#received) && !this.over) {
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    };
    await within(`more than ${JSON.stringify(this.#received)}`, wait());
    return this.#received;
  }

  /** All that comes until the connection is over. */
  all(): Promise<string> {
    return this.until(() => false);
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.destroy();
  }
}
