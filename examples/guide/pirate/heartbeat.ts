// What the queue and the workers of the paranoid pirate tell each other besides
// questions and answers, and how long they go without a word.

/** What a worker says first. */
export const READY = "READY";
/** What both say from time to time, so that the other knows they are alive. */
export const HEARTBEAT = "HEARTBEAT";
/** So many heartbeats may be missing before the other is taken for dead. */
export const LIVENESS = 3;
