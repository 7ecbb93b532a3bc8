// inproc between a page and its Workers, and between those, in a real Chromium.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHROMIUM, inChromium } from "../support/chromium.ts";
import { withPeer } from "../support/peer.ts";

let page: Promise<Record<string, unknown>> | undefined;

/** What came of each behaviour in one page that has tried all of them. */
function said(): Promise<Record<string, unknown>> {
  return page ??= inChromium(
    new URL("threads_page.ts", import.meta.url),
    {},
    new URL("threads_worker.ts", import.meta.url),
  ) as Promise<Record<string, unknown>>;
}

const EXPECTED: readonly [name: string, behaviour: string, said: unknown][] = [
  ["answer", "a Worker answers a page, with bodies of any size", []],
  ["order", "a page has what two Workers send in their order", {
    a: 2000,
    b: 2000,
  }],
  ["marks", "a page that receives nothing stops a Worker", "stopped"],
  ["early", "what a page sends waits for a Worker that binds later", [
    "bound",
    500,
  ]],
  ["between", "two Workers meet without the page", ["bound", 2500]],
  ["left", "what a Worker sent before it left arrives", ["left"]],
  ["killed", "a page sees a Worker go that is terminated, and meets another", [
    1,
    "two",
  ]],
  [
    "full",
    "connections beyond those a group has room for wait for others' end",
    "the others were met",
  ],
  [
    "bothKilled",
    "the room of two Workers that are terminated together is had again",
    "their room was found",
  ],
  ["again", "a page shares another context", ["again"]],
];

for (const [name, behaviour, expected] of EXPECTED) {
  test(...withPeer(CHROMIUM, behaviour, async () => {
    assert.deepEqual((await said())[name], expected);
  }));
}
