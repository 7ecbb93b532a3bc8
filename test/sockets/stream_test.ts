import assert from "node:assert/strict";
import { connect, createServer } from "node:net";
import { test } from "node:test";
import { Dealer, Stream } from "../../mod.ts";
import { bytes, concat, hex, texts } from "../support/bytes.ts";
import { withSockets } from "../support/sockets.ts";
import { until, within } from "../support/wait.ts";
import { greeting } from "../support/zmtp.ts";

/** A plain tcp client that keeps what it is told. */
function plainClient(address: string) {
  const socket = connect(Number(address.split(":").at(-1)), "127.0.0.1");
  let heard = "";
  let ended = false;
  socket.on("data", (data) => heard += data.toString());
  socket.on("close", () => ended = true);
  socket.on("error", () => {});
  return { socket, heard: () => heard, ended: () => ended };
}

test("a Stream hears of a connection, its bytes and its end", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const client = plainClient(stream.lastEndpoint!);
    const [id, notice] = await stream.receive();
    assert.equal(id.length, 5);
    assert.equal(id[0], 0);
    assert.equal(notice.length, 0);
    assert.deepEqual(stream.getOption(5), id);
    client.socket.write("hello");
    const [from, data] = await stream.receive();
    assert.deepEqual(from, id);
    assert.deepEqual(texts([data]), ["hello"]);
    await stream.send([id, "and hello to you"]);
    await until("it is heard", () => client.heard() === "and hello to you");
    client.socket.end();
    assert.deepEqual(texts(await stream.receive())[1], "");
    await assert.rejects(stream.send([id, "too late"]), {
      code: "EHOSTUNREACH",
    });
  }));

test("sending no bytes closes the connection, after what was sent before", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    await stream.bind("tcp://127.0.0.1:*");
    const client = plainClient(stream.lastEndpoint!);
    const [id] = await stream.receive();
    await stream.send([id, "x".repeat(300_000)]);
    await stream.send([id, ""]);
    await until("it is over", () => client.ended());
    assert.equal(client.heard().length, 300_000);
    await assert.rejects(stream.send([id, ""]), { code: "EHOSTUNREACH" });
  }));

test("without notify a Stream hears of bytes only", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream({ notify: false }));
    await stream.bind("tcp://127.0.0.1:*");
    const client = plainClient(stream.lastEndpoint!);
    client.socket.write("first");
    assert.deepEqual(texts(await stream.receive())[1], "first");
    client.socket.destroy();
    await until("it has gone", () => stream.stats().peers === 0);
    assert.equal(stream.readable, false);
    assert.throws(() => {
      (stream as unknown as { notify: number }).notify = 1;
    }, TypeError);
  }));

