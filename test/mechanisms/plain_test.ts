import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../../src/base/fault.ts";
import {
  FAILED,
  READY,
  refusal,
  SHAKING,
  WAITING,
} from "../../src/mechanisms/mechanism.ts";
import { PlainClient, PlainServer } from "../../src/mechanisms/plain.ts";
import { bytes, concat, hex } from "../support/bytes.ts";

const OWN = bytes('0b "Socket-Type" 00000004 "PUSH"');
const THEIRS = bytes('0b "Socket-Type" 00000004 "PULL"');
const HELLO = bytes('05 "HELLO" 05 "admin" 06 "secret"');
const WELCOME = bytes('07 "WELCOME"');
const INITIATE = concat(bytes('08 "INITIATE"'), OWN);
const READY_BODY = concat(bytes('05 "READY"'), THEIRS);

const client = () => new PlainClient(OWN, "admin", "secret");

/** A server that has taken these commands, and let the peer in when it was asked. */
function server(...commands: Uint8Array[]): PlainServer {
  const made = new PlainServer(THEIRS, true);
  for (const command of commands) {
    made.receive(command);
    made.decide(null);
    made.next();
  }
  return made;
}

test("PLAIN: HELLO, WELCOME, INITIATE and READY are libzmq's to the byte", () => {
  const ours = client();
  const theirs = new PlainServer(THEIRS, true);
  assert.equal(theirs.next(), null);
  const hello = ours.next()!;
  assert.equal(hex(hello), hex(HELLO));
  theirs.receive(hello);
  assert.equal(theirs.state, WAITING);
  assert.deepEqual(theirs.credentials, {
    mechanism: "PLAIN",
    username: "admin",
    password: "secret",
    publicKey: null,
  });
  assert.equal(theirs.next(), null);
  theirs.decide(null);
  assert.equal(theirs.state, SHAKING);
  const welcome = theirs.next()!;
  assert.equal(hex(welcome), hex(WELCOME));
  ours.receive(welcome);
  const initiate = ours.next()!;
  assert.equal(hex(initiate), hex(INITIATE));
  theirs.receive(initiate);
  assert.equal(theirs.state, READY);
  assert.equal(hex(theirs.properties), hex(OWN));
  const ready = theirs.next()!;
  assert.equal(hex(ready), hex(READY_BODY));
  ours.receive(ready);
  assert.equal(ours.state, READY);
  assert.equal(hex(ours.properties), hex(THEIRS));
  assert.equal(ours.cipher, null);
});

test("PLAIN: name and password may be empty, and up to 255 bytes", () => {
  for (const length of [0, 255]) {
    const text = "x".repeat(length);
    const made = new PlainServer(THEIRS, true);
    made.receive(new PlainClient(OWN, text, text).next()!);
    assert.equal(made.credentials?.username, text);
    assert.equal(made.credentials?.password, text);
  }
});

test("PLAIN: a refusal is spelt as libzmq spells it, and 300 is not said", () => {
  for (const status of ["300", "400", "500"]) {
    const made = new PlainServer(THEIRS, true);
    made.receive(HELLO);
    const fault: Fault = refusal(status);
    made.decide(fault);
    assert.equal(made.state, FAILED);
    assert.equal(made.fault, fault);
    const word = made.next();
    if (status === "300") {
      assert.equal(word, null);
      continue;
    }
    assert.equal(hex(word!), hex(bytes(`5e "RROR" 03 "${status}"`)));
    const ours = client();
    ours.receive(word!);
    assert.equal(ours.fault?.code, `ERR_ZAP_STATUS_${status}`);
  }
});

