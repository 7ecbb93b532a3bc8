import assert from "node:assert/strict";
import { test } from "node:test";
import {
  endpoints,
  finished,
  LONG,
  onStage,
  printed,
} from "../support/guide.ts";
import { within } from "../support/wait.ts";

const BEAT = 500;
const ANY = "tcp://127.0.0.1:*";

test("guide binary star: whoever of the two is killed, the other serves", () =>
  onStage(async ({ start, endpoint }) => {
    const [one, two] = [endpoint("primary"), endpoint("backup")];
    const [first, second] = [
      endpoint("primary-state"),
      endpoint("backup-state"),
    ];
    const primary = () =>
      start("binary_star/server.ts", "primary", one, first, second, BEAT);
    const backup = () =>
      start("binary_star/server.ts", "backup", two, second, first, BEAT);
    const client = () =>
      start("binary_star/client.ts", one, two, 1_000_000, 1500, 20);

    const firstPrimary = primary();
    const firstBackup = backup();
    await printed(firstPrimary, /active/);
    await printed(firstBackup, /passive/);
    const asking = client();
    await printed(asking, /primary answers question \d+/, 3);
    assert.doesNotMatch(asking.output(), /backup/);

    await firstPrimary.kill();
    await printed(asking, /backup answers question \d+/, 3);
    assert.match(firstBackup.output(), /^passive\nactive\n$/);

    // It comes back, and leaves the other in charge.
    const secondPrimary = primary();
    await printed(secondPrimary, /passive/);
    const later = client();
    await printed(later, /backup answers question \d+/, 3);
    assert.doesNotMatch(later.output(), /primary/);

    await firstBackup.kill();
    await printed(asking, /primary answers question \d+/, 6);
    await printed(later, /primary answers question \d+/, 3);
    assert.match(secondPrimary.output(), /^passive\nactive\n$/);
  }));

test("guide freelance: a patient client asks the next server when one is dead", () =>
  onStage(async ({ start, endpoint }) => {
    const [dead, alive] = [endpoint("dead"), endpoint("alive")];
    const client = (timeout: number, ...servers: string[]) =>
      start("freelance/patient_client.ts", timeout, ...servers);
    const desperate = client(200, dead, dead);
    assert.equal(await within("it gives up", desperate.exit, LONG), 1);
    await endpoints(start("freelance/server.ts", alive, "Ben"));
    assert.deepEqual(await finished(client(2000, dead, alive)), [
      `no answer from ${dead}`,
      "answered by Ben",
    ]);
  }));

test("guide freelance: a shotgun gets every answer once though one server is dead", () =>
  onStage(async ({ start, endpoint }) => {
    const servers = await Promise.all(
      ["Anna", "Ben"].map((name) =>
        endpoints(start("freelance/server.ts", ANY, name))
      ),
    );
    const all = [endpoint("dead"), ...servers.flat()];
    const lines = await finished(
      start("freelance/shotgun_client.ts", 5, LONG, ...all),
    );
    assert.equal(lines.length, 5);
    lines.forEach((line, i) =>
      assert.match(line, new RegExp(`^${i + 1}: answered by (Anna|Ben)$`))
    );
    const desperate = start("freelance/shotgun_client.ts", 1, 200, all[0]);
    assert.equal(await within("it gives up", desperate.exit, LONG), 1);
  }));

test("guide freelance: a tracking client turns to another server when its own dies", () =>
  onStage(async ({ start, endpoint }) => {
    const [one, two] = [endpoint("one"), endpoint("two")];
    const anna = start("freelance/server.ts", one, "Anna");
    start("freelance/server.ts", two, "Ben");
    const client = start(
      "freelance/tracking_client.ts",
      1_000_000,
      200,
      one,
      two,
    );
    await printed(client, /answered by Anna/, 3);
    await anna.kill();
    await printed(client, /answered by Ben/, 3);
    // The one to prefer comes back.
    const before = client.output().match(/by Anna/g)!.length;
    start("freelance/server.ts", one, "Anna");
    await printed(client, /answered by Anna/, before + 2);
  }));
