// What a Worker of threads_page.ts does, by the role it is given.

import {
  Context,
  Pull,
  Push,
  Reply,
  type SharedContext,
} from "../../src/browser/browser.ts";

/** What it is told first. */
export interface Task {
  readonly role: "echo" | "pull" | "push" | "fill" | "crowd" | "host" | "leave";
  readonly shared: SharedContext;
  readonly address: string;
  readonly name: string;
  readonly count: number;
}

const scope = globalThis as unknown as {
  onmessage: (event: { data: Task }) => void;
  postMessage(word: unknown): void;
};
const tell = (word: unknown) => scope.postMessage(word);

scope.onmessage = async ({ data: { role, shared, address, name, count } }) => {
  const context = Context.join(shared);
  if (role === "echo") {
    const reply = new Reply({ context });
    await reply.bind(address);
    tell("bound");
    for await (const message of reply) await reply.send(message);
  } else if (role === "pull") {
    const pull = new Pull({ context });
    await pull.bind(address);
    tell("bound");
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const [number, body] = await pull.receive();
      if (new TextDecoder().decode(number) !== `${i}`) tell(`not ${i}`);
      bytes += body.length;
    }
    tell(bytes);
  } else if (role === "push" || role === "leave") {
    const push = new Push({ context });
    push.connect(address);
    for (let i = 0; i < count; i++) await push.send([`${i}`, name]);
    if (role === "push") return;
    push.close();
    await context.terminate();
    tell("left");
  } else if (role === "fill") {
    // As many as there is room for, while nobody receives, and more when somebody does.
    const push = new Push({ context, sendHighWaterMark: 10 });
    push.connect(address);
    const body = new Uint8Array(1000);
    let sent = 0;
    // More than waits for somebody to be met, and less than both marks allow.
    for (; sent < 15; sent++) await push.send([`${sent}`, body]);
    push.sendTimeout = 500;
    try {
      for (; sent < count; sent++) await push.send([`${sent}`, body]);
    } catch {
      tell(sent);
    }
    push.sendTimeout = -1;
    for (; sent < count; sent++) await push.send([`${sent}`, body]);
  } else if (role === "crowd") {
    for (let i = 0; i < count; i++) {
      new Push({ context }).connect(address);
    }
  } else {
    const pull = new Pull({ context });
    await pull.bind(address);
    tell("bound");
    for (; pull.stats().peers < count;) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    tell("full");
  }
};
