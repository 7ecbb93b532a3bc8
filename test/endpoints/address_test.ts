import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import * as addresses from "../../src/endpoints/address.ts";
import { CARRIERS } from "../../src/endpoints/carriers.ts";

const bindAddress = (address: string) =>
  addresses.bindAddress(address, CARRIERS);
const connectAddress = (address: string) =>
  addresses.connectAddress(address, CARRIERS);

for (
  const [address, host, port] of [
    ["tcp://127.0.0.1:5555", "127.0.0.1", 5555],
    ["tcp://*:5555", "*", 5555],
    ["tcp://eth0:*", "eth0", 0],
    ["tcp://[::1]:0", "::1", 0],
    ["tcp://::1:1", "::1", 1],
    ["tcp://[fe80::1%eth0]:9", "fe80::1%eth0", 9],
    ["tcp://name.example:65535", "name.example", 65535],
  ] as const
) {
  test(`bind takes ${address} apart`, () => {
    const { place } = bindAddress(address);
    assert.deepEqual(place, { scheme: "tcp", host, port, source: null });
  });
}

test("connect takes a host and a port apart", () => {
  assert.deepEqual(connectAddress("tcp://name.example:1").place, {
    scheme: "tcp",
    host: "name.example",
    port: 1,
    source: null,
  });
});

for (
  const [text, host, port] of [
    ["127.0.0.1", "127.0.0.1", 0],
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["127.0.0.1:*", "127.0.0.1", 0],
    ["eth0:7", "eth0", 7],
    ["*:7", "*", 7],
    ["[::1]", "::1", 0],
    ["[::1]:7", "::1", 7],
    ["fe80::1", "fe80::1", 0],
  ] as const
) {
  test(`connect takes the source ${text} apart`, () => {
    assert.deepEqual(connectAddress(`tcp://${text};[::1]:5`).place, {
      scheme: "tcp",
      host: "::1",
      port: 5,
      source: { host, port },
    });
  });
}

test("an inproc name is everything behind the scheme", () => {
  const name = "a b://ü*".padEnd(256, "x");
  for (const take of [bindAddress, connectAddress]) {
    const { place } = take(`inproc://${name}`);
    assert.deepEqual(place, { scheme: "inproc", name });
  }
});

test("an ipc path is everything behind the scheme; * is a new one, and @ no file", () => {
  for (
    const [rest, path] of [
      ["/tmp/a b:1;?", "/tmp/a b:1;?"],
      ["relative", "relative"],
      ["@name", "\0name"],
      ["x".repeat(107), "x".repeat(107)],
      ["*", ""],
    ]
  ) {
    const address = `ipc://${rest}`;
    const wanted = { scheme: "ipc", address, path };
    assert.deepEqual(bindAddress(address).place, wanted);
    if (rest === "*") continue;
    assert.deepEqual(connectAddress(address).place, wanted);
  }
});

/** What both refuse, what bind refuses, what connect refuses. */
const REFUSED: [string, "both" | "connect", string][] = [
  // A proxy would be told the length of this in one byte, and take the rest for more.
  [`tcp://${"a".repeat(256)}:5555`, "both", "EINVAL"],
  ["", "both", "EINVAL"],
  ["tcp", "both", "EINVAL"],
  ["://x", "both", "EINVAL"],
  ["tcp://", "both", "EINVAL"],
  ["tcp://127.0.0.1", "both", "EINVAL"],
  ["tcp://:5555", "both", "EINVAL"],
  ["tcp://a b:1", "both", "EINVAL"],
  ["tcp://a/b:1", "both", "EINVAL"],
  ["tcp://user@h:1", "both", "EINVAL"],
  ["tcp://a..b:1", "both", "EINVAL"],
  ["tcp://%lo:1", "both", "EINVAL"],
  ["tcp://é.com:1", "both", "EINVAL"],
  ["ws://a!b:1/x", "both", "EINVAL"],
  ["tcp://h:", "both", "EINVAL"],
  ["tcp://h:65536", "both", "EINVAL"],
  ["tcp://h:-1", "both", "EINVAL"],
  ["tcp://h:1x", "both", "EINVAL"],
  ["tcp://h:*", "connect", "EINVAL"],
  ["tcp://h:0", "connect", "EINVAL"],
  ["tcp://*:1", "connect", "EINVAL"],
  ["tcp://;h:1", "both", "EINVAL"],
  ["tcp://a;b;h:1", "both", "EINVAL"],
  ["tcp://a:x;h:1", "both", "EINVAL"],
  ["inproc://", "both", "EINVAL"],
  [`inproc://${"x".repeat(257)}`, "both", "EINVAL"],
  ["ipc://", "both", "EINVAL"],
  ["ipc://@", "both", "EINVAL"],
  ["ipc://a\0b", "both", "EINVAL"],
  ["ipc://*", "connect", "EINVAL"],
  [`ipc://${"x".repeat(108)}`, "both", "ENAMETOOLONG"],
  [`ipc://@${"x".repeat(107)}`, "both", "ENAMETOOLONG"],
  [`ipc://${"é".repeat(54)}`, "both", "ENAMETOOLONG"],
  ["TCP://h:1", "both", "EPROTONOSUPPORT"],
  ["tipc://{5560,0,0}", "both", "EPROTONOSUPPORT"],
  ["constructor://x", "both", "EPROTONOSUPPORT"],
];

for (const [address, who, code] of REFUSED) {
  const shown = address.slice(0, 40).replace("\0", "NUL");
  test(`${shown || "an empty address"} is ${code} for ${who}`, () => {
    const takes = who === "both"
      ? [bindAddress, connectAddress]
      : [connectAddress];
    if (who === "connect") bindAddress(address);
    for (const take of takes) {
      assert.throws(() => take(address), (error) => {
        assert.ok(error instanceof ZmqError);
        assert.equal(error.code, code);
        assert.equal(error.address, address);
        return true;
      });
    }
  });
}
