// What the servers and the clients of the clone say to each other, and where.
//
// A server is asked, by a Request, and answers only while it is the one that serves:
//
//     ping                        (empty)
//     snapshot  subtree           sequence  update…
//     change    update            (empty)
//
// It publishes updates, and ALIVE when it has been a while. An update is five
// frames: key, sequence, id, ttl, value.

import { type Message, type MessageLike, Request, text } from "../../../mod.ts";
import { inTime } from "../in_time.ts";

/** One change of one key. */
export interface Update {
  readonly key: string;
  /** Its place in the order of all changes, which the server gives it. */
  readonly sequence: number;
  /** What it is known by from the client that made it on. */
  readonly id: string;
  /** Seconds until the key goes by itself; 0 for never. */
  readonly ttl: number;
  /** What the key is now; empty if it is no more. */
  readonly value: string;
}

const FRAMES = 5;

/** The topic of heartbeats; keys begin with a slash. */
export const ALIVE = "ALIVE";
/** So many heartbeats may be missing before a server is taken for dead. */
export const LIVENESS = 3;

export function toFrames(update: Update): MessageLike[] {
  const { key, sequence, id, ttl, value } = update;
  return [key, sequence, id, ttl, value];
}

/** The updates in these frames, one behind the other. */
export function fromFrames(frames: Message): Update[] {
  const updates: Update[] = [];
  for (let i = 0; i + FRAMES <= frames.length; i += FRAMES) {
    const words = frames.slice(i, i + FRAMES).map(text);
    const [key, sequence, id, ttl, value] = words;
    const numbers = { sequence: Number(sequence), ttl: Number(ttl) };
    updates.push({ key, id, value, ...numbers });
  }
  return updates;
}

/** What a server answers; null if it doesn't in time. */
export async function ask(
  endpoint: string,
  message: MessageLike[],
  limits: { timeout: number; signal?: AbortSignal },
): Promise<Message | null> {
  using server = new Request({ linger: 0 });
  server.connect(endpoint);
  return await inTime(server.request(message, limits));
}

/** The endpoints of a server. */
export interface Places {
  /** Where it is asked. */
  readonly requests: string;
  /** Where it publishes updates. */
  readonly updates: string;
  /** Where it tells the other server its state. */
  readonly state: string;
}

/** A server's endpoints: three ports from the first on, or three files. */
export function placesOf(first: string): Places {
  const tcp = /^(tcp:.*:)(\d+)$/.exec(first);
  const place = (i: number) =>
    tcp === null ? `${first}.${i}` : `${tcp[1]}${Number(tcp[2]) + i}`;
  return { requests: place(0), updates: place(1), state: place(2) };
}

/** Where the servers are unless somebody says otherwise. */
export const PRIMARY = "tcp://127.0.0.1:5600";
export const BACKUP = "tcp://127.0.0.1:5610";
