// Pages of ours in a real Chromium, which tell what came of them.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installed, type Peer } from "./peer.ts";
import { program } from "./runtime.ts";
import { VERSIONS } from "./versions.ts";
import { within } from "./wait.ts";

/** Debian's Chromium. */
export const CHROMIUM: Peer = installed("chromium", ["--version"], "chromium");
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"],
  ...["--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** The page's script and all that it uses, in one file. */
function bundle(page: URL, folder: string): Uint8Array {
  const file = join(folder, "page.js");
  execFileSync("npx", [
    ...["-y", `bun@${VERSIONS.bun}`, "build", fileURLToPath(page)],
    ...["--target", "browser", "--minify", "--outfile", file],
  ], { stdio: "pipe", timeout: 60_000 });
  return readFileSync(file);
}

/** Serves the page, and resolves with what it says once it is done. */
async function serve(
  script: Uint8Array,
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
    } else if (request.url === "/page.js") {
      response.setHeader("content-type", "text/javascript");
      response.end(script);
    } else {
      response.setHeader("content-type", "text/html");
      response.end('<script type="module" src="/page.js"></script>');
    }
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

/** Opens a page with such a script, tells it something, and resolves with what it says in the end. */
export async function inChromium(
  page: URL,
  told: Record<string, string>,
): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "nought-chromium-"));
  const site = await serve(bundle(page, folder));
  const browser = program("chromium", [
    ...FLAGS,
    `--user-data-dir=${join(folder, "profile")}`,
    `http://127.0.0.1:${site.port}/?${new URLSearchParams(told)}`,
  ]);
  try {
    return JSON.parse(await within("the page is done", site.said, 60_000));
  } finally {
    await browser.kill("SIGKILL");
    await site.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
