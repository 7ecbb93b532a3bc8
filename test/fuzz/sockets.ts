// Sockets that are fuzzed: each type with each mechanism at either end of it, over tcp
// and ws, and with peers of ZMTP 2.0 and 1.0. A socket lives through the whole run, and
// hears one conversation after the other.

import { Context, type Socket, z85Encode } from "../../mod.ts";
import { SOCKET_TYPES, type SocketType } from "../../src/base/socket_type.ts";
import { encodeText } from "../../src/base/utf8.ts";
import { x25519Public } from "../../src/crypto/x25519.ts";
import { coreOf } from "../../src/sockets/socket.ts";
import { concat } from "../support/bytes.ts";
import { CLASSES } from "../support/sockets.ts";
import { frame, legacyFrame } from "../support/zmtp.ts";
import { chance, End, Wires } from "./wire.ts";

/** One side of a conversation, as it was recorded. */
export interface Recording {
  readonly name: string;
  /** What the peer says when nothing is wrong, piece by piece. */
  readonly said: readonly Uint8Array[];
  /** What is delivered then. */
  readonly messages: readonly string[];
}

/** Who talks with whom, and how. */
export interface Scene {
  readonly heard: SocketType;
  readonly other: SocketType;
  readonly mechanism: "NULL" | "PLAIN" | "CURVE";
  /** Whether the socket that is fuzzed is the server of the mechanism. */
  readonly server: boolean;
  readonly transport: "tcp" | "ws";
  /** A version that is older than ours. */
  readonly version?: "2.0" | "1.0";
}

/** What the peers tell, if they are of a type that does. */
const MESSAGES = ["first message", "x".repeat(300), "", "last"];
/** Those that say something whenever they can. */
const TALKATIVE: readonly SocketType[] = [
  ...["REQ", "CLIENT", "PUSH", "SCATTER"] as const,
  ...["PUB", "XPUB", "XSUB", "DEALER", "PAIR", "CHANNEL"] as const,
];
/** The largest message that a socket takes. */
const LIMIT = 100_000;
const PORT = 5555;

const [SERVER, CLIENT] = [1, 2].map((seed) => {
  const secret = new Uint8Array(32);
  chance(seed)(secret);
  return {
    secretKey: z85Encode(secret),
    publicKey: z85Encode(x25519Public(secret)),
  };
});

// deno-lint-ignore no-explicit-any -- any method of any type
type Any = Socket & Record<string, any>;

/** Of those that a type may talk to, one that says more than the first would. */
const PARTNERS: Partial<Record<SocketType, SocketType>> = {
  DEALER: "DEALER",
  ROUTER: "DEALER",
};

/** Every scene there is. */
export function scenes(): Scene[] {
  const all: Scene[] = [];
  const rows = Object.entries(SOCKET_TYPES) as [
    SocketType,
    typeof SOCKET_TYPES[SocketType],
  ][];
  for (const [heard, { peers, id }] of rows) {
    const other = PARTNERS[heard] ?? peers[0] as SocketType | undefined;
    if (other === undefined) continue;
    for (const transport of ["tcp", "ws"] as const) {
      for (const mechanism of ["NULL", "PLAIN", "CURVE"] as const) {
        for (const server of mechanism === "NULL" ? [true] : [true, false]) {
          all.push({ heard, other, mechanism, server, transport });
        }
      }
    }
    if (id > SOCKET_TYPES.XSUB.id) continue;
    for (const version of ["2.0", "1.0"] as const) {
      const mechanism = "NULL";
      const transport = "tcp";
      const server = true;
      all.push({ heard, other, mechanism, server, transport, version });
    }
  }
  return all;
}

/** The name of a scene. */
export function nameOf(
  { heard, mechanism, server, transport, version }: Scene,
): string {
  const role = mechanism === "NULL" ? "" : server ? " serves" : " asks";
  return `${transport} ${version ?? "3.1"} ${mechanism}: ${heard}${role}`;
}

