// What the page of offences_test.ts does: a socket for each offence,
// and what came of it.

import {
  Dish,
  Gather,
  Publisher,
  Pull,
  Radio,
  Reply,
  Request,
  type Socket,
  text,
} from "../../src/browser/browser.ts";
import { sleep, until } from "../support/wait.ts";

declare const location: { search: string };

/** An offence to run into. */
export interface Case {
  readonly offence: string;
  readonly ours: keyof typeof CLASSES;
  readonly options: Record<string, unknown>;
  readonly address: string;
  /** How many events to wait for. */
  readonly events: number;
  /** Where a sound Push is to be found, for a Pull. */
  readonly sound: string;
}

/** What came of it. */
export interface Outcome {
  readonly events: string[];
  /** The code of the first error. */
  readonly code: string | null;
  readonly givenUp: (string | null)[];
  /** What the sound one said. */
  readonly heard: string | null;
}

const CLASSES = {
  DISH: Dish,
  GATHER: Gather,
  PUB: Publisher,
  PULL: Pull,
  RADIO: Radio,
  REP: Reply,
  REQ: Request,
};

async function outcome(one: Case): Promise<Outcome> {
  const { plainServer } = one.options;
  const socket: Socket = new CLASSES[one.ours]({
    reconnectInterval: 20,
    ...one.options,
    // What comes meanwhile comes before it is decided.
    ...plainServer === true
      ? { authenticate: () => sleep(50).then(() => true) }
      : {},
  });
  const events: string[] = [];
  let code: string | null = null;
  (async () => {
    for await (const event of socket.events) {
      events.push(event.type);
      if ("error" in event) code ??= event.error?.code ?? null;
    }
  })();
  if (socket instanceof Dish) socket.receive().catch(() => {});
  socket.connect(one.address);
  // What came is told all the same.
  await until("its events", () => events.length >= one.events).catch(() => {});
  await sleep(20);
  const { givenUp } = socket.stats();
  const said = {
    events: events.slice(0, one.events),
    code,
    givenUp: givenUp.map((one) => one.code),
  };
  let heard: string | null = null;
  if (socket instanceof Pull) {
    socket.receiveTimeout = 15_000;
    socket.connect(one.sound);
    // What was said before the offence is there, too.
    do heard = text((await socket.receive())[0]); while (
      heard !== "a sound one"
    );
  }
  await socket.closeAsync({ linger: 0 });
  return { ...said, heard };
}

const asking = new Request();
asking.connect(new URLSearchParams(location.search).get("cases")!);
await asking.send("");
const cases: Case[] = JSON.parse(text((await asking.receive())[0]));
const said: (Outcome | string)[] = [];
let next = 0;
// Chromium makes who opens many at once wait.
await Promise.all(
  Array.from({ length: 8 }, async () => {
    while (next < cases.length) {
      const i = next++;
      said[i] = await outcome(cases[i]).catch((error) => `${error}`);
    }
  }),
);
await fetch("/said", { method: "POST", body: JSON.stringify(said) });
