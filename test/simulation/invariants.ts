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
  // Routed (ROUTER, DEALER)
  "router: a peer is known by its name":
    "the id in front of a message is the name its Dealer gave itself, or one that was made up",
  "router: a reply goes to the peer that asked, or nowhere":
    "a Dealer receives the answers to its own questions, each once and whole, and no other's",
  "router: questions of one Dealer are in order and once":
    "what one Dealer sent arrives with rising numbers",
  "router: nothing is lost while connections hold":
    "with no connection cut every question is answered, or (not mandatory) its reply counted as dropped",
  "router: a peer is heard again after a reconnect":
    "once all is quiet every Dealer's questions are answered, whatever was cut before",
  // Publish and subscribe as messages (XPUB, XSUB)
  "xpub: the application hears what is asked for":
    "once all is quiet, the topics reported and not taken back are those that somebody asks for",
  "xpub: only what was asked for is sent":
    "an XSubscriber, which doesn't filter, gets only what it asked for at some time",
  "xpub manual: a peer gets what the application gave it":
    "in manual mode what was asked for has no effect but what the application makes of it",
  "xpub: what comes upstream is in order, once and whole":
    "user messages of an XSubscriber arrive with rising numbers",
  "xpub: subscriptions are complete after a reconnect":
    "once all is quiet, an XSubscriber gets all that it asks for, and with noDrop none is dropped",
  // Exclusive pairs (PAIR, CHANNEL)
  "pair: messages are in order, once and whole":
    "what one end sent arrives at the other with rising numbers",
  "pair: nothing is lost while connections hold":
    "with no connection cut, every accepted message is received",
  "pair: a third is never heard":
    "what somebody sends who came while there was a peer is not received",
  "pair: both ways go on after a reconnect":
    "once all is quiet, messages pass both ways",
  // Numbered peers (SERVER, CLIENT, PEER)
  "server: a reply goes to the peer that asked, or nowhere":
    "a Client receives the answers to its own questions, each once and whole",
  "server: nothing is lost while connections hold":
    "with no connection cut, every question is answered, however small the queues",
  "server: a peer is heard again after a reconnect":
    "once all is quiet every Client's questions are answered",
  // Groups (RADIO, DISH)
  "groups: only messages of joined groups are received":
    "the group of a received message is joined when it is received",
  "groups: messages of one Radio are in order, once and whole":
    "what one Radio sent arrives at each Dish with rising numbers",
  "groups: groups are complete after a reconnect":
    "once all is quiet a Dish gets all of its groups, and with noDrop none is dropped",
  // Raw streams (STREAM)
  "stream: bytes of one connection are in order":
    "what one end wrote to a connection is read from it in order and without a gap",
  "stream: nothing is lost while connections hold":
    "with no connection cut, every byte arrives",
  "stream: a connection begins once and ends once":
    "a notice comes before the first bytes and another after the last",
  // Threads
  "threads: messages are in order":
    "what one Push sent arrives at each Pull with rising numbers, whichever threads ended",
  "threads: no message arrives twice":
    "each message is received by one Pull, once",
  "threads: messages are whole": "every frame of a message arrives",
  "threads: all of a living thread arrives where none ended that receives":
    "what was sent in a thread that lives arrives, if all Pulls do",
  "threads: who lives has those for peers who live":
    "once all is quiet, the peers of a socket are those whose threads live",
  "threads: nothing is left once all is closed":
    "once sockets and contexts are closed, no thread is in a group or waits for memory to change",
  // Threads that interrupt each other
  "raced: messages are in order, once and whole":
    "each message arrives as it was sent, after the one before, whoever interrupts whom",
  "raced: all that is sent arrives":
    "what was accepted arrives, and whoever waits is told, whoever interrupts whom",
  "raced: who was killed is nobody's peer":
    "once all is quiet, nobody has a peer whose thread was killed, wherever it was then",
  // All
  "all: no file is left once all is closed":
    "what queues spilled into is removed with them",
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