function securityOf(mechanism: Scene["mechanism"], server: boolean): object {
  if (mechanism === "NULL") return {};
  if (mechanism === "PLAIN") {
    return server
      ? {
        plainServer: true,
        authenticate: (peer: { username: string; password: string }) =>
          peer.username === "admin" && peer.password === "secret",
      }
      : { plainUsername: "admin", plainPassword: "secret" };
  }
  return server
    ? {
      curveServer: true,
      curveSecretKey: SERVER.secretKey,
      authenticate: (peer: { publicKey: string }) =>
        peer.publicKey === CLIENT.publicKey,
    }
    : {
      curveServerKey: SERVER.publicKey,
      curvePublicKey: CLIENT.publicKey,
      curveSecretKey: CLIENT.secretKey,
    };
}

/** A socket that hears conversations. */
export class Heard {
  readonly socket: Any;
  readonly wires: Wires = new Wires();
  /** Whether somebody decides about peers, which takes promises. */
  readonly asks: boolean;
  readonly #type: SocketType;
  readonly #transport: string;
  #end: End | null = null;
  #delivered: string[] = [];

  constructor({ heard, mechanism, server, transport }: Scene) {
    this.#type = heard;
    this.#transport = transport;
    this.asks = server && mechanism !== "NULL";
    const context = new Context({ adapter: this.wires.program(7) });
    this.socket = new CLASSES[SOCKET_TYPES[heard].name as "Pull"]({
      context,
      maxMessageSize: LIMIT,
      ...securityOf(mechanism, server),
      ...(heard === "XPUB" || heard === "PUB" || heard === "RADIO"
        ? { maxSubscriptions: 100 }
        : {}),
      ...(heard === "REQ" ? { relaxed: true } : {}),
    } as object) as Any;
    this.socket.legacyPeers = "1.0";
    if (heard === "SUB") this.socket.subscribe("");
    if (heard === "XSUB") this.socket.trySend(Uint8Array.of(1));
    if (heard === "DISH") this.socket.join("group");
  }

  /** Where it listens. */
  get address(): string {
    return `${this.#transport}://127.0.0.1:${PORT}`;
  }

  async listen(): Promise<void> {
    const bound = this.socket.bind(this.address);
    this.wires.flush();
    await bound;
  }

  /** A conversation begins. */
  begin(): void {
    this.#delivered = [];
    const end = this.#end = new End(this.wires, null, () => {});
    this.wires.later(() => end.open(this.wires.ports.get(PORT)!(end)));
    this.wires.flush();
  }

