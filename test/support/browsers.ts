// Pages of ours in real browsers, which tell what came of them.

import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, type Peer } from "./peer.ts";
import { type Program, program } from "./runtime.ts";
import { VERSIONS } from "./versions.ts";
import { sleep, until, within } from "./wait.ts";

/** A browser of the system. */
export interface Browser extends Peer {
  /** The arguments that start it without a window, with a profile that is new. */
  readonly args: (profile: string, trusted: Trusted | null) => string[];
}

/** A server whose certificate is signed by itself, and shall be trusted. */
export interface Trusted {
  readonly address: string;
  readonly cert: string;
}

/** Debian's Chromium. */
export const CHROMIUM: Browser = {
  ...installed("chromium", ["--version"], "chromium"),
  args: (profile, trusted) => [
    ...trusted === null ? [] : ["--ignore-certificate-errors"],
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
    ...["--no-first-run", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync"],
    `--user-data-dir=${profile}`,
  ],
};

/** What Firefox does on its own, and shall not. */
const FIREFOX_OFF = [
  "app.normandy.enabled",
  "app.update.auto",
  "browser.aboutwelcome.enabled",
  "browser.safebrowsing.malware.enabled",
  "browser.safebrowsing.phishing.enabled",
  "browser.shell.checkDefaultBrowser",
  "datareporting.policy.dataSubmissionEnabled",
  "extensions.update.enabled",
  "network.captive-portal-service.enabled",
  "network.connectivity-service.enabled",
  "toolkit.telemetry.enabled",
];

/** SHA-256 as certificates name it. */
const SHA_256 = "OID.2.16.840.1.101.3.4.2.1";

/** The fingerprint of a certificate, as Firefox writes it. */
function fingerprint(cert: string): string {
  const der = Buffer.from(cert.replace(/-----.*-----|\s/g, ""), "base64");
  const digest = createHash("sha256").update(der).digest("hex");
  return digest.toUpperCase().match(/../g)!.join(":");
}

/** Debian's Firefox. */
export const FIREFOX: Browser = {
  ...installed("firefox-esr", ["--version"], "firefox-esr"),
  args: (profile, trusted) => {
    mkdirSync(profile);
    if (trusted !== null) {
      const { host } = new URL(trusted.address);
      writeFileSync(
        join(profile, "cert_override.txt"),
        `${host}:\t${SHA_256}\t${fingerprint(trusted.cert)}\t\n`,
      );
    }
    const off = FIREFOX_OFF.map((name) => `user_pref("${name}", false);\n`);
    writeFileSync(join(profile, "user.js"), off.join(""));
    return ["--headless", "--no-remote", "--profile", profile];
  },
};

/** Those that every page is tried in. */
export const BROWSERS: readonly Browser[] = [CHROMIUM, FIREFOX];

/** Headers by which a page and its Workers share memory. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

const bundles = new Map<string, Uint8Array>();

/** A script and all that it uses, in one file. */
function bundle(script: URL, folder: string): Uint8Array {
  const made = bundles.get(script.href);
  if (made !== undefined) return made;
  const file = join(folder, "script.js");
  execFileSync("npx", [
    ...["-y", `bun@${VERSIONS.bun}`, "build", fileURLToPath(script)],
    ...["--target", "browser", "--minify", "--outfile", file],
  ], { stdio: "pipe", timeout: 60_000 });
  const bytes = readFileSync(file);
  bundles.set(script.href, bytes);
  return bytes;
}

/** The path of a script's bundle. */
function pathOf(script: URL): string {
  return `/${basename(script.pathname, ".ts")}.js`;
}

/** Serves a page with the first of these scripts, and resolves with what it says once it is done. */
async function serve(
  scripts: Map<string, Uint8Array>,
  isolated: boolean,
): Promise<{ port: number; said: Promise<string>; close(): Promise<void> }> {
  let say: (text: string) => void;
  const said = new Promise<string>((resolve) => say = resolve);
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let text = "";
      request.on("data", (piece) => text += piece);
      request.on("end", () => {
        say(text);
        response.end();
      });
      return;
    }
    if (isolated) {
      for (const [name, value] of Object.entries(ISOLATED)) {
        response.setHeader(name, value);
      }
    }
    const script = scripts.get(request.url!);
    const type = script === undefined ? "html" : "javascript";
    response.setHeader("content-type", `text/${type}`);
    const [page] = scripts.keys();
    response.end(script ?? `<script type="module" src="${page}"></script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { port, said, close };
}

/** What a page has beside its script. */
export interface PageOptions {
  /** A script for Workers. */
  worker?: URL | null;
  trusted?: Trusted | null;
}

/**
 * Opens a page with such a script, tells it something, and resolves with what it says
 * in the end. It is cross-origin isolated if there is a script for Workers.
 */
export async function inBrowser(
  browser: Browser,
  page: URL,
  told: Record<string, string>,
  { worker = null, trusted = null }: PageOptions = {},
): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "nought-browser-"));
  const scripts = new Map([page, ...worker === null ? [] : [worker]].map(
    (script) => [pathOf(script), bundle(script, folder)],
  ));
  const site = await serve(scripts, worker !== null);
  const at = `http://127.0.0.1:${site.port}/?${new URLSearchParams(told)}`;
  const running = start(browser, folder, trusted, at);
  try {
    return JSON.parse(await within("the page is done", site.said, 110_000));
  } finally {
    await running.kill("SIGKILL");
    await site.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts a browser that keeps what it writes in a folder. */
function start(
  browser: Browser,
  folder: string,
  trusted: Trusted | null,
  ...more: string[]
): Program {
  const args = [...browser.args(join(folder, "profile"), trusted), ...more];
  return program(browser.command[0], args, { env: { HOME: folder } });
}

/** A page that somebody else serves. */
export interface OpenPage {
  /** What an expression gives in it. */
  evaluate(expression: string): Promise<unknown>;
  /** Resolves once an expression is true in it. */
  until(expression: string): Promise<void>;
}

/** Opens addresses in Chromium, a window each, and lets a test look at them and use them. */
export async function withPages(
  addresses: string[],
  use: (...pages: OpenPage[]) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nought-browser-"));
  const browser = start(CHROMIUM, folder, null, ...[
    ...["--remote-debugging-port=0", "--remote-allow-origins=*"],
    "about:blank",
  ]);
  const tools: Devtools[] = [];
  try {
    const heard = () => /listening on ws:\/\/(\S+?)\//.exec(browser.errors());
    await until("Chromium listens", () => heard() !== null, 60_000);
    const at = `http://${heard()![1]}/json/new?`;
    for (const address of addresses) {
      const opened = await fetch(at + address, { method: "PUT" });
      const { webSocketDebuggerUrl } = await opened.json();
      tools.push(await Devtools.connect(webSocketDebuggerUrl));
    }
    await use(...tools);
  } finally {
    for (const tool of tools) tool.close();
    await browser.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A window, by Chromium's protocol for developers' tools. */
class Devtools implements OpenPage {
  readonly #socket: WebSocket;
  readonly #asked = new Map<number, (answer: string) => void>();
  #number = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id } = JSON.parse(data);
      this.#asked.get(id)?.(data);
      this.#asked.delete(id);
    };
  }

  static async connect(address: string): Promise<Devtools> {
    const socket = new WebSocket(address);
    const opened = new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no ${address}`));
    });
    await within("the window is there", opened);
    return new Devtools(socket);
  }

  async evaluate(expression: string): Promise<unknown> {
    const id = this.#number++;
    const answered = new Promise<string>((resolve) =>
      this.#asked.set(id, resolve)
    );
    const params = { expression, returnByValue: true, awaitPromise: true };
    const method = "Runtime.evaluate";
    this.#socket.send(JSON.stringify({ id, method, params }));
    const answer = await within(`it evaluates ${expression}`, answered);
    const { result, exceptionDetails } = JSON.parse(answer).result;
    if (exceptionDetails === undefined) return result.value;
    throw new Error(`${expression}: ${exceptionDetails.exception.description}`);
  }

  async until(expression: string): Promise<void> {
    const ends = performance.now() + 60_000;
    while (await this.evaluate(`Boolean(${expression})`) !== true) {
      if (performance.now() > ends) {
        const shown = await this.evaluate("document.body?.innerText");
        throw new Error(`waited in vain: ${expression}; it shows ${shown}`);
      }
      await sleep(20);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
