// Which mechanism a socket speaks: the option that was set last decides, as in libzmq.

import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyPair, Pull } from "../../mod.ts";
import * as zmq from "../../src/zeromqjs/zeromqjs.ts";
import { withSockets } from "../support/sockets.ts";

const { publicKey, secretKey } = curveKeyPair();
const MECHANISM = 43;

test("the option that was set last decides about the mechanism and its end", () =>
  withSockets((keep) => {
    const cases: [options: object, chosen: string, number: number][] = [
      [{}, "NULL", 0],
      [{ plainServer: true }, "PLAIN server", 1],
      [{ plainServer: true, plainUsername: "u" }, "PLAIN", 1],
      [{ plainUsername: "u", plainServer: true }, "PLAIN server", 1],
      [{ plainUsername: "u", plainPassword: null }, "NULL", 0],
      [{ curveServer: true, curveSecretKey: secretKey }, "CURVE server", 2],
      [{ curveServer: true, plainServer: true }, "PLAIN server", 1],
      [{ plainServer: true, curveServer: true }, "CURVE server", 2],
      [{ curveServer: true, plainServer: false }, "NULL", 0],
      [{ curveServerKey: publicKey, plainUsername: "u" }, "PLAIN", 1],
      [{ plainUsername: "u", curveServerKey: publicKey }, "CURVE", 2],
      [{ curveServer: true, curveServerKey: publicKey }, "CURVE", 2],
      [{ curveServerKey: publicKey, curveServer: false }, "CURVE", 2],
      [{ curveSecretKey: secretKey, curveServerKey: null }, "CURVE", 2],
      [{ curvePublicKey: publicKey, plainUsername: null }, "CURVE", 2],
      [
        { curveServer: true, curveSecretKey: secretKey, plainServer: false },
        "CURVE server",
        2,
      ],
      [{ curveSecretKey: secretKey }, "CURVE", 2],
      [{ curveServerKey: publicKey, curveSecretKey: null }, "CURVE", 2],
    ];
    for (const [options, chosen, number] of cases) {
      const socket = keep(new Pull(options));
      const what = Object.keys(options).join();
      const [name, end] = chosen.split(" ");
      assert.equal(socket.getOption(MECHANISM), number, what);
      assert.equal(
        socket.securityMechanism,
        name === "NULL" ? null : name.toLowerCase(),
        what,
      );
      const server = end === "server";
      assert.equal(socket.plainServer, server && name === "PLAIN", what);
      assert.equal(socket.curveServer, server && name === "CURVE", what);
    }
  }));

test("a client with keys of CURVE and none of a server doesn't speak in clear", () =>
  withSockets((keep) => {
    const pull = keep(new Pull({ curvePublicKey: publicKey }));
    pull.curveSecretKey = secretKey;
    assert.throws(() => pull.connect("tcp://127.0.0.1:1"), {
      code: "EINVAL",
      message: /curveServerKey/,
    });
    pull.curveServerKey = publicKey;
    pull.connect("tcp://127.0.0.1:1");
  }));

test("a client's public key is the one of its secret key, or EINVAL", () =>
  withSockets((keep) => {
    const other = curveKeyPair();
    const client = { curveServerKey: other.publicKey };
    const alone = keep(new Pull({ ...client, curvePublicKey: publicKey }));
    const wrong = keep(
      new Pull({
        ...client,
        curvePublicKey: other.publicKey,
        curveSecretKey: secretKey,
      }),
    );
    for (const pull of [alone, wrong]) {
      assert.throws(() => pull.connect("tcp://127.0.0.1:1"), {
        code: "EINVAL",
        message: /curvePublicKey/,
      });
    }
    const right = keep(
      new Pull({
        ...client,
        curvePublicKey: publicKey,
        curveSecretKey: secretKey,
      }),
    );
    right.connect("tcp://127.0.0.1:1");
  }));

test("keys of CURVE that were all taken back leave NULL, in whatever order", () =>
  withSockets((keep) => {
    const names = [
      "curveServerKey",
      "curvePublicKey",
      "curveSecretKey",
    ] as const;
    for (const start of [0, 1, 2]) {
      for (const step of [1, 2]) {
        const pull = keep(
          new Pull({
            curveServerKey: publicKey,
            curvePublicKey: publicKey,
            curveSecretKey: secretKey,
          }),
        );
        for (let i = 0; i < 3; i++) {
          assert.equal(pull.securityMechanism, "curve");
          pull[names[(start + i * step) % 3]] = null;
        }
        assert.equal(pull.securityMechanism, null);
      }
    }
  }));

test("with zeromq.js's names what is turned off leaves NULL, as there", () => {
  for (
    const [options, chosen] of [
      [{ curveSecretKey: secretKey, curveServer: false }, null],
      [{ curveSecretKey: secretKey, plainServer: false }, null],
      [{ plainServer: false, curveServerKey: publicKey }, "curve"],
    ] as const
  ) {
    const dealer = new zmq.Dealer(options);
    assert.equal(dealer.securityMechanism, chosen);
    dealer.close();
  }
});
