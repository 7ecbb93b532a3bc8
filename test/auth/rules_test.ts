// Who may come in: the rules by themselves, and behind sockets.

import assert from "node:assert/strict";
import { mkdtemp, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  allOf,
  allowAddresses,
  allowKeys,
  allowPasswords,
  anyOf,
  type Authenticate,
  type AuthenticationRequest,
  formatCertificate,
  writeCertificate,
} from "../../src/auth/auth.ts";
import {
  curveKeyPair,
  type Event,
  Pull,
  Push,
  type Socket,
  z85Decode,
  ZmqError,
} from "../../mod.ts";
import { decodeText, encodeText } from "../../src/base/utf8.ts";
import { withSockets } from "../support/sockets.ts";
import { sleep, until } from "../support/wait.ts";

const SERVER = curveKeyPair();
const BOB = curveKeyPair();
const EVE = curveKeyPair();

function request(
  of: Partial<AuthenticationRequest> = {},
): AuthenticationRequest {
  return {
    mechanism: "NULL",
    address: "127.0.0.1",
    domain: "",
    routingId: new Uint8Array(0),
    username: null,
    password: null,
    publicKey: null,
    ...of,
  };
}
const curve = (publicKey: string) => request({ mechanism: "CURVE", publicKey });
const plain = (username: string, password: string) =>
  request({ mechanism: "PLAIN", username, password });

const hasCode = (code: string) => (error: unknown) =>
  error instanceof ZmqError && error.code === code;