  /** Takes a piece; false once it has hung up. */
  hear(bytes: Uint8Array): boolean {
    if (!this.#end!.alive) return false;
    this.#end!.hear(bytes);
    this.wires.flush();
    this.speak();
    return this.#end!.alive;
  }

  /** The conversation is over; what was delivered in it. */
  finish(): string[] {
    this.speak();
    this.#end!.close();
    this.wires.flush();
    this.wires.pass(1);
    this.#take();
    return this.#delivered;
  }

  /** It takes what has come, and says something if that is its way. */
  speak(): void {
    const socket = this.socket;
    this.#take();
    try {
      if (TALKATIVE.includes(this.#type)) socket.trySend("ab");
      if (this.#type === "RADIO") socket.trySend(["group", "ab"]);
    } catch (error) {
      // A Request that waits for its reply.
      if ((error as { code?: string }).code !== "EFSM") throw error;
    }
    this.wires.flush();
  }

  /** Throws if something of those who have gone is left. */
  atRest(): void {
    const { peers, sendQueue, receiveQueue } = this.socket.stats();
    if (peers + sendQueue + receiveQueue > 0) {
      throw new Error(`it keeps ${peers} peers, ${sendQueue}, ${receiveQueue}`);
    }
    if (this.wires.timers > 1) throw new Error("it keeps timers");
    const { reserve } = coreOf(this.socket).reactor;
    if (!reserve.take(RESERVED_BYTES)) throw new Error("it keeps memory");
    reserve.give(RESERVED_BYTES);
  }

  #take(): void {
    const { socket } = this;
    if (!SOCKET_TYPES[this.#type].receives) return;
    for (;;) {
      if (this.#type === "REQ" && !socket.readable) return;
      const message = socket.tryReceive() as Uint8Array[] | undefined;
      if (message === undefined) return;
      this.#delivered.push(String.fromCharCode(...message.at(-1)!));
      if (this.#type === "REP") socket.trySend("answer");
      if (this.#type === "ROUTER") socket.trySend([message[0], "answer"]);
    }
  }
}

/** Bytes that peers of a context may make it set aside for large messages. */
const RESERVED_BYTES = 4_294_967_296;

/** Promises that are due are kept, and those that wait for them. */
export async function promises(): Promise<void> {
  for (let i = 0; i < 6; i++) await undefined;
}

/** Lets a peer talk with a socket, and writes down what it says. */
export async function record(scene: Scene): Promise<Recording> {
  const name = nameOf(scene);
  const heard = new Heard(scene);
  await heard.listen();
  if (scene.version !== undefined) {
    const said = oldWords(scene.other, scene.version);
    heard.begin();
    for (const piece of said) heard.hear(piece.slice());
    const messages = heard.finish();
    heard.socket.close();
    return { name, said, messages };
  }
  const { wires } = heard;
  const adapter = wires.program(8);
  const context = new Context({ adapter });
  const peer = new CLASSES[SOCKET_TYPES[scene.other].name as "Pull"]({
    context,
    linger: 0,
    ...securityOf(scene.mechanism, !scene.server),
  } as object) as Any;
  const settle = async () => {
    for (let i = 0; i < 10; i++) {
      await promises();
      wires.flush();
      heard.speak();
    }
  };
  const id = scene.other === "PEER"
    ? peer.connectPeer(heard.address)
    : peer.connect(heard.address);
  await settle();
  await converse(peer, scene.other, await id, settle);
  // It may have said farewell; that is its peer's to say here.
  const said = wires.said.splice(0);
  peer.close();
  await settle();
  const messages = await played(heard, said);
  heard.socket.close();
  return { name, said, messages };
}

/** All that a peer of a type may say. */
async function converse(
  peer: Any,
  type: SocketType,
  id: unknown,
  settle: () => Promise<void>,
): Promise<void> {
  switch (type) {
    case "SUB":
    case "XSUB":
      if (type === "XSUB") await peer.send("first message");
      if (type === "XSUB") await peer.send(Uint8Array.of(1, 97));
      else peer.subscribe("a", "b");
      await settle();
      if (type === "XSUB") await peer.send(Uint8Array.of(0, 97));
      else peer.unsubscribe("b");
      break;
    case "DISH":
      peer.join("group", "other");
      await settle();
      peer.leave("other");
      break;
    case "REP":
      if (peer.tryReceive() !== undefined) await peer.send(MESSAGES[0]);
      break;
    case "REQ":
      for (const message of MESSAGES) {
        await peer.send(message);
        await settle();
        peer.tryReceive();
      }
      break;
    default: {
      if (!SOCKET_TYPES[type].sends) break;
      for (const message of MESSAGES) {
        if (type === "RADIO") await peer.send(["group", message]);
        else if (type === "SERVER") {
          const asked = peer.tryReceive();
          if (asked) await peer.send([asked[0], message]);
        } else if (type === "PEER") await peer.send([id, message]);
        else await peer.send(message);
        await settle();
      }
    }
  }
  await settle();
}

/** Plays a conversation to a socket; what it delivers. */
export async function played(
  heard: Heard,
  said: readonly Uint8Array[],
): Promise<string[]> {
  heard.begin();
  for (const piece of said) {
    heard.hear(piece.slice());
    if (!heard.asks) continue;
    await promises();
    heard.wires.flush();
    heard.speak();
  }
  return heard.finish();
}

/** What a peer of an older version says. */
function oldWords(type: SocketType, version: "2.0" | "1.0"): Uint8Array[] {
  const made = version === "2.0" ? frame : legacyFrame;
  const signature = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f);
  const greeting = version === "2.0"
    ? [signature, Uint8Array.of(1, SOCKET_TYPES[type].id), frame(0, "me")]
    : [legacyFrame(0, "me")];
  const subscribes = type === "SUB" || type === "XSUB";
  const words = subscribes ? ["\u0001a", "\u0001b", "\u0000a"] : MESSAGES;
  const delimited = type === "REQ" || type === "REP" || type === "DEALER";
  return [
    ...greeting,
    ...words.map((word) =>
      delimited
        ? concat(made(1, ""), made(0, encodeText(word)))
        : made(0, encodeText(word))
    ),
  ];
}
