// Certificates for TLS, made by openssl.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installed, type Peer } from "./peer.ts";

export const OPENSSL: Peer = installed("openssl", ["version"], "openssl");

/** A certificate for 127.0.0.1 and example.test, signed by itself. */
export function certificate(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), "nought-tls-"));
  try {
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"],
      ...["-pkeyopt", "ec_paramgen_curve:prime256v1"],
      ...["-keyout", `${folder}/key`, "-out", `${folder}/cert`],
      ...["-subj", "/CN=example.test"],
      ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:example.test"],
    ], { stdio: "pipe", timeout: 30_000 });
    return {
      cert: readFileSync(`${folder}/cert`, "utf8"),
      key: readFileSync(`${folder}/key`, "utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
