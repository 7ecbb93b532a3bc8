// What the page of browser_test.ts does.

import {
  Context,
  Pull,
  Push,
  Request,
  Subscriber,
  text,
} from "../../src/browser/browser.ts";

declare const location: { search: string };

const told = new URLSearchParams(location.search);
const said: Record<string, unknown> = {};

const subscriber = new Subscriber();
subscriber.subscribe("news");
subscriber.connect(told.get("publisher")!);
said.news = (await subscriber.receive()).map(text);

const request = new Request();
request.connect(told.get("reply")!);
await request.send(["question", new Uint8Array(300_000)]);
const [question, body] = await request.receive();
said.answer = [text(question), `${body.length}`];

const hidden = new Push({ curveServerKey: told.get("key") });
hidden.connect(told.get("pull")!);
await hidden.send("hidden", { flushed: true });

const pull = new Pull();
const push = new Push();
await pull.bind("inproc://page");
push.connect("inproc://page");
await push.send("within the page");
said.inproc = (await pull.receive()).map(text);

try {
  push.connect("tcp://127.0.0.1:1");
} catch (error) {
  said.tcp = (error as { code: string }).code;
}

// Errors of this library, and nothing that is left behind.
const codeOf = (error: unknown) => (error as { code: string }).code;
const wrong = new Push();
said.wrong = ["%zz:1", "a^b:1/x", "1.2.3.4.5:1", "127.0.0.1:1/#x"].map(
  (rest) => {
    try {
      return wrong.connect(`ws://${rest}`);
    } catch (error) {
      return codeOf(error);
    }
  },
);
said.left = wrong.stats().peers;
try {
  new Context().share();
} catch (error) {
  const { message } = error as Error;
  said.share = [
    codeOf(error),
    ...message.match(/Cross-Origin-[\w-]+: [\w-]+/g)!,
  ];
}

await fetch("/said", { method: "POST", body: JSON.stringify(said) });
