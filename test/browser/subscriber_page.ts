// A page that hears one message of a Publisher and tells it.

import { Subscriber, text } from "../../src/browser/browser.ts";

declare const location: { search: string };

const told = new URLSearchParams(location.search);
const subscriber = new Subscriber();
subscriber.subscribe(told.get("topic")!);
subscriber.connect(told.get("publisher")!);
const heard = (await subscriber.receive()).map(text);
await fetch("/said", { method: "POST", body: JSON.stringify(heard) });
