import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { installed, withPeer } from "../support/peer.ts";
import { script } from "../support/runtime.ts";
import { within } from "../support/wait.ts";

const CURL = installed("curl", ["--version"], "curl");

async function serving(
  run: (url: string) => Promise<void>,
): Promise<void> {
  const permissions = ["--allow-net"];
  const server = script("../examples/http_server.ts", [], { permissions });
  try {
    await run(await within("it listens", server.line()));
  } finally {
    await server.kill();
  }
}

test("the HTTP server on a Stream answers fetch", () =>
  serving(async (url) => {
    const hello = await fetch(`${url}/hello`);
    assert.equal(hello.status, 200);
    assert.equal(await hello.text(), "Hello from ZeroMQ\n");
    const echo = await fetch(`${url}/echo`, { method: "POST", body: "grün" });
    assert.equal(await echo.text(), "grün\n");
    const missing = await fetch(`${url}/missing`);
    assert.equal(missing.status, 404);
    assert.equal(await missing.text(), "There is no /missing\n");
  }));

test(
  ...withPeer(
    CURL,
    "the HTTP server on a Stream answers curl",
    () =>
      serving(async (url) => {
        const curl = async (...args: string[]) => {
          const all = ["--silent", "--max-time", "10", ...args];
          const { stdout } = await promisify(execFile)("curl", all);
          return stdout;
        };
        assert.equal(await curl(`${url}/hello`), "Hello from ZeroMQ\n");
        const body = "x".repeat(100_000);
        assert.equal(await curl("--data", body, `${url}/echo`), `${body}\n`);
        const codes = await Promise.all(
          Array.from({ length: 20 }, () =>
            curl(
              "--output",
              "/dev/null",
              "--write-out",
              "%{http_code}",
              `${url}/hello`,
            )),
        );
        assert.deepEqual(codes, Array(20).fill("200"));
      }),
  ),
);
