// The real peers: other implementations that tests talk to, and the one place
// that decides about skips. A peer that isn't installed makes its tests skips,
// before they are registered; under CI=1 it makes them fail.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Program, program } from "./runtime.ts";
import { VERSIONS } from "./versions.ts";
import { within } from "./wait.ts";

/** Where peers are installed to, and where those of ours are built. */
export const PEERS: string = fileURLToPath(
  new URL("../../.peers/", import.meta.url),
);

/** Another implementation: how to run it, or why it can't be. */
export interface Peer {
  readonly name: string;
  /** Why it is left out, or `null`. */
  readonly absent: string | null;
  /** What runs it: a command and its first arguments. */
  readonly command: readonly string[];
}

/** A program of ours in C that is linked with libzmq, built when it is older than its source. */
export function builtWithLibzmq(source: URL): Peer {
  const name = "libzmq (C)";
  const from = fileURLToPath(source);
  const built = `${PEERS}${
    from.split("/").slice(-2).join("-").replace(".c", "")
  }`;
  const peer = { name, absent: null, command: [built] };
  try {
    if (existsSync(built) && statSync(built).mtimeMs > statSync(from).mtimeMs) {
      return peer;
    }
    mkdirSync(PEERS, { recursive: true });
    const scratch = mkdtempSync(`${PEERS}build-`);
    const args = ["-O2", "-Wall", from, "-lzmq", "-o", `${scratch}/peer`];
    try {
      execFileSync("cc", args, { stdio: "pipe", timeout: 60_000 });
      renameSync(`${scratch}/peer`, built);
    } finally {
      rmSync(scratch, { recursive: true });
    }
    return peer;
  } catch {
    const absent = "needs a C compiler and libzmq3-dev";
    return { name, absent, command: [] };
  }
}

/** A class of ours in Java that uses Debian's JeroMQ, compiled when it is older than its source. */
export function withJeromq(source: URL): Peer {
  const name = "JeroMQ (Java)";
  const from = fileURLToPath(source);
  const main = from.split("/").at(-1)!.replace(".java", "");
  try {
    const listed = execFileSync("dpkg", ["-L", "libjeromq-java"], {
      encoding: "utf8",
      stdio: "pipe",
      timeout: 30_000,
    });
    const jar = listed.split("\n").find((path) => path.endsWith("/jeromq.jar"));
    if (jar === undefined) throw new Error("no jar");
    const built = `${PEERS}${main}.class`;
    if (
      !existsSync(built) || statSync(built).mtimeMs < statSync(from).mtimeMs
    ) {
      mkdirSync(PEERS, { recursive: true });
      const args = ["-nowarn", "-cp", jar, "-d", PEERS, from];
      execFileSync("javac", args, { stdio: "pipe", timeout: 60_000 });
    }
    const command = ["java", "-cp", `${jar}:${PEERS}`, main];
    return { name, absent: null, command };
  } catch {
    const absent = "needs a JDK and libjeromq-java";
    return { name, absent, command: [] };
  }
}

/** A program of the system, which answers if it is run with these arguments. */
export function installed(
  command: string,
  args: readonly string[],
  debian: string,
): Peer {
  try {
    execFileSync(command, args, { stdio: "pipe", timeout: 30_000 });
    return { name: command, absent: null, command: [command] };
  } catch {
    return { name: command, absent: `needs Debian's ${debian}`, command: [] };
  }
}

/** A script for Node that uses zeromq.js. */
export function withZeromqJs(script: URL): Peer {
  const name = `zeromq.js ${VERSIONS.zeromqjs}`;
  const from = `${PEERS}node_modules/zeromq/package.json`;
  const command = ["node", fileURLToPath(script), from];
  if (!existsSync(from)) {
    const absent =
      `needs: npm install --prefix .peers zeromq@${VERSIONS.zeromqjs}`;
    return { name, absent, command };
  }
  return { name, absent: null, command };
}

/**
 * What to register a test with that needs a peer, as `test(...withPeer(…))`, so
 * that it counts for the file it stands in: skipped without the peer, and
 * failing under CI=1.
 */
export function withPeer(
  peer: Peer,
  name: string,
  run: () => Promise<void>,
): [name: string, options: { skip?: string }, run: () => Promise<void>] {
  const title = `${peer.name}: ${name}`;
  if (peer.absent === null) return [title, {}, run];
  const reason = `${peer.name} is missing: ${peer.absent}`;
  if (process.env.CI !== "1") return [title, { skip: reason }, run];
  return [title, {}, () => Promise.reject(new Error(reason))];
}

/** Runs a peer; what libzmq makes for ipc://*, and leaves behind when it is killed, goes with it. */
function started(peer: Peer, ...words: string[]): Program {
  const folder = mkdtempSync(join(tmpdir(), "nought-peer-"));
  const gone = () => rmSync(folder, { recursive: true, force: true });
  const [command, ...args] = peer.command;
  const env = { TMPDIR: folder };
  const running = program(command, [...args, ...words], { env });
  running.exit.then(gone, gone);
  return running;
}

/** A socket of a peer, driven by lines. */
export class PeerSocket {
  readonly program: Program;
  endpoint = "";

  private constructor(program: Program) {
    this.program = program;
  }

