// What must hold in every simulated world, by name. A world that breaks one
// throws its name, so that a mutation of the code can be said to be caught by
// it (see mutations.ts).

/** The invariants of each pattern. */
export const INVARIANTS = {
  // Pipeline (PUSH, PULL)
  "pipeline: messages of one Push reach a Pull in order":
    "what one Push sent arrives at each Pull with rising numbers, whatever was cut",
  "pipeline: no message arrives twice":
    "each message is received by one Pull, once",
  "pipeline: nothing is lost while connections hold":
    "with no connection cut, every accepted message is received",
  "pipeline: a cut loses only what was handed over":
    "what was in nobody's hands when a connection died arrives by the next one",
  "pipeline: messages are whole":
    "every frame of a message arrives, with its length and bytes",
  "pipeline: shares are equal":
    "Pulls that are all there and always have room get the same number, give or take one",
  // Publish and subscribe (PUB, SUB)
  "pubsub: only what was asked for is received":
    "a received message begins with a prefix that is subscribed to when it is received",
  "pubsub: messages are whole": "every frame of a message arrives",
  "pubsub: messages of one Publisher are in order and once":
    "what one Publisher sent arrives at each Subscriber with rising numbers",
  "pubsub: subscriptions are complete after a reconnect":
    "once all is quiet, a Subscriber gets all that it asks for, whatever was cut before",
  "pubsub: nothing is lost below the high-water mark":
    "with no connection cut and queues never full, every message that was asked for arrives",
  // Request and reply (REQ, REP)
  "reqrep: a reply is to its own request":
    "whoever asked gets the answer to what it asked, never another's or an older one",
  "reqrep: a request is served at most once": "no request is received twice",
  "reqrep: every request is answered while connections hold":
    "with no connection cut, every request gets its reply",
  "reqrep: a socket goes on after a round that failed":
    "after a round ran out of time, later rounds succeed",
  // All
  "all: queues stay within their high-water marks":
    "no more messages wait for or from a peer than its mark allows",
} as const;

/** The name of an invariant. */
export type Invariant = keyof typeof INVARIANTS;

/** Thrown when an invariant doesn't hold. */
export class Broken extends Error {
  readonly invariant: Invariant;

  constructor(invariant: Invariant, how: string) {
    super(`${invariant} — ${how}`);
    this.name = "Broken";
    this.invariant = invariant;
  }
}

/** Throws if `holds` is false. */
export function hold(
  invariant: Invariant,
  holds: boolean,
  how: () => string,
): void {
  if (!holds) throw new Broken(invariant, how());
}
