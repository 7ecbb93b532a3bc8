// What subscriptions cost an XPublisher: memory for so many of them, the places of
// the tree that a message meets among few and among many, and what is left when
// they have come and gone.

import process from "node:process";
import { XPublisherPattern } from "../../src/patterns/xpublisher.ts";
import { CANCEL, SUBSCRIBE } from "../../src/base/frame.ts";
import { encodeText } from "../../src/base/utf8.ts";
import { collect } from "../support/memory.ts";
import { CountingHost, FakePeer } from "../support/pipes.ts";

const MANY = 100_000;
const CHURN = 1_000_000;

/** A topic as people make them: a few levels, some of them shared. */
function topic(number: number): Uint8Array {
  return encodeText(
    `sensors/building-${number % 37}/room-${number % 1009}/${number}`,
  ).slice();
}

const publisher = new XPublisherPattern(new CountingHost(), {
  noDrop: false,
  invertMatching: false,
  onlyFirstSubscribe: false,
  maxSubscriptions: Infinity,
  maxSubscriptionLength: Infinity,
  verbosity: null,
  manual: false,
  manualLastValue: false,
  welcomeMessage: null,
});
const peer = new FakePeer(publisher);

function tell(kind: number, number: number): void {
  peer.pipe.inbound.push(topic(number), kind);
  publisher.readable(peer.pipe);
  publisher.tryReceive();
}

function used(): number {
  collect();
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + Math.max(external, arrayBuffers);
}

for (let i = 0; i < 1000; i++) tell(SUBSCRIBE, i);
for (let i = 0; i < 1000; i++) tell(CANCEL, i);
const empty = used();
for (let i = 0; i < MANY; i++) tell(SUBSCRIBE, i);
const full = used();
for (let i = 0; i < MANY; i++) tell(CANCEL, i);
for (let i = 0; i < CHURN; i++) {
  tell(SUBSCRIBE, i);
  tell(CANCEL, i);
}
const after = used();
console.log(JSON.stringify({
  megabytes: (full - empty) / 1048576,
  left: (after - empty) / 1048576,
  topics: publisher.topics,
}));
process.exit();
