import assert from "node:assert/strict";
import { test } from "node:test";
import { commandBody, framed, parseCommand } from "../../src/base/command.ts";
import {
  encodeProperties,
  parseProperties,
  valuesOf,
} from "../../src/base/metadata.ts";
import { encodeText } from "../../src/base/utf8.ts";
import { bytes, hex } from "../support/bytes.ts";

function parse(text: string) {
  const given = bytes(text);
  return parseProperties(given, 0, given.length);
}

test("properties are written as name, value and read back in order", () => {
  const encoded = encodeProperties([
    ["Socket-Type", encodeText("DEALER")],
    ["Identity", new Uint8Array(0)],
  ]);
  assert.equal(
    hex(encoded),
    hex(bytes('0b "Socket-Type" 00000006 "DEALER" 08 "Identity" 00000000')),
  );
  const parsed = parseProperties(encoded, 0, encoded.length)!;
  assert.deepEqual(parsed.map(([name]) => name), ["Socket-Type", "Identity"]);
});

test("names are met without regard to case, and each value can be seen", () => {
  const properties = parse('01 "A" 00000001 "x" 01 "a" 00000001 "y"')!;
  assert.deepEqual(valuesOf(properties, "a").map((v) => hex(v)), ["78", "79"]);
});

test("lengths that lead past the end, loose bytes and empty names are refused", () => {
  for (
    const wrong of [
      '01 "A" 000000ff "x"',
      '01 "A" 000000ff',
      '01 "A"',
      '01 "A" 0000',
      "05 41",
      "00 00000000",
      '01 "A" 00000001 "x" 01',
    ]
  ) {
    assert.equal(parse(wrong), null, wrong);
  }
  assert.deepEqual(parse(""), []);
});

test("a command is its name with the length before it, then data", () => {
  const body = commandBody("SUBSCRIBE", encodeText("AB"));
  assert.equal(hex(framed(body)), hex(bytes('04 0c 09 "SUBSCRIBE" "AB"')));
  assert.deepEqual(parseCommand(body, 0, body.length), {
    name: "SUBSCRIBE",
    data: 10,
  });
  assert.equal(parseCommand(bytes('05 "ab"'), 0, 3), null);
  assert.equal(parseCommand(new Uint8Array(0), 0, 0), null);
});

test("a command over 255 bytes has a long frame", () => {
  const topic = (length: number) =>
    commandBody("SUBSCRIBE", new Uint8Array(length));
  assert.equal(hex(framed(topic(245)).subarray(0, 2)), "04ff");
  assert.equal(hex(framed(topic(246)).subarray(0, 9)), "060000000000000100");
});
