// What handlers read and write, byte by byte; and whatever is wrong is one kind of error.

import assert from "node:assert/strict";
import { test } from "node:test";
import { text, ZmqError } from "../../mod.ts";
import {
  formatAccept,
  formatChunk,
  formatClose,
  formatFrame,
  formatHead,
  formatNetstring,
  formatReplies,
  formatRequest,
  formatResponse,
  formatTnetstring,
  type HttpResponse,
  LAST_CHUNK,
  MalformedError,
  type Mongrel2Request,
  offeredProtocols,
  parseRequest,
  parseTnetstring,
  readNetstring,
  readTnetstring,
  type TnetWritable,
} from "../../src/mongrel2/mongrel2.ts";
import { bytes, concat, hex } from "../support/bytes.ts";
import { generator } from "../../adapters/simulated/random.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function malformed(at?: number) {
  return (error: unknown) => {
    assert.ok(error instanceof MalformedError && error instanceof ZmqError);
    assert.equal(error.name, "MalformedError");
    assert.equal(error.code, "EPROTO");
    if (at !== undefined) assert.equal(error.offset, at, error.message);
    return true;
  };
}

test("netstrings", () => {
  for (const [body, written] of [["", "0:,"], ["hello", "5:hello,"]]) {
    assert.equal(text(formatNetstring(body)), written);
    const read = readNetstring(utf8(`${written}more`));
    assert.equal(text(read.bytes), body);
    assert.equal(read.end, written.length);
  }
  for (const nowhere of [NaN, "0" as unknown as number]) {
    assert.throws(() => readNetstring(utf8("x"), nowhere), MalformedError);
  }
  assert.throws(
    () => readNetstring({} as unknown as Uint8Array),
    MalformedError,
  );
  const inside = utf8("xx3:abc,");
  assert.equal(text(readNetstring(inside, 2).bytes), "abc");
  assert.equal(readNetstring(inside, 2).bytes.buffer, inside.buffer);
  for (
    const wrong of [
      "",
      "5",
      ":,",
      "5:hell",
      "5:hello",
      "5:hello;",
      "05:hello,",
      "-1:,",
      "1 :a,",
      "1234567890:",
    ]
  ) assert.throws(() => readNetstring(utf8(wrong)), malformed(), wrong);
});

const VALUES: [TnetWritable, string][] = [
  [null, "0:~"],
  [true, "4:true!"],
  [false, "5:false!"],
  [0, "1:0#"],
  [-42, "3:-42#"],
  [9007199254740991, "16:9007199254740991#"],
  [12345678901234567890n, "20:12345678901234567890#"],
  [1.5, "3:1.5^"],
  [-0.25, "5:-0.25^"],
  [1e300, "6:1e+300^"],
  ["", "0:,"],
  ["Grüße", "7:Grüße,"],
  [[], "0:]"],
  [[1, [2, []]], "14:1:1#7:1:2#0:]]]"],
  [new Map(), "0:}"],
];

test("tnetstrings of every type, there and back", () => {
  for (const [value, written] of VALUES) {
    assert.equal(text(formatTnetstring(value)), written);
    assert.deepEqual(parseTnetstring(utf8(written)), value);
  }
  const dictionary = { a: 1, __proto__x: "y", nested: { list: [null, true] } };
  const read = parseTnetstring(formatTnetstring(dictionary));
  assert.deepEqual(
    read,
    new Map<string, unknown>([
      ["a", 1],
      ["__proto__x", "y"],
      ["nested", new Map([["list", [null, true]]])],
    ]),
  );
  assert.equal(text(formatTnetstring(new Map([["a", 1]]))), "8:1:a,1:1#}");
  assert.ok(Object.is(parseTnetstring(formatTnetstring(-0)), -0));
  assert.equal(parseTnetstring(utf8("5:12345#")), 12345);
  assert.equal(parseTnetstring(utf8("6:+1.5e3^")), 1500);
});

test("strings of a tnetstring are text, or views of the bytes", () => {
  const all = concat(utf8("3:"), bytes("ff 00 80"), utf8(","));
  assert.deepEqual(
    parseTnetstring(all, { strings: "bytes" }),
    bytes("ff 00 80"),
  );
  assert.equal(parseTnetstring(all), "\ufffd\0\ufffd");
  assert.equal(hex(formatTnetstring(bytes("ff 00 80"))), hex(all));
});

