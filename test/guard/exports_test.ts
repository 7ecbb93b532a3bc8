// What the package gives away: names and methods, neither more nor fewer.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as auth from "../../src/auth/auth.ts";
import * as mongrel2 from "../../src/mongrel2/mongrel2.ts";
import * as nought from "../../mod.ts";
import * as testing from "../../src/testing/testing.ts";
import { CLASSES } from "../support/sockets.ts";

const ALWAYS = [
  "bind",
  "close",
  "closeAsync",
  "closed",
  "connect",
  "constructor",
  "context",
  "disconnect",
  "events",
  "getOption",
  "lastEndpoint",
  "securityMechanism",
  "setOption",
  "stats",
  "threadSafe",
  "type",
  "unbind",
];
const SENDS = ["send", "sendMany", "trySend", "writable"];
const RECEIVES = [
  "readable",
  "receive",
  "receiveMany",
  "receiveWithMetadata",
  "tryReceive",
];
const BOTH = [...SENDS, ...RECEIVES];
/** What each class has beside what every socket has. */
const OWN: Record<keyof typeof CLASSES, readonly string[]> = {
  Channel: BOTH,
  Client: BOTH,
  Datagram: BOTH,
  Dealer: BOTH,
  Dish: [...RECEIVES, "join", "leave"],
  Gather: RECEIVES,
  Pair: BOTH,
  Peer: [...BOTH, "connectPeer", "disconnectPeer"],
  Publisher: [...SENDS, "topicsCount"],
  Pull: RECEIVES,
  Push: SENDS,
  Radio: SENDS,
  Reply: BOTH,
  Request: [...BOTH, "request"],
  Router: [...BOTH, "peerState"],
  Scatter: SENDS,
  Server: [...BOTH, "disconnectPeer"],
  Stream: BOTH,
  Subscriber: [...RECEIVES, "subscribe", "unsubscribe", "topicsCount"],
  XPublisher: [...BOTH, "subscribe", "unsubscribe", "topicsCount"],
  XSubscriber: [...BOTH, "topicsCount"],
};

test("the main entry exports what it promises", () => {
  assert.deepEqual(Object.keys(nought).sort(), [
    ...["Channel", "Client", "Context", "Datagram", "Dealer", "Dish"],
    ...["Gather", "Observer", "Pair", "Peer", "Proxy", "Publisher", "Pull"],
    ...["Push", "Radio", "Reply", "Request", "Router", "Scatter", "Server"],
    ...["Socket", "Stream", "Subscriber", "XPublisher", "XSubscriber"],
    ...["ZmqError", "capability", "curveKeyPair", "curvePublicKey"],
    ...["defaultContext", "merge", "receiveAny", "text", "z85Decode"],
    "z85Encode",
  ]);
});

test("the entry for who may come in exports rules and certificates", () => {
  assert.deepEqual(Object.keys(auth).sort(), [
    ...["allOf", "allowAddresses", "allowKeys", "allowPasswords", "anyOf"],
    ...["formatCertificate", "parseCertificate", "readCertificate"],
    "writeCertificate",
  ]);
});

test("the entry for Mongrel2 exports handlers, and what they read and write with", () => {
  assert.deepEqual(Object.keys(mongrel2).sort(), [
    ...["ChunkedReply", "LAST_CHUNK", "MOST_CONNECTIONS", "MalformedError"],
    ...["Mongrel2Handler", "Mongrel2Request", "RequestHeaders"],
    ...["formatAccept", "formatChunk", "formatClose", "formatFrame"],
    ...["formatHead", "formatNetstring", "formatReplies", "formatRequest"],
    ...["formatResponse", "formatTnetstring", "offeredProtocols"],
    ...["parseRequest", "parseTnetstring", "readNetstring", "readTnetstring"],
  ]);
});

test("the entry for tests exports a world", () => {
  assert.deepEqual(Object.keys(testing).sort(), [
    ...["SimulatedAdapter", "SimulatedClock", "SimulatedHost"],
    "SimulatedWorld",
  ]);
});

for (const [name, make] of Object.entries(CLASSES)) {
  test(`${name} has its methods, and none of the wrong direction`, () => {
    const socket = new make();
    const methods = new Set<string>();
    for (
      let at = Object.getPrototypeOf(socket);
      at instanceof nought.Socket || at === nought.Socket.prototype;
      at = Object.getPrototypeOf(at)
    ) {
      for (const key of Object.getOwnPropertyNames(at)) {
        if (!isOption(socket, key)) methods.add(key);
      }
    }
    assert.deepEqual(
      [...methods].sort(),
      [...ALWAYS, ...OWN[name as keyof typeof CLASSES]].sort(),
    );
    assert.equal(
      Symbol.asyncIterator in socket,
      OWN[name as keyof typeof CLASSES].includes("receive"),
    );
    assert.ok(Symbol.dispose in socket && Symbol.asyncDispose in socket);
    socket.close();
  });
}

/** Whether a property is one that the option table has made. */
function isOption(socket: object, name: string): boolean {
  for (
    let at = Object.getPrototypeOf(socket);
    at !== null;
    at = Object.getPrototypeOf(at)
  ) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found !== undefined) {
      return found.enumerable === true && found.set !== undefined;
    }
  }
  return false;
}
