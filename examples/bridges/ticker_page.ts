// The script of ticker.html: a Subscriber in a page, which shows the prices of the
// symbols in the page's address.

import { Subscriber, text } from "../../src/browser/browser.ts";

/** What is used of the browser. */
interface Browser {
  location: { host: string; search: string };
  document: { querySelector(selectors: string): Table };
}

interface Table {
  insertRow(): { insertCell(): { textContent: string } };
}

const { location, document } = globalThis as unknown as Browser;
const symbols = new URLSearchParams(location.search).getAll("symbol");

const subscriber = new Subscriber();
subscriber.subscribe(...(symbols.length > 0 ? symbols : [""]));
subscriber.connect(`ws://${location.host}/`);

const cells = new Map<string, { textContent: string }>();
for await (const message of subscriber) {
  const [symbol, price] = message.map(text);
  if (!cells.has(symbol)) {
    const row = document.querySelector("#prices").insertRow();
    row.insertCell().textContent = symbol;
    cells.set(symbol, row.insertCell());
  }
  cells.get(symbol)!.textContent = price;
}
