// The primitives of CURVE: published vectors, and random cases beside tweetnacl.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  plainRoom,
  secretbox,
  secretboxOpen,
  sharedKey,
} from "../../src/crypto/secretbox.ts";
import { poly1305 } from "../../src/crypto/poly1305.ts";
import { keyWords } from "../../src/crypto/salsa20.ts";
import { x25519, x25519Public } from "../../src/crypto/x25519.ts";
import { z85Decode, z85Encode } from "../../src/base/z85.ts";
import { pickAdapter } from "../../adapters/pick.ts";
import { bytes, hex } from "../support/bytes.ts";
import { withPeer } from "../support/peer.ts";
import { generator } from "../../adapters/simulated/random.ts";
import { VERSIONS } from "../support/versions.ts";

interface Tweetnacl {
  secretbox: {
    (plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array;
  };
  scalarMult: {
    (secret: Uint8Array, point: Uint8Array): Uint8Array;
    base(secret: Uint8Array): Uint8Array;
  };
  box: { before(point: Uint8Array, secret: Uint8Array): Uint8Array };
}

const PEERS = new URL(
  "../../.peers/node_modules/tweetnacl/package.json",
  import.meta.url,
);
const path = fileURLToPath(PEERS);
const TWEETNACL = {
  name: "tweetnacl",
  absent: existsSync(path)
    ? null
    : `needs: npm install --prefix .peers tweetnacl@${VERSIONS.tweetnacl}`,
  command: [],
};
const tweetnacl = (): Tweetnacl => createRequire(path)("tweetnacl");

test("X25519 gives what RFC 7748 says, ours and the platform's", () => {
  const platform = pickAdapter().x25519!;
  for (
    const [secret, point, out] of [
      [
        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
      ],
      [
        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
      ],
    ]
  ) {
    assert.equal(hex(x25519(bytes(secret), bytes(point))), out);
    assert.equal(hex(platform(bytes(secret), bytes(point))), out);
  }
  let k = bytes(`09 ${"00".repeat(31)}`);
  let u = k;
  for (let i = 0; i < 1000; i++) [k, u] = [platform(k, u), k];
  assert.equal(
    hex(k),
    "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
  );
});

test("boxes are those that NaCl published", () => {
  const alice = bytes(
    "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  );
  const bob = bytes(
    "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
  );
  const point = x25519(alice, bob);
  assert.equal(
    hex(point),
    "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
  );
  const key = sharedKey(point);
  assert.equal(
    hex(new Uint8Array(key.buffer)),
    "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389",
  );
  const nonce = bytes("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
  const plain = bytes(
    "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc" +
      "e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31" +
      "0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde" +
      "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864" +
      "5e0705",
  );
  const box = bytes(
    "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce" +
      "48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c972" +
      "71d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae" +
      "90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b3" +
      "7973f622a43d14a6599b1f654cb45a74e355a5",
  );
  assert.equal(hex(secretbox(plain, nonce, key)), hex(box));
  assert.equal(hex(secretboxOpen(box, nonce, key)!), hex(plain));
});

/** Random bytes from a seed. */
function noise(random: () => number, length: number): Uint8Array {
  return new Uint8Array(length).map(() => random() * 256);
}

test(
  ...withPeer(
    TWEETNACL,
    "10,000 random boxes are the same, of every length to 1,025 and some long ones",
    () => {
      const nacl = tweetnacl();
      const random = generator(1);
      for (let i = 0; i < 10_000; i++) {
        const length = i <= 1025
          ? i
          : i % 500 === 0
          ? Math.floor(random() * 300_000)
          : Math.floor(random() * 200);
        const key = noise(random, 32);
        const nonce = noise(random, 24);
        const plain = noise(random, length);
        const box = secretbox(plain, nonce, keyWords(key));
        const theirs = nacl.secretbox(plain, nonce, key);
        assert.equal(Buffer.compare(box, theirs), 0, `length ${length}`);
        if (i % 7 === 0) {
          assert.equal(
            Buffer.compare(secretboxOpen(box, nonce, keyWords(key))!, plain),
            0,
          );
          box[Math.floor(random() * box.length)] ^= 1 <<
            Math.floor(random() * 8);
          assert.equal(secretboxOpen(box, nonce, keyWords(key)), null);
        }
      }
      return Promise.resolve();
    },
  ),
);

test(
  ...withPeer(
    TWEETNACL,
    "random points are the same, ours and the platform's",
    () => {
      const nacl = tweetnacl();
      const platform = pickAdapter().x25519!;
      const random = generator(2);
      for (let i = 0; i < 100; i++) {
        const [one, two] = [noise(random, 32), noise(random, 32)];
        const point = x25519Public(two);
        assert.equal(hex(point), hex(nacl.scalarMult.base(two)));
        const shared = hex(nacl.scalarMult(one, point));
        assert.equal(hex(x25519(one, point)), shared);
        assert.equal(hex(platform(one, point)), shared);
      }
      // Points beside the modulus, and beyond it, with and without the top bit.
      for (const [low, high] of [[0xec, 127], [0xee, 127], [0xff, 255]]) {
        const point = new Uint8Array(32).fill(255);
        point[0] = low;
        point[31] = high;
        const secret = noise(random, 32);
        const shared = hex(nacl.scalarMult(secret, point));
        assert.equal(hex(x25519(secret, point)), shared, `${low} ${high}`);
      }
      return Promise.resolve();
    },
  ),
);

test("keys of all ones and zeros, and messages of all ones, make no carry go astray", () => {
  const nonce = new Uint8Array(24).fill(255);
  for (const fill of [0, 255]) {
    const key = keyWords(new Uint8Array(32).fill(fill));
    for (const length of [0, 1, 15, 16, 17, 63, 64, 65, 1000]) {
      const plain = new Uint8Array(length).fill(255);
      const box = secretbox(plain, nonce, key);
      assert.equal(hex(secretboxOpen(box, nonce, key)!), hex(plain));
    }
  }
});

test("Poly1305 gives what RFC 8439 says where carries and the modulus meet", () => {
  for (
    const [key, message, expected] of [
      ["02 00x31", "ffx16", "03 00x15"],
      ["02 00x15 ffx16", "02 00x15", "03 00x15"],
      ["01 00x31", "ffx16 f0 ffx15 11 00x15", "05 00x15"],
      ["01 00x31", "ffx16 fb fex15 01x16", "00x16"],
      ["02 00x31", "fd ffx15", "fa ffx15"],
      [
        "01 00x7 04 00x23",
        "e33594d7505e43b9 00x8 33 94d7505e4379cd01 00x7 00x16 01 00x15",
        "14 00x7 55 00x7",
      ],
      [
        "01 00x7 04 00x23",
        "e33594d7505e43b9 00x8 33 94d7505e4379cd01 00x7 00x16",
        "13 00x15",
      ],
    ]
  ) {
    const said = bytes(message);
    const room = new Uint8Array(128);
    room.set(said, 32);
    const tag = new Int32Array(4);
    const words = new Int32Array(room.buffer);
    poly1305(
      new Int32Array(bytes(key).buffer),
      words,
      room,
      8,
      said.length,
      tag,
    );
    assert.equal(hex(new Uint8Array(tag.buffer)), hex(bytes(expected)));
  }
});

test("a large box leaves no large memory behind, and none keeps a key that was used", () => {
  const nonce = new Uint8Array(24);
  const key = keyWords(new Uint8Array(32).fill(3));
  const large = new Uint8Array(3_000_000).fill(9);
  const box = secretbox(large, nonce, key);
  assert.equal(Buffer.compare(secretboxOpen(box, nonce, key)!, large), 0);
  assert.ok(plainRoom(100).buffer.byteLength <= 1048576);
  const small = secretbox(new Uint8Array(100), nonce, key);
  for (const used of [() => {}, () => secretboxOpen(small, nonce, key)]) {
    used();
    // The key of the tag lies before what is hidden.
    const front = new Uint8Array(plainRoom(100).buffer, 0, 32);
    assert.equal(front.some((byte) => byte !== 0), false);
  }
});

test("Z85 is that of RFC 32, and refuses what is none", () => {
  assert.equal(z85Encode(bytes("864fd26fb559f75b")), "HelloWorld");
  assert.equal(hex(z85Decode("HelloWorld")!), "864fd26fb559f75b");
  const random = generator(3);
  for (let i = 0; i < 200; i++) {
    const key = noise(random, 32);
    assert.equal(hex(z85Decode(z85Encode(key))!), hex(key));
  }
  for (const wrong of ["abcd", "#####", "abc d", "abcde~", "%nSc1"]) {
    assert.equal(z85Decode(wrong), null, wrong);
  }
  for (const length of [1, 5, 31]) {
    assert.throws(() => z85Encode(new Uint8Array(length)), { code: "EINVAL" });
  }
  assert.throws(() => z85Encode("abcd" as unknown as Uint8Array), TypeError);
});
