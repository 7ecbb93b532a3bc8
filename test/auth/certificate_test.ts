// Certificates as text and as files.

import assert from "node:assert/strict";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  formatCertificate,
  parseCertificate,
  readCertificate,
  writeCertificate,
} from "../../src/auth/auth.ts";
import { curveKeyPair, z85Decode, ZmqError } from "../../mod.ts";

// The keys of RFC 26's example.
const PUBLIC = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
const SECRET = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

function fails(code: string, said: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof ZmqError);
    assert.equal(error.code, code);
    assert.match(error.message, said);
    return true;
  };
}

/** Runs with a folder that is gone afterwards. */
function inFolder(run: (folder: string) => void | Promise<void>) {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "nought-keys-"));
    try {
      await run(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
}

test("a certificate as CZMQ writes it is read", () => {
  assert.deepEqual(
    parseCertificate(`#   ****  Generated on 2014-01-12 by CZMQ  ****
#   ZeroMQ CURVE **Secret** Certificate

metadata
    name = "Pieter # Hintjens"
    email = 'ph@"imatix".com'
curve
    public-key = "${PUBLIC}"
    secret-key = "${SECRET}"
`),
    {
      publicKey: PUBLIC,
      secretKey: SECRET,
      metadata: { name: "Pieter # Hintjens", email: 'ph@"imatix".com' },
    },
  );
});

test("values without quotes, other indents, comments, line ends and a mark in front are read", () => {
  assert.deepEqual(
    parseCertificate(
      `\uFEFFcurve # keys\r\n\tpublic-key='${PUBLIC}'  # of Bob\r\n\r\n` +
        "  # more\r\nother\r\n    public-key = no\r\n" +
        "metadata\r\n  name = Bob the builder   # him\r\n  empty =\r\n  bare",
    ),
    {
      publicKey: PUBLIC,
      secretKey: null,
      metadata: { name: "Bob the builder", empty: "", bare: "" },
    },
  );
});

test("a value without quotes ends before a comment, however long the line", () => {
  const key = `curve\n    public-key = "${PUBLIC}"\n`;
  const gap = " \t".repeat(500_000);
  const text = `metadata\n    a = b${gap}c\n    d = e${gap}# f\n${key}`;
  const { metadata } = parseCertificate(text);
  assert.equal(metadata.a.length, gap.length + 2);
  assert.equal(metadata.d, "e");
});

test("metadata named as what every object has stays data", () => {
  const { metadata } = parseCertificate(
    `metadata\n    __proto__ = a\n    toString = b\ncurve\n    public-key = "${PUBLIC}"\n`,
  );
  assert.deepEqual(Object.entries(metadata), [
    ["__proto__", "a"],
    ["toString", "b"],
  ]);
  assert.equal(Object.getPrototypeOf(metadata), Object.prototype);
});

test("metadata may have what separates lines elsewhere", () => {
  const metadata = { note: "one\u2028two\u2029three" };
  const text = formatCertificate({ publicKey: PUBLIC, metadata });
  assert.deepEqual(parseCertificate(text).metadata, metadata);
});

test("text that is no certificate is refused, with the line or the key that is wrong", () => {
  const cases: [string, RegExp][] = [
    ["", /public-key/],
    ["metadata\n    name = Bob\n", /public-key/],
    [`other\n    public-key = "${PUBLIC}"\n`, /public-key/],
    [`    public-key = "${PUBLIC}"\ncurve\n`, /public-key/],
    ["curve\n    public-key = short\n", /40 characters/],
    [`curve\n    public-key = "${PUBLIC.replace("Y", "~")}"\n`, /40 char/],
    [`curve\n    public-key = "%%%%%${PUBLIC.slice(5)}"\n`, /40 char/],
    [
      `curve\n    public-key = "${PUBLIC}"\n    secret-key = ""\n`,
      /40 characters/,
    ],
    [`curve\n    public-key = "${PUBLIC}\n`, /Line 2/],
    [`curve\n    public-key = "${PUBLIC}" x\n`, /Line 2/],
    [`metadata\n\n    a b = c\n`, /Line 3/],
    ["\u0000\uFFFD\n", /Line 1/],
    [`metadata\n    ${"n".repeat(256)} = c\n`, /Line 2/],
  ];
  for (const [text, said] of cases) {
    assert.throws(() => parseCertificate(text), fails("EINVAL", said), text);
  }
});

test("what is formatted is parsed, keys given as text or bytes", () => {
  const metadata = {
    name: "Böb # 1",
    quotes: `it's`,
    more: '"so"',
    empty: "",
    spaces: "  a  ",
  };
  const whole = { publicKey: PUBLIC, secretKey: SECRET, metadata };
  assert.deepEqual(parseCertificate(formatCertificate(whole)), whole);
  const text = formatCertificate({
    publicKey: z85Decode(PUBLIC)!,
    secretKey: z85Decode(SECRET)!,
  });
  assert.deepEqual(parseCertificate(text), { ...whole, metadata: {} });
  const shown = formatCertificate({ publicKey: PUBLIC });
  assert.ok(!shown.includes("secret"));
  assert.equal(parseCertificate(shown).secretKey, null);
});

test("what ZPL can't hold, or others would take for a key, is not written", () => {
  for (
    const metadata of [
      { "a b": "c" },
      { "": "c" },
      { "é": "c" },
      { a: `'"` },
      { a: 'b"\ncurve\n    public-key = "' },
      { "public-key": SECRET },
      { "secret-key2": SECRET },
      { ["n".repeat(256)]: "c" },
    ] as Record<string, string>[]
  ) {
    assert.throws(
      () => formatCertificate({ publicKey: PUBLIC, metadata }),
      fails("EINVAL", /written|name/),
    );
  }
  for (const publicKey of ["", PUBLIC.slice(5), new Uint8Array(31)]) {
    assert.throws(
      () => formatCertificate({ publicKey }),
      fails("EINVAL", /A key/),
    );
  }
});

test(
  "a certificate is written to a public file and a secret one",
  inFolder(async (folder) => {
    const path = join(folder, "bob.key");
    const bob = { ...curveKeyPair(), metadata: { name: "Bob" } };
    writeCertificate(path, bob);
    assert.deepEqual((await readdir(folder)).sort(), [
      "bob.key",
      "bob.key_secret",
    ]);
    assert.deepEqual(readCertificate(path), { ...bob, secretKey: null });
    assert.deepEqual(readCertificate(`${path}_secret`), bob);
    assert.ok(!(await readFile(path, "utf8")).includes(bob.secretKey));
    assert.equal((await stat(`${path}_secret`)).mode & 0o777, 0o600);
  }),
);

test(
  "a secret file that all could read is replaced by one they can't",
  inFolder(async (folder) => {
    const path = join(folder, "bob.key");
    await writeFile(`${path}_secret`, "old");
    await chmod(`${path}_secret`, 0o666);
    await writeFile(`${path}_secret.draft`, "left by a crash");
    const bob = curveKeyPair();
    writeCertificate(path, bob);
    assert.equal((await stat(`${path}_secret`)).mode & 0o777, 0o600);
    assert.equal(
      readCertificate(`${path}_secret`).secretKey,
      bob.secretKey,
    );
    assert.equal((await readdir(folder)).length, 2);
  }),
);

test(
  "a certificate without a secret key leaves the secret file alone",
  inFolder((folder) => {
    const path = join(folder, "bob.key");
    const bob = curveKeyPair();
    writeCertificate(path, bob);
    writeCertificate(path, {
      publicKey: bob.publicKey,
      metadata: { name: "B" },
    });
    assert.deepEqual(readCertificate(path).metadata, { name: "B" });
    assert.equal(
      readCertificate(`${path}_secret`).secretKey,
      bob.secretKey,
    );
  }),
);

test(
  "a file that can't be read or written is an error with its code and name",
  inFolder(async (folder) => {
    const path = join(folder, "none.key");
    assert.throws(
      () => readCertificate(path),
      fails("ENOENT", /none\.key/),
    );
    assert.throws(
      () => writeCertificate(join(folder, "no", "a.key"), curveKeyPair()),
      fails("ENOENT", /a\.key/),
    );
    await writeFile(path, "curve\n");
    assert.throws(
      () => readCertificate(path),
      fails("EINVAL", /none\.key: A certificate/),
    );
    assert.throws(
      () => readCertificate(folder),
      fails("EISDIR", /nought-keys/),
    );
    // What can't be written leaves nothing behind.
    assert.throws(
      () =>
        writeCertificate(join(folder, "bad.key"), {
          ...curveKeyPair(),
          metadata: { "a b": "c" },
        }),
      fails("EINVAL", /bad\.key/),
    );
    assert.deepEqual(await readdir(folder), ["none.key"]);
    await mkdir(join(folder, "full.key_secret"));
    assert.throws(
      () => writeCertificate(join(folder, "full.key"), curveKeyPair()),
      { name: "ZmqError" },
    );
    assert.equal(
      (await readdir(folder)).some((n) => n.includes("draft")),
      false,
    );
  }),
);
