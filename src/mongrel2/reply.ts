// What handlers tell a server, a frame each: bytes for one connection or many. The
// server's id comes first, as servers subscribe to theirs.
//
//     SENDER SIZE:CONNECTION CONNECTION …, BODY
//
// No body closes the connections. An extended reply, `SENDER SIZE:X CONNECTION, …`,
// has a tnetstring in its place, which tells the server about the connection.

import { ZmqError } from "../base/errors.ts";
import { concatBytes, type Piece } from "./pieces.ts";
import { checkTarget, type Target } from "./target.ts";

/** How many connections one message can name, unless `limits.handler_targets` is less. */
export const MOST_CONNECTIONS = 128;

/** How replies are written. */
export interface ReplyOptions {
  /** Connections a message may name; servers are told by `limits.handler_targets`. Default: 128. */
  mostConnections?: number;
  /** Whether the body is the tnetstring of an extended reply. */
  extended?: boolean;
}

/**
 * Writes a body for connections: a message for each server, and for each 128
 * connections of one. Empty bytes close them.
 *
 * Throws a `ZmqError` EINVAL for ids that no server can read, and for a
 * `mostConnections` that is no number of connections.
 *
 * @example
 * ```ts
 * import { text } from "@nought/zeromq";
 * import { formatReplies } from "@nought/zeromq/mongrel2";
 *
 * const [reply] = formatReplies([
 *   { sender: "main", connection: "7" },
 *   { sender: "main", connection: "12" },
 * ], "Hello");
 * console.log(text(reply.bytes)); // main 4:7 12, Hello
 * ```
 */
export function formatReplies(
  to: Target | Iterable<Target>,
  body: Uint8Array | string,
  options: ReplyOptions = {},
): Reply[] {
  return repliesOf(to, [body], options);
}

/** A message for a server. */
export interface Reply {
  /** The id of the server. */
  readonly sender: string;
  /** What to publish. */
  readonly bytes: Uint8Array;
}

/** The same, of a body in pieces. */
export function repliesOf(
  to: Target | Iterable<Target>,
  body: readonly Piece[],
  options: ReplyOptions,
): Reply[] {
  const most = options.mostConnections ?? MOST_CONNECTIONS;
  if (!Number.isInteger(most) || most < 1) {
    throw new ZmqError("EINVAL", "mostConnections is a whole number from 1 on");
  }
  const first = options.extended ? "X " : "";
  const replies: Reply[] = [];
  const add = (sender: string, connections: string) => {
    const ids = first + connections;
    const bytes = concatBytes([`${sender} ${ids.length}:${ids}, `, ...body]);
    replies.push({ sender, bytes });
  };
  if (isTarget(to)) {
    checkTarget(to);
    add(to.sender, to.connection);
    return replies;
  }
  for (const [sender, connections] of bySender(to)) {
    for (let at = 0; at < connections.length; at += most) {
      add(sender, connections.slice(at, at + most).join(" "));
    }
  }
  return replies;
}

/** Whether it is one connection, and not several. */
export function isTarget(to: Target | Iterable<Target>): to is Target {
  return "connection" in to;
}

function bySender(to: Iterable<Target>): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const target of to) {
    checkTarget(target);
    const { sender, connection } = target;
    const before = all.get(sender);
    if (before === undefined) all.set(sender, [connection]);
    else before.push(connection);
  }
  return all;
}