async function inFolder(run: (folder: string) => void | Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), "nought-keys-"));
  try {
    await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function errorsOf(socket: Socket): string[] {
  const seen: string[] = [];
  const { events } = socket;
  (async () => {
    for await (const event of events as AsyncIterable<Event>) {
      if ("error" in event && event.error !== undefined) {
        seen.push(event.error.code);
      }
    }
  })();
  return seen;
}

test("allowKeys lets in the keys that it was given, as text and as bytes", () => {
  const rule = allowKeys(
    new Set([BOB.publicKey, z85Decode(SERVER.publicKey)!]),
  );
  assert.deepEqual(rule(curve(BOB.publicKey)), { userId: BOB.publicKey });
  assert.deepEqual(rule(curve(SERVER.publicKey)), { userId: SERVER.publicKey });
  assert.equal(rule(curve(EVE.publicKey)), false);
  assert.equal(rule(plain("admin", BOB.publicKey)), false);
  assert.equal(rule(request()), false);
  assert.equal(allowKeys([])(curve(BOB.publicKey)), false);
});

test("allowKeys throws for what is no key, and for no folder", () => {
  for (
    const key of ["", "short", `${BOB.publicKey}aaaaa`, new Uint8Array(31)]
  ) {
    assert.throws(() => allowKeys([key]), hasCode("EINVAL"));
  }
  assert.throws(() => allowKeys("/nowhere/at/all"), hasCode("ENOENT"));
});

test("allowKeys lets in whose public file is in the folder, with its metadata", () =>
  inFolder((folder) => {
    writeCertificate(join(folder, "bob.key"), {
      ...BOB,
      metadata: { name: "Bob" },
    });
    writeCertificate(join(folder, "eve.txt"), EVE);
    const rule = allowKeys(folder);
    assert.deepEqual(rule(curve(BOB.publicKey)), {
      userId: BOB.publicKey,
      metadata: { name: "Bob" },
    });
    assert.equal(rule(curve(EVE.publicKey)), false);
    assert.equal(rule(request()), false);
  }));

test("files that come and go count at the next handshake, and a broken one alone is passed over", () =>
  inFolder(async (folder) => {
    writeCertificate(join(folder, "bob.key"), BOB);
    const rule = allowKeys(folder);
    assert.equal(rule(curve(EVE.publicKey)), false);
    writeCertificate(join(folder, "eve.key"), EVE);
    assert.notEqual(rule(curve(EVE.publicKey)), false);
    await rm(join(folder, "bob.key"));
    assert.equal(rule(curve(BOB.publicKey)), false);
    await writeFile(join(folder, "broken.key"), "curve\n    public-key = no\n");
    assert.equal(rule(curve(BOB.publicKey)), false);
    assert.notEqual(rule(curve(EVE.publicKey)), false);
    assert.throws(() => allowKeys(folder), hasCode("EINVAL"));
  }));

test("a file that was read half written counts once it is whole", () =>
  inFolder(async (folder) => {
    const rule = allowKeys(folder);
    const path = join(folder, "bob.key");
    const whole = formatCertificate({ publicKey: BOB.publicKey });
    for (const part of ["", whole.slice(0, -10)]) {
      await writeFile(path, part);
      assert.equal(rule(curve(BOB.publicKey)), false);
    }
    await writeFile(path, whole);
    assert.notEqual(rule(curve(BOB.publicKey)), false);
  }));

test("a key is revoked by writing another into its file", () =>
  inFolder(async (folder) => {
    const path = join(folder, "bob.key");
    writeCertificate(path, BOB);
    await utimes(path, 1, 1);
    const rule = allowKeys(folder);
    assert.notEqual(rule(curve(BOB.publicKey)), false);
    await writeFile(path, formatCertificate({ publicKey: EVE.publicKey }));
    assert.equal(rule(curve(BOB.publicKey)), false);
    assert.notEqual(rule(curve(EVE.publicKey)), false);
  }));

test("a key is revoked by a file that is written and given the time of the one before", () =>
  inFolder(async (folder) => {
    const path = join(folder, "bob.key");
    writeCertificate(path, BOB);
    const rule = allowKeys(folder);
    assert.notEqual(rule(curve(BOB.publicKey)), false);
    const { atime, mtime } = await stat(path);
    await sleep(1100);
    await writeFile(path, formatCertificate({ publicKey: EVE.publicKey }));
    await utimes(path, atime, mtime);
    assert.equal(rule(curve(BOB.publicKey)), false);
  }));

test("a key that was written into the file of another is let in, whoever comes first", () =>
  inFolder(async (folder) => {
    const path = join(folder, "bob.key");
    writeCertificate(path, BOB);
    await utimes(path, 1, 1);
    const rule = allowKeys(folder);
    await writeFile(path, formatCertificate({ publicKey: EVE.publicKey }));
    assert.notEqual(rule(curve(EVE.publicKey)), false);
    assert.equal(rule(curve(BOB.publicKey)), false);
  }));

test("a folder that has gone refuses everybody", async () => {
  let rule: Authenticate = () => true;
  await inFolder((folder) => {
    writeCertificate(join(folder, "bob.key"), BOB);
    rule = allowKeys(folder);
  });
  assert.throws(() => rule(curve(BOB.publicKey)), hasCode("ENOENT"));
});

test("allowPasswords lets in a name with its own password", () => {
  const words = { admin: "sécret", joe: "", long: "x".repeat(1000) };
  for (const given of [words, new Map(Object.entries(words))]) {
    const rule = allowPasswords(given);
    for (const [name, word] of Object.entries(words)) {
      assert.deepEqual(rule(plain(name, word)), { userId: name });
      for (const wrong of [`${word}x`, `x${word}`, `${word}\0`, "y"]) {
        assert.equal(rule(plain(name, wrong)), false, `${name} ${wrong}`);
      }
    }
    assert.equal(rule(plain("admin", "secret")), false);
    assert.equal(rule(plain("admin", "sécre")), false);
    assert.equal(rule(plain("admin", "")), false);
    assert.equal(rule(plain("joe", "sécret")), false);
    assert.equal(rule(plain("nobody", "")), false);
    assert.equal(rule(plain("toString", "")), false);
    assert.equal(rule(curve(BOB.publicKey)), false);
    assert.equal(rule(request()), false);
  }
});

test("a password that is no text is a TypeError, and harms no text after it", () => {
  for (const word of [1234, true, null, undefined, {}, ["a"]]) {
    const words = { admin: word } as unknown as Record<string, string>;
    assert.throws(() => allowPasswords(words), {
      name: "TypeError",
      message: /^The password of admin is a text/,
    });
  }
  for (const none of [1234, true, {}]) {
    encodeText(none as unknown as string);
    const kept = ["one", "two"].map(encodeText);
    assert.deepEqual(kept.map(decodeText), ["one", "two"]);
  }
});

test("allowPasswords keeps to the passwords that it was given", () => {
  const words: Record<string, string> = { admin: "a" };
  const rule = allowPasswords(words);
  words.admin = "b";
  assert.notEqual(rule(plain("admin", "a")), false);
  assert.equal(rule(plain("admin", "b")), false);
});

test("allowAddresses lets in addresses and ranges, and nobody without an address", () => {
  const rule = allowAddresses("10.0.0.0/8", "192.168.1.7", "fe80::/10");
  const cases: [string, boolean][] = [
    ["10.255.0.1", true],
    ["11.0.0.1", false],
    ["192.168.1.7", true],
    ["192.168.1.8", false],
    ["::ffff:10.0.0.1", true],
    ["fe80::1%eth0", true],
    ["::1", false],
    ["", false],
  ];
  for (const [address, allowed] of cases) {
    assert.equal(rule(request({ address })), allowed, address);
  }
  assert.equal(allowAddresses()(request()), false);
  for (const wrong of ["", "localhost", "10.0.0.0/33", "10.0.0/8"]) {
    assert.throws(() => allowAddresses(wrong), hasCode("EINVAL"));
  }
});

test("allOf asks in order until one refuses, and says what the first of them says", async () => {
  const asked: string[] = [];
  const says =
    (name: string, answer: Awaited<ReturnType<Authenticate>>) => () => {
      asked.push(name);
      return Promise.resolve(answer);
    };
  const rule = allOf(
    says("a", true),
    says("b", { metadata: { x: "1" } }),
    says("c", { userId: "joe", metadata: { x: "2", y: "3" } }),
    says("d", { userId: "eve" }),
  );
  assert.deepEqual(await rule(request()), {
    userId: "joe",
    metadata: { x: "1", y: "3" },
  });
  assert.deepEqual(asked.splice(0), ["a", "b", "c", "d"]);
  const none = allOf(says("a", true), says("b", false), says("c", true));
  assert.equal(await none(request()), false);
  assert.deepEqual(asked, ["a", "b"]);
});

test("anyOf asks in order until one lets in, and one that throws ends it", async () => {
  const rule = anyOf(
    allowKeys([BOB.publicKey]),
    allowPasswords({ admin: "a" }),
    allowAddresses("10.0.0.1"),
  );
  assert.deepEqual(await rule(curve(BOB.publicKey)), {
    userId: BOB.publicKey,
  });
  assert.deepEqual(await rule(plain("admin", "a")), { userId: "admin" });
  assert.equal(await rule(request({ address: "10.0.0.1" })), true);
  assert.equal(await rule(plain("admin", "b")), false);
  const broken = anyOf(() => {
    throw new Error("no");
  }, () => true);
  await assert.rejects(async () => await broken(request()), /no/);
});

test("allOf lets nobody in by what is no answer", async () => {
  for (const odd of [undefined, "", 0, () => true]) {
    const rule = allOf((() => odd) as unknown as Authenticate, () => true);
    assert.equal(await rule(request()), odd);
  }
});

test("allOf and anyOf of nothing are refused", () => {
  assert.throws(() => allOf(), hasCode("EINVAL"));
  assert.throws(() => anyOf(), hasCode("EINVAL"));
});

test("a socket lets in by keys of a folder, and says who it was", () =>
  inFolder((folder) =>
    withSockets(async (keep) => {
      writeCertificate(join(folder, "bob.key"), {
        ...BOB,
        metadata: { "X-Name": "Bob" },
      });
      const pull = keep(
        new Pull({
          curveServer: true,
          curveSecretKey: SERVER.secretKey,
          authenticate: allOf(allowAddresses("127.0.0.1"), allowKeys(folder)),
        }),
      );
      await pull.bind("tcp://127.0.0.1:*");
      const push = (pair: typeof BOB) =>
        keep(
          new Push({
            curveServerKey: SERVER.publicKey,
            curvePublicKey: pair.publicKey,
            curveSecretKey: pair.secretKey,
          }),
        );
      const eve = push(EVE);
      const refused = errorsOf(eve);
      eve.connect(pull.lastEndpoint!);
      await until("Eve is told", () => refused.length > 0);
      assert.equal(refused[0], "ERR_ZAP_STATUS_400");
      const bob = push(BOB);
      bob.connect(pull.lastEndpoint!);
      await bob.send("hello");
      const { userId, properties } = await pull.receiveWithMetadata();
      assert.equal(userId, BOB.publicKey);
      assert.equal(properties["X-Name"], "Bob");
    })
  ));

test("a folder that can't be read any more refuses with 500, and the socket lives on", () =>
  withSockets(async (keep) => {
    let rule: Authenticate = () => true;
    await inFolder((folder) => {
      rule = anyOf(allowKeys(folder), allowAddresses("127.0.0.1"));
    });
    const pull = keep(
      new Pull({
        curveServer: true,
        curveSecretKey: SERVER.secretKey,
        authenticate: rule,
      }),
    );
    await pull.bind("tcp://127.0.0.1:*");
    const push = keep(new Push({ curveServerKey: SERVER.publicKey }));
    const refused = errorsOf(push);
    push.connect(pull.lastEndpoint!);
    await until("it is told", () => refused.length > 0);
    assert.equal(refused[0], "ERR_ZAP_STATUS_500");
    assert.equal(pull.closed, false);
  }));