test("the value that begins somewhere ends somewhere", () => {
  const all = utf8("..1:1#4:true!");
  assert.deepEqual(readTnetstring(all, 2), { value: 1, end: 6 });
  assert.deepEqual(readTnetstring(all, 6), { value: true, end: 13 });
  assert.throws(() => parseTnetstring(utf8("1:1#more")), malformed(4));
});

test("what is no tnetstring is malformed", () => {
  for (
    const wrong of [
      "",
      "1",
      "1:",
      "1:a",
      "2:a,",
      "1:a?",
      "1:a#",
      "2:--#",
      "0:#",
      "3:1e3#",
      "6:1e9999^",
      "1:.^",
      "3:nan^",
      "8:infinity^",
      "0:^",
      "4:True!",
      "1:1!",
      "1:x~",
      "3:1:a]",
      "4:1:a,}",
      "8:1:1#1:a,}",
      "6:3:abcd]",
      "12:1:a,3:abcd,}",
      "01:a,",
    ]
  ) assert.throws(() => parseTnetstring(utf8(wrong)), malformed(), wrong);
});

test("a tnetstring's depth and the number of its values have limits", () => {
  const nested = (depth: number) => {
    let written: Uint8Array = utf8("0:]");
    for (let i = 1; i < depth; i++) {
      written = concat(utf8(`${written.length}:`), written, utf8("]"));
    }
    return written;
  };
  parseTnetstring(nested(64));
  assert.throws(() => parseTnetstring(nested(65)), malformed());
  assert.throws(() => parseTnetstring(nested(5000)), malformed());
  parseTnetstring(nested(65), { maxDepth: 65 });
  const many = formatTnetstring(new Array(100).fill(null));
  assert.throws(() => parseTnetstring(many, { maxValues: 100 }), malformed());
  parseTnetstring(many, { maxValues: 101 });
});

test("what a tnetstring can't hold isn't written", () => {
  const circle: TnetWritable[] = [];
  circle.push(circle);
  for (const value of [NaN, Infinity, circle, undefined, () => {}]) {
    assert.throws(
      () => formatTnetstring(value as TnetWritable),
      (error: unknown) => error instanceof ZmqError && error.code === "EINVAL",
    );
  }
});

/** The messages of Mongrel2 1.12.2, as they came. */
const JSON_REQUEST =
  'main 3 /a%20b 102:{"PATH":"/a%20b","x-a":["1","2"],"host":"localhost",' +
  '"METHOD":"GET","VERSION":"HTTP/1.1","QUERY":"x=1"},0:,';
const TNET_REQUEST =
  "main 2 /t 78:6:METHOD,4:POST,7:VERSION,8:HTTP/1.1,4:host,9:localhost," +
  "14:content-length,1:9,}9:body here,";

test("requests with headers in either form", () => {
  const json = parseRequest(utf8(JSON_REQUEST));
  assert.deepEqual(
    [json.sender, json.connection, json.path, json.kind, json.method],
    ["main", "3", "/a%20b", "request", "GET"],
  );
  assert.equal(json.headers.get("X-A"), "1, 2");
  assert.equal(json.query, "x=1");
  assert.equal(json.body.length, 0);
  const tnet = parseRequest(utf8(TNET_REQUEST));
  assert.equal(tnet.headers.get("HOST"), "localhost");
  assert.equal(tnet.text(), "body here");
  assert.equal(tnet.body.buffer, tnet.bytes.buffer);
  assert.deepEqual([...tnet.headers], [
    ["host", "localhost"],
    ["content-length", "9"],
  ]);
});

test("a client's header is never taken for a variable of the server", () => {
  const { headers, method } = parseRequest(formatRequest({
    sender: "main",
    connection: "1",
    path: "/",
    headers: { METHOD: "GET", method: "DELETE", "__proto__": "x" },
  }));
  assert.equal(method, "GET");
  assert.equal(headers.variable("METHOD"), "GET");
  assert.equal(headers.get("METHOD"), "DELETE");
  assert.equal(headers.variable("method"), undefined);
  assert.equal(headers.get("constructor"), undefined);
  assert.deepEqual(headers.toObject(), { METHOD: "GET", method: "DELETE" });
  assert.deepEqual(headers.all("nothing"), []);
  assert.ok(!headers.has("nothing") && headers.has("Method"));
});

