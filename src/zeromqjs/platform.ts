// What zeromq.js takes from Node and its API shows: Buffer, EventEmitter and
// process warnings. Deno and Bun have them too; they are fetched when they are
// first needed, so that an import has no effect.

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";

interface Process {
  getBuiltinModule(name: string): unknown;
  emitWarning(text: string, options?: { type?: string; detail?: string }): void;
}

/** What of the buffer module is needed. */
interface BufferModule {
  Buffer: {
    from(memory: ArrayBufferLike, at: number, length: number): Buffer;
    allocUnsafeSlow(length: number): Buffer;
  };
}

function node(): Process {
  return (globalThis as unknown as { process: Process }).process;
}

let buffers: BufferModule["Buffer"] | undefined;

/**
 * Bytes as a Buffer that is the whole of its memory: programs make arrays of numbers
 * of `buffer` as it is, and those have to be aligned.
 */
export function toBuffer(bytes: Uint8Array): Buffer {
  buffers ??= (node().getBuiltinModule("node:buffer") as BufferModule).Buffer;
  const { buffer, byteLength } = bytes;
  if (buffer.byteLength === byteLength) {
    return buffers.from(buffer, 0, byteLength);
  }
  const own = buffers.allocUnsafeSlow(byteLength);
  own.set(bytes);
  return own;
}

/** The class of emitters. */
export function eventEmitter(): typeof EventEmitter {
  const events = node().getBuiltinModule("node:events");
  return (events as { EventEmitter: typeof EventEmitter }).EventEmitter;
}

/** Warns whoever runs the process. */
export function warn(text: string): void {
  node().emitWarning(text);
}