test("a Stream that connects has the name it chose, at once, and comes back", () =>
  withSockets(async (keep) => {
    let greeted = 0;
    const server = createServer((socket) => {
      greeted++;
      socket.on("error", () => {});
      socket.on("data", (data) => {
        socket.write(`echo ${data}`);
        if (String(data) === "leave") socket.destroy();
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    try {
      const stream = keep(new Stream({ reconnectInterval: 10 }));
      stream.connect(`tcp://127.0.0.1:${port}`, { routingId: "echo" });
      await stream.send(["echo", "one"]);
      assert.deepEqual(texts(await stream.receive()), ["echo", ""]);
      assert.deepEqual(texts(await stream.receive()), ["echo", "echo one"]);
      await stream.send(["echo", "leave"]);
      while (texts(await stream.receive())[1] !== "");
      assert.deepEqual(texts(await stream.receive()), ["echo", ""]);
      assert.equal(greeted, 2);
      await stream.send(["echo", ""]);
      await until("it is over", () => stream.stats().peers === 0);
    } finally {
      server.close();
    }
  }));

test("two Streams see each other come and go", () =>
  withSockets(async (keep) => {
    const [a, b] = [keep(new Stream()), keep(new Stream())];
    await a.bind("tcp://127.0.0.1:*");
    b.connect(a.lastEndpoint!);
    const [idOfB] = await a.receive();
    const [idOfA, notice] = await b.receive();
    assert.equal(notice.length, 0);
    await b.send([idOfA, "hello"]);
    assert.deepEqual(texts(await a.receive())[1], "hello");
    await a.send([idOfB, ""]);
    assert.deepEqual(texts(await b.receive())[1], "");
  }));

test("a Stream meets a Dealer byte by byte", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    const dealer = keep(new Dealer());
    await stream.bind("tcp://127.0.0.1:*");
    dealer.connect(stream.lastEndpoint!);
    const [id] = await stream.receive();
    let heard = new Uint8Array(0);
    const hear = async (length: number) => {
      while (heard.length < length) {
        const [from, data] = await within("bytes", stream.receive());
        assert.deepEqual(from, id);
        heard = concat(heard, data) as Uint8Array<ArrayBuffer>;
      }
      const taken = heard.slice(0, length);
      heard = heard.slice(length);
      return hex(taken);
    };
    assert.match(await hear(10), /^ff[0-9a-f]{16}7f$/);
    await stream.send([id, greeting("NULL", 1)]);
    assert.equal((await hear(54)).slice(0, 4), "0301");
    assert.equal(
      await hear(43),
      hex(bytes(
        '04 29 05 "READY" 0b "Socket-Type" 00000006 "DEALER" 08 "Identity" 00000000',
      )),
    );
    await stream.send([
      id,
      bytes('04 1b 05 "READY" 0b "Socket-Type" 00000006 "ROUTER"'
        .replace("1b", "1c")),
    ]);
    await dealer.send("Hello");
    assert.equal(await hear(7), hex(bytes('00 05 "Hello"')));
    await dealer.send(new Uint8Array(64000));
    assert.equal((await hear(64009)).slice(0, 18), "02000000000000fa00");
    await stream.send([id, bytes('00 02 "ok"')]);
    assert.deepEqual(texts(await dealer.receive()), ["ok"]);
  }));

/** A Stream with one peer, which has said a word and reads nothing. */
async function slowlyRead(keep: (stream: Stream) => Stream) {
  const stream = keep(new Stream({ sendHighWaterMark: 2, notify: false }));
  await stream.bind("tcp://127.0.0.1:*");
  const slow = plainClient(stream.lastEndpoint!);
  slow.socket.pause();
  slow.socket.write("slow");
  const [id] = await stream.receive();
  return { stream, slow, id };
}

test("a slow reader makes a Stream wait, and only for that connection", () =>
  withSockets(async (keep) => {
    const { stream, slow, id: slowId } = await slowlyRead(keep);
    const large = new Uint8Array(4_000_000);
    let sent = 0;
    while (stream.trySend([slowId, large])) {
      sent++;
      await new Promise((done) => setTimeout(done, 5));
    }
    assert.ok(sent >= 2);
    const quick = plainClient(stream.lastEndpoint!);
    quick.socket.write("quick");
    const [quickId] = await stream.receive();
    await within("the other is served", stream.send([quickId, "at once"]));
    await until("it hears", () => quick.heard() === "at once");
    slow.socket.destroy();
    quick.socket.destroy();
  }));

test("a Stream that waits for a slow reader is told that it has gone", () =>
  withSockets(async (keep) => {
    const { stream, slow, id } = await slowlyRead(keep);
    const large = new Uint8Array(4_000_000);
    while (stream.trySend([id, large])) {
      await new Promise((done) => setTimeout(done, 5));
    }
    const told = assert.rejects(stream.send([id, "lost"]), {
      code: "EHOSTUNREACH",
    });
    slow.socket.destroy();
    await within("it is told", told);
  }));

test("a message of a Stream is a name and bytes", () =>
  withSockets(async (keep) => {
    const stream = keep(new Stream());
    const wrong = ["one frame"] as unknown as [string, string];
    await assert.rejects(stream.send(wrong), { code: "EINVAL" });
    await assert.rejects(stream.send(["nobody", "x"]), {
      code: "EHOSTUNREACH",
    });
  }));

test("two connections of one name, which is given once they are made, have two names", () =>
  withSockets(async (keep) => {
    const heard: string[][] = [[], []];
    const servers = heard.map((words) =>
      createServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", (data) => words.push(`${data}`));
      })
    );
    try {
      const stream = keep(new Stream({ immediate: true }));
      for (const server of servers) {
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        const { port } = server.address() as { port: number };
        stream.connect(`tcp://127.0.0.1:${port}`, { routingId: "x" });
      }
      const ids = [(await stream.receive())[0], (await stream.receive())[0]];
      assert.notDeepEqual(ids[0], ids[1]);
      for (const id of ids) await stream.send([id, "hello"]);
      await until("both heard", () => heard.every((words) => words.length > 0));
      stream.close();
    } finally {
      for (const server of servers) server.close();
    }
  }));
