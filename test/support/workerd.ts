// Workers of Cloudflare, in the runtime that Cloudflare runs them in.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Peer, PEERS } from "./peer.ts";
import { program } from "./runtime.ts";
import { VERSIONS } from "./versions.ts";
import { within } from "./wait.ts";

/** The runtime. */
export const WORKERD: Peer = workerd();

function workerd(): Peer {
  const name = `workerd ${VERSIONS.workerd}`;
  if (!existsSync(`${PEERS}node_modules/workerd/package.json`)) {
    const absent =
      `needs: npm install --prefix .peers workerd@${VERSIONS.workerd}`;
    return { name, absent, command: [] };
  }
  const { default: command } = createRequire(`${PEERS}from.js`)("workerd");
  return { name, absent: null, command: [command] };
}

/** A Worker, with its class Hub as a Durable Object, where it finds a service, and whom it trusts. */
const config = (service: string, trusted: string) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["local"], tlsOptions = (${trusted}))),
  ],
  sockets = [(name = "http", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "Hub", uniqueKey = "hub")],
  durableObjectStorage = (inMemory = void),
  bindings = [
    (name = "HUB", durableObjectNamespace = "Hub"),
    (name = "SERVICE", text = "${service}"),
  ],
);
`;

/**
 * Runs the Worker at a path, and calls `use` with where it serves, as `127.0.0.1:port`.
 * It trusts a certificate, if there is one.
 */
export async function withWorker(
  script: string,
  service: string,
  use: (host: string) => Promise<void>,
  cert = "",
): Promise<void> {
  const trusted = cert === ""
    ? ""
    : `trustedCertificates = [${JSON.stringify(cert)}]`;
  const folder = mkdtempSync(join(tmpdir(), "nought-workerd-"));
  try {
    execFileSync("npx", [
      ...["-y", `bun@${VERSIONS.bun}`, "build", script],
      ...["--target", "browser", "--outfile", join(folder, "worker.js")],
    ], { stdio: "pipe", timeout: 60_000 });
    const path = join(folder, "config.capnp");
    writeFileSync(path, config(service, trusted));
    const running = program(WORKERD.command[0], [
      ...["serve", "--control-fd=1", "--socket-addr=http=127.0.0.1:0", path],
    ]);
    try {
      const listens = JSON.parse(
        await within("workerd listens", running.line()),
      );
      await use(`127.0.0.1:${listens.port}`);
    } finally {
      await running.kill("SIGKILL");
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