function asked(
  headers: Record<string, string>,
  body: string | Uint8Array = "",
  path = "/",
): Mongrel2Request {
  const parts = { sender: "main", connection: "1", path, headers, body };
  const json = parseRequest(formatRequest(parts));
  const tnet = parseRequest(formatRequest(parts, "tnetstring"));
  assert.equal(json.kind, tnet.kind);
  assert.deepEqual([...json.headers], [...tnet.headers]);
  return json;
}

test("every kind of message is told from the others", () => {
  const up = "x-mongrel2-upload-start";
  const done = "x-mongrel2-upload-done";
  const long = { METHOD: "POST", "content-length": "9", [up]: "/tmp/1" };
  const gone = '{"type":"disconnect"}';
  for (
    const [kind, request] of [
      ["request", asked({ METHOD: "GET" })],
      ["request", asked({})],
      ["disconnect", asked({ METHOD: "JSON" }, gone, "@*")],
      ["message", asked({ METHOD: "JSON" }, gone, "@chat")],
      ["message", asked({ METHOD: "JSON" }, "no JSON", "@*")],
      ["message", asked({ METHOD: "JSON" }, "null", "@*")],
      ["message", asked({ METHOD: "XML" }, "<a/>", "<a")],
      ["request", asked({ METHOD: "POST" }, gone, "@*")],
      ["uploadStart", asked(long)],
      ["uploadStart", asked({ ...long, [done]: "/etc/passwd" })],
      ["uploadDone", asked({ ...long, [done]: "/tmp/1" })],
      ["request", asked({ ...long, [done]: "/tmp/1" }, "body")],
      ["request", asked({ ...long, "content-length": "0" })],
      ["request", asked({ METHOD: "GET", [up]: "/etc/passwd" })],
      ["uploadPart", asked({ METHOD: "POST", UPLOAD_STREAM: "0" }, "a")],
      ["handshake", asked({ METHOD: "WEBSOCKET_HANDSHAKE" })],
      ["frame", asked({ METHOD: "WEBSOCKET", FLAGS: "0x81" }, "a")],
      [
        "credits",
        asked(
          { METHOD: "JSON", DOWNLOAD_CREDITS: "12" },
          '{"type":"credits"}',
          "@*",
        ),
      ],
    ] as const
  ) assert.equal(request.kind, kind);
  const part = asked({
    METHOD: "POST",
    UPLOAD_STREAM: "42",
    UPLOAD_STREAM_DONE: "1",
  });
  assert.deepEqual(part.part, { offset: 42, last: true });
});

test("whether a connection goes on is the client's word, by its version", () => {
  const keeps = (VERSION: string, connection?: string) =>
    asked({ VERSION, ...(connection === undefined ? {} : { connection }) })
      .keepsAlive;
  assert.equal(keeps("HTTP/1.1"), true);
  assert.equal(keeps("HTTP/1.1", "Close"), false);
  assert.equal(keeps("HTTP/1.1", "Upgrade, close"), false);
  assert.equal(keeps("HTTP/1.0"), false);
  assert.equal(keeps("HTTP/1.0", "Keep-Alive"), true);
});

test("what is no request is malformed", () => {
  for (
    const wrong of [
      "",
      " ",
      "main",
      "main 1",
      "main 1 /",
      "main 1 / ",
      " 1 / 2:{},0:,",
      "main  / 2:{},0:,",
      "main 1  2:{},0:,",
      "m,ain 1 / 2:{},0:,",
      "main 1x / 2:{},0:,",
      "main 12345678901 / 2:{},0:,",
      "main 1 / 2:{},",
      "main 1 / 2:{},0:",
      "main 1 / 2:{},1:,",
      "main 1 / 2:{},0:,x",
      "main 1 / 3:{},0:,",
      "main 1 / 2:[],0:,",
      "main 1 / 4:null,0:,",
      'main 1 / 7:{"a":1},0:,',
      'main 1 / 9:{"a":[1]},0:,',
      "main 1 / 8:1:a,1:1#}0:,",
      "main 1 / 8:1:a,1:b,]0:,",
      "main 1 / 1:1#0:,",
      'main 1 / 22:{"METHOD":"WEBSOCKET"},0:,',
      'main 1 / 21:{"UPLOAD_STREAM":"-1"},0:,',
      `main 1 / ${100_000}:${"[".repeat(100_000)},0:,`,
    ]
  ) {
    assert.throws(
      () => parseRequest(utf8(wrong)),
      malformed(),
      wrong.slice(0, 60),
    );
  }
});

