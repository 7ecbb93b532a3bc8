// inproc between a page and its Workers, and between those, in real browsers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Browser, BROWSERS, inBrowser } from "../support/browsers.ts";
import { withPeer } from "../support/peer.ts";

const pages = new Map<Browser, Promise<Record<string, unknown>>>();

/** What came of each behaviour in one page that has tried all of them. */
function said(browser: Browser): Promise<Record<string, unknown>> {
  let page = pages.get(browser);
  if (page === undefined) {
    page = inBrowser(
      browser,
      new URL("threads_page.ts", import.meta.url),
      {},
      { worker: new URL("threads_worker.ts", import.meta.url) },
    ) as Promise<Record<string, unknown>>;
    pages.set(browser, page);
  }
  return page;
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

for (const browser of BROWSERS) {
  for (const [name, behaviour, expected] of EXPECTED) {
    test(...withPeer(browser, behaviour, async () => {
      assert.deepEqual((await said(browser))[name], expected);
    }));
  }
}
