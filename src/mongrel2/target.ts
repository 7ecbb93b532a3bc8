// Whom a reply is for: a connection, and the server that has it.

import { ZmqError } from "../base/errors.ts";

/** A connection at a server. Every request is one: that of its client. */
export interface Target {
  /** The id of the server (`send_ident`): letters, digits and `-`. */
  readonly sender: string;
  /** The id of the connection: digits. */
  readonly connection: string;
}

/** What the server reads in a reply. */
const SENDER = /^[A-Za-z0-9-]+$/;
const CONNECTION = /^\d{1,10}$/;

/** Throws EINVAL for ids that the server can't read. */
export function checkTarget({ sender, connection }: Target): void {
  if (!SENDER.test(sender)) {
    throw new ZmqError(
      "EINVAL",
      "A server's id is letters, digits and '-': it reads no reply to another one",
    );
  }
  if (!CONNECTION.test(connection)) {
    throw new ZmqError("EINVAL", "A connection's id is up to ten digits");
  }
}