test("bytes that were changed are a request or malformed, and nothing else", () => {
  const random = generator(11);
  const pick = (below: number) => Math.floor(random() * below);
  const seeds = [
    utf8(JSON_REQUEST),
    utf8(TNET_REQUEST),
    utf8('main 7 @* 17:{"METHOD":"JSON"},21:{"type":"disconnect"},'),
    utf8(
      "m 1 / 36:6:METHOD,9:WEBSOCKET,5:FLAGS,4:0x81,}5:hello,",
    ),
    formatTnetstring([1, 2.5, null, true, { a: ["b", { c: 1n }] }]),
  ];
  let taken = 0;
  for (let round = 0; round < 30_000; round++) {
    let changed = seeds[round % seeds.length].slice();
    for (let i = 1 + pick(3); i > 0; i--) {
      const at = pick(changed.length + 1);
      const other = seeds[pick(seeds.length)];
      const from = pick(other.length);
      const kinds = [
        () => changed.fill(pick(256), at, at + 1),
        () => changed.fill(0x30 + pick(10), at, at + 1),
        () => changed.subarray(0, at),
        () => concat(changed.subarray(0, at), changed.subarray(at + pick(4))),
        () =>
          concat(
            changed.subarray(0, at),
            other.subarray(from, from + pick(20)),
            changed.subarray(at),
          ),
      ];
      changed = kinds[pick(kinds.length)]() as Uint8Array<ArrayBuffer>;
    }
    for (const read of [parseRequest, parseTnetstring]) {
      try {
        read(changed);
        taken++;
      } catch (error) {
        if (!(error instanceof MalformedError)) {
          assert.fail(`${error} for ${JSON.stringify(text(changed))}`);
        }
      }
    }
  }
  assert.ok(taken > 0);
});

const AT = (connection: string, sender = "main") => ({ sender, connection });

test("replies name their connections, 128 a message, and each server its own", () => {
  const said = (...args: Parameters<typeof formatReplies>) =>
    formatReplies(...args).map(({ bytes }) => text(bytes));
  assert.deepEqual(said(AT("7"), "Hi"), ["main 1:7, Hi"]);
  assert.deepEqual(said([AT("7"), AT("12")], ""), ["main 4:7 12, "]);
  assert.deepEqual(said([], "Hi"), []);
  assert.deepEqual(said([AT("1", "a"), AT("1", "b"), AT("2", "a")], "x"), [
    "a 3:1 2, x",
    "b 1:1, x",
  ]);
  assert.deepEqual(said(AT("7"), "2:42#", { extended: true }), [
    "main 3:X 7, 2:42#",
  ]);
  const many = Array.from({ length: 300 }, (_, i) => AT(`${i}`));
  const counts = said(many, "x").map((one) =>
    one.match(/\d+(?=[ ,])/g)!.length
  );
  assert.deepEqual(counts, [128, 128, 44]);
  assert.equal(said(many, "x", { mostConnections: 100 }).length, 3);
  const binary = formatReplies(AT("7"), bytes("00 ff"))[0].bytes;
  assert.equal(hex(binary.subarray(-2)), "00ff");
});

test("a bound to the connections of a message that is none is refused, and names nobody twice or for ever", () => {
  for (const mostConnections of [1.5, 0, -1, NaN]) {
    assert.throws(
      () => formatReplies([AT("7"), AT("8")], "x", { mostConnections }),
      { code: "EINVAL" },
    );
  }
});

test("ids that a server can't read are refused", () => {
  for (
    const wrong of [AT("7 8"), AT(""), AT("x"), AT("1", "a b"), AT("1", "")]
  ) {
    assert.throws(() => formatReplies(wrong, "x"), { code: "EINVAL" });
    const parts = { ...wrong, path: "/", headers: {} };
    assert.throws(() => formatRequest(parts), { code: "EINVAL" });
  }
  assert.throws(
    () => formatRequest({ ...AT("1"), path: "/a b", headers: {} }),
    { code: "EINVAL" },
  );
});

