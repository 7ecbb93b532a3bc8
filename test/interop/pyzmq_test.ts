// Certificates of pyzmq's and ours, made by either side and used by both: CURVE in
// both roles, with pyzmq's authenticator in a thread, or our rules, letting in.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  allowKeys,
  readCertificate,
  writeCertificate,
} from "../../src/auth/auth.ts";
import {
  curveKeyPair,
  type Event,
  Reply,
  Request,
  type Socket,
  text,
} from "../../mod.ts";
import { installed, type Peer, withPeer } from "../support/peer.ts";
import { type Program, program } from "../support/runtime.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";

const SCRIPT = fileURLToPath(new URL("pyzmq_peer.py", import.meta.url));
// Debian's own, whatever other Python comes first in the path.
const PYTHON = "/usr/bin/python3";
const PYZMQ: Peer = {
  ...installed(PYTHON, ["-c", "import zmq.auth.thread"], "python3-zmq"),
  name: "pyzmq",
};

type Keep = <S extends Socket>(socket: S) => S;

/** What a test works with. */
interface Scene {
  readonly keep: Keep;
  /** A new folder, in which another is, `allowed`, for who may come in. */
  readonly folder: string;
  /** Runs their program; it is ended with the test. */
  run(...words: string[]): Program;
}

function scene(name: string, act: (scene: Scene) => Promise<void>): void {
  test(...withPeer(PYZMQ, name, async () => {
    const folder = await mkdtemp(join(tmpdir(), "nought-keys-"));
    const programs: Program[] = [];
    const run = (...words: string[]) => {
      const started = program(PYTHON, [SCRIPT, ...words]);
      programs.push(started);
      return started;
    };
    try {
      await mkdir(join(folder, "allowed"));
      await withSockets((keep) =>
        within("the exchange", act({ keep, folder, run }), 25_000)
      );
    } finally {
      for (const one of programs) await one.kill();
      await rm(folder, { recursive: true });
    }
  }));
}

type Maker = (scene: Scene, name: string) => Promise<void>;

/** Makes the files of a certificate in the scene's folder. */
const MAKERS: Record<"we" | "they", Maker> = {
  we({ folder }, name) {
    writeCertificate(join(folder, `${name}.key`), {
      ...curveKeyPair(),
      metadata: { name: "made by us" },
    });
    return Promise.resolve();
  },
  async they({ folder, run }, name) {
    assert.equal(await run("create", folder, name).line(), "created");
  },
};

/** Makes those of a server, of a client that is allowed, and of one that isn't. */
async function makeAll(scene: Scene, make: Maker): Promise<void> {
  for (const name of ["server", "bob", "eve"]) await make(scene, name);
  const { folder } = scene;
  await rename(join(folder, "bob.key"), join(folder, "allowed", "bob.key"));
}

function firstError(socket: Socket): () => string | null {
  let found: string | null = null;
  const { events } = socket;
  (async () => {
    for await (const event of events as AsyncIterable<Event>) {
      if ("error" in event && event.error !== undefined) {
        found ??= event.error.code;
      }
    }
  })();
  return () => found;
}

for (const [who, make] of Object.entries(MAKERS)) {
  scene(`each reads the certificates that ${who} made`, async (scene) => {
    await make(scene, "bob");
    const { folder, run } = scene;
    assert.deepEqual((await readdir(folder)).sort(), [
      "allowed",
      "bob.key",
      "bob.key_secret",
    ]);
    const whole = readCertificate(join(folder, "bob.key_secret"));
    assert.equal(whole.publicKey.length, 40);
    assert.equal(
      whole.metadata.name,
      who === "we" ? "made by us" : "made by pyzmq",
    );
    assert.equal(
      await run("load", join(folder, "bob.key_secret")).line(),
      `${whole.publicKey} ${whole.secretKey}`,
    );
    const shown = readCertificate(join(folder, "bob.key"));
    assert.equal(shown.publicKey, whole.publicKey);
    assert.equal(shown.secretKey, null);
    assert.equal(
      await run("load", join(folder, "bob.key")).line(),
      `${whole.publicKey} -`,
    );
  });

  scene(
    `their authenticator lets us in, or not, with certificates that ${who} made`,
    async (scene) => {
      await makeAll(scene, make);
      const { folder, keep, run } = scene;
      const endpoint = await run(
        "serve",
        join(folder, "server.key_secret"),
        join(folder, "allowed"),
      ).line();
      const client = (name: string) => {
        const own = readCertificate(join(folder, `${name}.key_secret`));
        return keep(
          new Request({
            curveServerKey:
              readCertificate(join(folder, "server.key")).publicKey,
            curvePublicKey: own.publicKey,
            curveSecretKey: own.secretKey,
          }),
        );
      };
      const bob = client("bob");
      bob.connect(endpoint);
      const answer = await bob.request("hello", { timeout: 10_000 });
      assert.deepEqual(answer.map(text), [
        "hello",
        readCertificate(join(folder, "allowed", "bob.key")).publicKey,
      ]);
      const eve = client("eve");
      const error = firstError(eve);
      eve.connect(endpoint);
      await until("Eve is told", () => error() !== null);
      assert.equal(error(), "ERR_ZAP_STATUS_400");
    },
  );

  scene(
    `our rule lets them in, or not, with certificates that ${who} made`,
    async (scene) => {
      await makeAll(scene, make);
      const { folder, keep, run } = scene;
      const reply = keep(
        new Reply({
          curveServer: true,
          curveSecretKey:
            readCertificate(join(folder, "server.key_secret")).secretKey,
          authenticate: allowKeys(join(folder, "allowed")),
        }),
      );
      const error = firstError(reply);
      await reply.bind("tcp://127.0.0.1:*");
      const ask = (name: string) =>
        run(
          ...["ask", join(folder, "server.key")],
          ...[join(folder, `${name}.key_secret`), reply.lastEndpoint!, name],
        );
      ask("eve");
      await until("Eve is refused", () => error() !== null);
      assert.equal(error(), "ERR_ZAP_STATUS_400");
      const bob = ask("bob");
      const { parts, userId } = await reply.receiveWithMetadata();
      assert.equal(text(parts[0]), "bob");
      assert.equal(
        userId,
        readCertificate(join(folder, "allowed", "bob.key")).publicKey,
      );
      await reply.send("welcome");
      assert.equal(await bob.line(), "welcome");
    },
  );
}
