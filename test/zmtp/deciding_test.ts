// What a client of CURVE may say while the server waits to be told whether it is let
// in: nothing, and nothing half.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSED, ON } from "../../src/zmtp/connection.ts";
import { texts } from "../support/bytes.ts";
import { curveClient, curveServer } from "../support/curve.ts";
import { type Bench, exchange } from "../support/pair.ts";
import { message } from "../support/zmtp.ts";

/** A server whose client has said all that there is to say before it is let in. */
function deciding(): { server: Bench; client: Bench } {
  const [server, client] = [curveServer(), curveClient()];
  exchange(client, server);
  assert.equal(server.ready, 0);
  return { server, client };
}

test("CURVE: who is let in sends messages from then on", () => {
  const { server, client } = deciding();
  server.connection.decide(null);
  assert.equal(server.connection.resume(0), ON);
  client.outbox.append([new TextEncoder().encode("hello")], 0, null);
  exchange(client, server);
  assert.equal(server.ready, 1);
  assert.deepEqual(texts(server.inbox.take()!), ["hello"]);
});

const early = message("what is hidden and came too soon");

test("CURVE: a frame while a peer is decided about ends the connection", () => {
  const { server } = deciding();
  assert.equal(server.receive(early), CLOSED);
  assert.equal(server.fault, "ERR_ZMTP_UNEXPECTED_COMMAND");
});

for (
  const [what, length] of [
    ["a byte", 1],
    ["the header", 2],
    ["half", early.length >> 1],
    ["all but a byte", early.length - 1],
  ] as const
) {
  test(`CURVE: ${what} of a frame while a peer is decided about ends the connection, once it is let in`, () => {
    const { server, client } = deciding();
    server.receive(early.subarray(0, length));
    server.connection.decide(null);
    assert.equal(server.connection.resume(0), CLOSED);
    assert.equal(server.fault, "ERR_ZMTP_UNSPECIFIED");
    assert.equal(server.ready, 0);
    // And what comes after it is nothing to anybody.
    client.outbox.append([new TextEncoder().encode("hello")], 0, null);
    server.receive(client.written());
    assert.equal(server.inbox.count, 0);
  });
}