test("responses of HTTP", () => {
  assert.equal(
    text(formatResponse({ body: "Grüße" })),
    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nGrüße",
  );
  assert.equal(
    text(formatResponse({
      status: 404,
      headers: { "Set-Cookie": ["a=1", "b=2"], "Content-Length": "99" },
    })),
    "HTTP/1.1 404 Not Found\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n" +
      "Content-Length: 0\r\n\r\n",
  );
  assert.equal(
    text(formatResponse({ status: 204, body: "no" })),
    "HTTP/1.1 204 No Content\r\n\r\n",
  );
  assert.equal(
    text(formatResponse({ body: "four" }, "HEAD")),
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n",
  );
  assert.equal(
    text(formatResponse({ status: 299, statusText: "Fine" })),
    "HTTP/1.1 299 Fine\r\nContent-Length: 0\r\n\r\n",
  );
  assert.equal(
    text(formatHead({}, "chunked")),
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  assert.equal(
    text(formatChunk("x".repeat(17))),
    `11\r\n${"x".repeat(17)}\r\n`,
  );
  assert.equal(formatChunk("").length, 0);
  assert.equal(LAST_CHUNK, "0\r\n\r\n");
});

test("a body that is neither text nor bytes is a TypeError", () => {
  for (const body of [{ ok: true }, 42, null, ["a"]]) {
    const wrong = { body } as unknown as HttpResponse;
    assert.throws(() => formatResponse(wrong), {
      name: "TypeError",
      message: /^A body is text or bytes/,
    });
  }
});

test("no header can begin another one", () => {
  const all: HttpResponse[] = [
    { headers: { "X": "a\r\nY: b" } },
    { headers: { "X": ["fine", "a\nb"] } },
    { headers: { "X Y": "a" } },
    { headers: { "": "a" } },
    { statusText: "OK\r\nX: y" },
    { status: 99 },
    { status: 200.5 },
  ];
  for (const wrong of all) {
    assert.throws(() => formatResponse(wrong), { code: "EINVAL" });
  }
});

test("frames of WebSockets, of each length", () => {
  assert.equal(hex(formatFrame("text", "Hi")), "81024869");
  assert.equal(hex(formatFrame("binary", bytes("ff"), false)), "0201ff");
  assert.equal(hex(formatFrame("ping")), "8900");
  assert.equal(
    hex(formatFrame("text", "x".repeat(126)).subarray(0, 4)),
    "817e007e",
  );
  const long = formatFrame("binary", new Uint8Array(65_536));
  assert.equal(hex(long.subarray(0, 10)), "827f0000000000010000");
  assert.equal(hex(formatClose(1000, "x")), "880303e878");
  assert.throws(() => formatFrame("ping", "x".repeat(126)), { code: "EINVAL" });
  assert.throws(() => formatFrame("close", "", false), { code: "EINVAL" });
  assert.throws(() => formatClose(999), { code: "EINVAL" });
  assert.throws(() => formatClose(1000, "x".repeat(124)), { code: "EINVAL" });
});

test("the answer to a handshake is the one that the server worked out", () => {
  const handshake = asked({
    METHOD: "WEBSOCKET_HANDSHAKE",
    "sec-websocket-protocol": "a, b,, c",
  }, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  assert.deepEqual(offeredProtocols(handshake), ["a", "b", "c"]);
  assert.equal(
    text(formatAccept(handshake, { protocol: "b", headers: { "X-Y": "z" } })),
    "HTTP/1.1 101 Switching Protocols\r\nX-Y: z\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
      "Sec-WebSocket-Protocol: b\r\n\r\n",
  );
  const forged = asked(
    { METHOD: "WEBSOCKET_HANDSHAKE" },
    "s3pPLMBiTxaQ9kYGzzhZRbK+xO\r\n",
  );
  assert.throws(() => formatAccept(forged), malformed());
  assert.throws(() => formatAccept(asked({ METHOD: "GET" })), malformed());
});

test("a header in two cases has the values of both, however many those are", () => {
  const many = new Array(300_000).fill("a");
  const headers = { METHOD: "GET", Xy: ["first"], xY: many };
  const request = parseRequest(
    formatRequest({ sender: "main", connection: "1", path: "/", headers }),
  );
  const values = [...request.headers].map(([, value]) => value);
  assert.equal(values.length, 300_001);
  assert.equal(values[0], "first");
});

test("what is written as a tnetstring can be read: 64 lists in one another, and no more", () => {
  const nested = (depth: number) => {
    let value: TnetWritable = [];
    for (let i = 1; i < depth; i++) value = [value];
    return value;
  };
  const deepest = nested(64);
  assert.deepEqual(parseTnetstring(formatTnetstring(deepest)), deepest);
  assert.throws(() => formatTnetstring(nested(65)), { code: "EINVAL" });
});
