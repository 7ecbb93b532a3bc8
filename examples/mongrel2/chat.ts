// A chat over the server's own WebSockets: what one says, all hear, by one message to
// the server whatever their number. http://127.0.0.1:6767/chat is a page for it.
//
//     browser ══WebSocket══ Mongrel2 ──what is said──> Pull │ chat
//     browser ══WebSocket══          <──to all of them─ Publisher │
//
//     deno run --allow-net examples/mongrel2/chat.ts
//     bun examples/mongrel2/chat.ts
//     node examples/mongrel2/chat.ts
//
// Arguments: the server's endpoints of requests and of replies.

import process from "node:process";
import {
  Mongrel2Handler,
  type Mongrel2Request,
  type Target,
} from "../../src/mongrel2/mongrel2.ts";

const [
  requests = "tcp://127.0.0.1:9995",
  replies = "tcp://127.0.0.1:9994",
] = process.argv.slice(2);

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Chat</title>
<form><input autofocus placeholder="Say something"></form>
<pre></pre>
<script>
  const socket = new WebSocket(location.href.replace(/^http/, "ws"));
  const [form, input, said] = ["form", "input", "pre"].map((name) =>
    document.querySelector(name)
  );
  socket.onmessage = ({ data }) => said.textContent += data + "\\n";
  form.onsubmit = (event) => {
    event.preventDefault();
    socket.send(input.value);
    input.value = "";
  };
</script>
`;

/** Who is here, by server and connection. */
const guests = new Map<string, Target>();
const keyOf = ({ sender, connection }: Target) => `${sender} ${connection}`;

await using handler = new Mongrel2Handler({ requests, replies });
console.log("ready");

for await (const request of handler) {
  switch (request.kind) {
    case "request":
      await handler.replyHttp(request, {
        headers: { "Content-Type": "text/html; charset=utf-8" },
        body: PAGE,
      });
      break;
    case "handshake":
      await handler.accept(request);
      guests.set(keyOf(request), request);
      await tell(`guest ${request.connection} has come`);
      break;
    case "frame":
      await hear(request);
      break;
    case "disconnect":
      await leave(request);
  }
}

async function hear(request: Mongrel2Request): Promise<void> {
  const { type, payload } = request.frame!;
  if (type === "text") {
    await tell(`guest ${request.connection}: ${request.text()}`);
  } else if (type === "ping") {
    await handler.pong(request, payload);
  } else if (type === "close") {
    await handler.closeWebSocket(request);
    await leave(request);
  }
}

async function leave(target: Target): Promise<void> {
  // A guest who said goodbye is told of again when the connection has gone.
  if (!guests.delete(keyOf(target))) return;
  await tell(`guest ${target.connection} has left`);
}

async function tell(text: string): Promise<void> {
  console.log(text);
  await handler.sendText(guests.values(), text);
}