test("PLAIN: a client hears ERROR in either spelling, at any time", () => {
  for (const before of [[], [WELCOME]]) {
    for (const name of ['05 "ERROR"', '5e "RROR"']) {
      for (
        const [rest, code] of [
          ['03 "400"', "ERR_ZAP_STATUS_400"],
          ['03 "why"', "ECONNREFUSED"],
          ["", "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
          ['09 "why"', "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
        ]
      ) {
        const ours = client();
        for (const command of before) ours.receive(command);
        ours.receive(bytes(`${name} ${rest}`));
        assert.equal(ours.state, FAILED);
        assert.equal(ours.fault?.code, code);
      }
    }
  }
});

const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const MALFORMED = "ERR_ZMTP_MALFORMED_COMMAND";

const AT_A_SERVER: Record<string, [Uint8Array[], Uint8Array, string]> = {
  "INITIATE first": [[], INITIATE, UNEXPECTED],
  "HELLO twice": [[HELLO], HELLO, UNEXPECTED],
  "READY": [[], READY_BODY, UNEXPECTED],
  "WELCOME": [[HELLO], WELCOME, UNEXPECTED],
  "hello in lower case": [[], bytes('05 "hello" 00 00'), UNEXPECTED],
  "ERROR, which is a server's to say": [
    [],
    bytes('05 "ERROR" 03 "400"'),
    UNEXPECTED,
  ],
  "ERROR after HELLO": [
    [HELLO],
    bytes('5e "RROR" 03 "400"'),
    `${MALFORMED}_UNSPECIFIED`,
  ],
  "an empty command": [[], bytes(""), `${MALFORMED}_UNSPECIFIED`],
  "a command of one byte": [[], bytes("00"), `${MALFORMED}_UNSPECIFIED`],
  "a name past the end": [[], bytes('06 "HELLO"'), `${MALFORMED}_UNSPECIFIED`],
  "HELLO without a name": [[], bytes('05 "HELLO"'), `${MALFORMED}_HELLO`],
  "HELLO whose name is cut": [
    [],
    bytes('05 "HELLO" 05 "adm"'),
    `${MALFORMED}_HELLO`,
  ],
  "HELLO without a password": [
    [],
    bytes('05 "HELLO" 01 "a"'),
    `${MALFORMED}_HELLO`,
  ],
  "HELLO whose password is cut": [
    [],
    bytes('05 "HELLO" 01 "a" 02 "b"'),
    `${MALFORMED}_HELLO`,
  ],
  "HELLO with a byte too many": [
    [],
    concat(HELLO, bytes("00")),
    `${MALFORMED}_HELLO`,
  ],
};

for (const [what, [before, command, code]] of Object.entries(AT_A_SERVER)) {
  test(`PLAIN: a server that hears ${what} ends with ${code}`, () => {
    const made = server(...before);
    made.receive(command);
    assert.equal(made.state, FAILED);
    assert.equal(made.fault?.code, code);
    assert.equal(made.next(), null);
  });
}

test("PLAIN: INITIATE before the decision is an offence, and the decision changes nothing", () => {
  const made = new PlainServer(THEIRS, true);
  made.receive(HELLO);
  made.receive(INITIATE);
  assert.equal(made.fault?.code, "ERR_ZMTP_UNSPECIFIED");
  made.decide(null);
  assert.equal(made.state, FAILED);
  assert.equal(made.next(), null);
});

const AT_A_CLIENT: Record<string, [Uint8Array[], Uint8Array, string]> = {
  "READY before WELCOME": [[], READY_BODY, UNEXPECTED],
  "WELCOME twice": [[WELCOME], WELCOME, UNEXPECTED],
  "HELLO of another client": [[], HELLO, UNEXPECTED],
  "WELCOME with data": [
    [],
    concat(WELCOME, bytes("00")),
    `${MALFORMED}_WELCOME`,
  ],
  "an empty command": [[WELCOME], bytes(""), `${MALFORMED}_UNSPECIFIED`],
};

for (const [what, [before, command, code]] of Object.entries(AT_A_CLIENT)) {
  test(`PLAIN: a client that hears ${what} ends with ${code}`, () => {
    const ours = client();
    ours.next();
    for (const one of before) ours.receive(one);
    ours.receive(command);
    assert.equal(ours.state, FAILED);
    assert.equal(ours.fault?.code, code);
  });
}