  /** Starts one; it has bound or begun to connect when this resolves. */
  static async start(
    peer: Peer,
    type: string,
    how: "bind" | "connect",
    endpoint: string,
  ): Promise<PeerSocket> {
    const socket = new PeerSocket(started(peer, type, how, endpoint));
    socket.endpoint = await socket.#answer("endpoint");
    return socket;
  }

  /** Sends a message of frames as `frameOf` writes them. */
  async send(...frames: string[]): Promise<void> {
    this.program.tell(`send ${frames.join(" ")}`);
    await this.#answer("sent");
  }

  /** Receives a message. */
  async receive(): Promise<string[]> {
    this.program.tell("recv");
    return (await this.#answer("got")).split(" ");
  }

  async subscribe(frame: string): Promise<void> {
    this.program.tell(`subscribe ${frame}`);
    await this.#answer("subscribed");
  }

  /** Lets it send what waits, and end. */
  async quit(): Promise<void> {
    this.program.tell("quit");
    await this.program.exit;
  }

  /** Ends it at once. */
  kill(): Promise<void> {
    return this.program.kill("SIGKILL");
  }

  async #answer(word: string): Promise<string> {
    const line = await this.program.line();
    if (!line.startsWith(word)) throw new Error(`${word}, not ${line}`);
    return line.slice(word.length + 1);
  }
}

/** libzmq's number of the option. */
const SUBSCRIBE = "6";

/** A program of a peer with as many sockets as a test asks for. */
export class PeerProgram {
  readonly program: Program;
  #next = 0;

  constructor(peer: Peer) {
    this.program = started(peer, "many");
  }

  /** Makes a socket; options by their numbers, bytes as `frameOf` writes them. */
  async open(
    type: string,
    options: Record<number, number | string> = {},
  ): Promise<PeerMember> {
    const member = new PeerMember(this, this.#next++);
    await member.ask("opened", "open", type);
    for (const [option, value] of Object.entries(options)) {
      const how = typeof value === "number" ? "int" : "bytes";
      const answer = option === SUBSCRIBE ? "subscribed" : "set";
      await member.ask(answer, how, option, `${value}`);
    }
    return member;
  }

  /** Ends it at once. */
  kill(): Promise<void> {
    return this.program.kill("SIGKILL");
  }
}

/** One socket of a peer's program. One thing is asked of a program at a time. */
export class PeerMember {
  endpoint = "";
  readonly #of: PeerProgram;
  readonly #number: number;

  constructor(of: PeerProgram, number: number) {
    this.#of = of;
    this.#number = number;
  }

  async bind(endpoint = "tcp://127.0.0.1:*"): Promise<string> {
    return this.endpoint = await this.ask("endpoint", "bind", endpoint);
  }

  async connect(endpoint: string): Promise<void> {
    await this.ask("endpoint", "connect", endpoint);
  }

  /** Sends a message of frames as `frameOf` writes them. */
  async send(...frames: string[]): Promise<void> {
    await this.ask("sent", "send", ...frames);
  }

  /** Receives a message. */
  async receive(): Promise<string[]> {
    return (await this.ask("got", "recv")).split(" ");
  }

  /** Receives a message, and tells what its peer said of itself; "!" is nothing. */
  async about(...properties: string[]): Promise<string[]> {
    return (await this.ask("about", "about", ...properties)).split(" ");
  }

  async subscribe(topic: string): Promise<void> {
    await this.ask("subscribed", "bytes", SUBSCRIBE, topic);
  }

  /** Joins a group, or leaves it (DISH). */
  async join(group: string): Promise<void> {
    await this.ask("set", "join", group);
  }
  async leave(group: string): Promise<void> {
    await this.ask("set", "leave", group);
  }

  /** Whether no message comes in so many milliseconds. */
  async idle(milliseconds: number): Promise<boolean> {
    return await this.ask("", "idle", `${milliseconds}`) === "idle";
  }

  async close(): Promise<void> {
    await this.ask("closed", "close");
  }

  /** Says a line about this socket, and checks how the answer begins. */
  async ask(answer: string, what: string, ...words: string[]): Promise<string> {
    const { program } = this.#of;
    program.tell([what, this.#number, ...words].join(" "));
    const line = await program.line();
    if (!line.startsWith(answer)) {
      throw new Error(`${what} ${words.join(" ")}: ${line}`);
    }
    return answer === "" ? line : line.slice(answer.length + 1);
  }
}

/** Runs a test with a program of a peer, and ends it. */
export async function withProgram(
  peer: Peer,
  run: (program: PeerProgram) => Promise<void>,
): Promise<void> {
  const program = new PeerProgram(peer);
  try {
    await within("the exchange", run(program), 25_000);
  } finally {
    await program.kill();
  }
}

/** So many bytes of the pattern that peers know as `*N`. */
export function pattern(length: number): Uint8Array {
  const body = new Uint8Array(length);
  for (let i = 0; i < length; i++) body[i] = (i * 31 + (i >> 8) + 7) & 255;
  return body;
}

/** A frame as peers are told of it. */
export function frameOf(frame: Uint8Array): string {
  if (frame.length === 0) return "-";
  if (frame.length > 16 && isPattern(frame)) return `*${frame.length}`;
  return Array.from(frame, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function isPattern(frame: Uint8Array): boolean {
  for (let i = 0; i < frame.length; i++) {
    if (frame[i] !== ((i * 31 + (i >> 8) + 7) & 255)) return false;
  }
  return true;
}
