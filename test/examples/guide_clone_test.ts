import assert from "node:assert/strict";
import { test } from "node:test";
import { onStage, printed } from "../support/guide.ts";

const BEAT = 500;

test("guide clone: late clients, subtrees, keys that go by themselves, and a server's death", () =>
  onStage(async ({ start, endpoint }) => {
    const [one, two] = [endpoint("primary"), endpoint("backup")];
    const primary = () => start("clone/server.ts", "primary", one, two, BEAT);
    const client = (subtree: string) =>
      start("clone/client.ts", one, two, subtree, BEAT);

    const firstPrimary = primary();
    const backup = start("clone/server.ts", "backup", two, one, BEAT);
    await printed(firstPrimary, /active/);
    await printed(backup, /has 0 keys/);

    const [fruit, tools] = [client("/fruit/"), client("/tools/")];
    await printed(fruit, /up to date/);
    await printed(tools, /up to date/);
    tools.tell("/fruit/apple red");
    tools.tell("/tools/hammer heavy");
    await printed(fruit, /\/fruit\/apple = red/);
    await printed(tools, /\/tools\/hammer = heavy/);
    assert.doesNotMatch(fruit.output(), /tools/);
    assert.doesNotMatch(tools.output(), /fruit/);

    fruit.tell("/fruit/plum ripe 1");
    await printed(fruit, /\/fruit\/plum = ripe/);
    await printed(fruit, /\/fruit\/plum is gone/);
    const late = client("/");
    await printed(late, /up to date, at 4/);
    await printed(late, /\/fruit\/apple = red/);
    await printed(late, /\/tools\/hammer = heavy/);
    assert.doesNotMatch(late.output(), /plum/);

    // The backup has the table, and the clients go on with it.
    await firstPrimary.kill();
    fruit.tell("/fruit/pear green");
    await printed(late, /\/fruit\/pear = green/);
    await printed(backup, /active/);
    const later = client("/");
    await printed(later, /\/fruit\/apple = red/);
    await printed(later, /\/tools\/hammer = heavy/);

    // What the first has missed it gets from the second.
    const secondPrimary = primary();
    await printed(secondPrimary, /passive\nhas 3 keys/);
    later.tell("/fruit/apple");
    await printed(fruit, /\/fruit\/apple is gone/);
    await backup.kill();
    tools.tell("/tools/saw sharp");
    await printed(later, /\/tools\/saw = sharp/);
    await printed(secondPrimary, /active/);
    const last = client("/fruit/");
    await printed(last, /\/fruit\/pear = green/);
    await printed(last, /up to date, at 7/);
    assert.doesNotMatch(last.output(), /apple/);
  }));
