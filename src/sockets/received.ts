// What a socket gives of a message: bytes that the platform takes anywhere.

/**
 * One part of a message, as it is received: a `Uint8Array` over an `ArrayBuffer`, as
 * TypeScript has it from 5.7 on, so that `Response`, `Blob`, `crypto.subtle` and files
 * take it. (Within the process a large frame that lies in shared memory comes as it is.)
 */
export type Frame = ReturnType<Uint8ArrayConstructor["of"]>;

/** A whole message, as it is received: one or more frames. */
export type Message = Frame[];
