// What tests of the drop-in share: sockets that are closed at the end, and the
// error of a call.

import type { Socket } from "../../src/zeromqjs/zeromqjs.ts";

let names = 0;

/** A name of inproc that no other test has. */
export function inproc(): string {
  return `inproc://zeromqjs-${names++}`;
}

/** Runs a test with sockets that are closed at its end. */
export async function withSockets(
  run: (keep: <S extends Socket>(socket: S) => S) => Promise<void> | void,
): Promise<void> {
  const sockets: Socket[] = [];
  try {
    await run((socket) => {
      sockets.push(socket);
      return socket;
    });
  } finally {
    for (const socket of sockets) {
      if (!socket.closed) socket.linger = 0;
      socket.close();
    }
  }
}

/** What a call throws, or null. */
export function thrown(call: () => unknown): Error & { code?: string } | null {
  try {
    const given = call();
    if (given instanceof Promise) given.catch(() => {});
    return null;
  } catch (error) {
    return error as Error;
  }
}

/** What a promise rejects with. */
export async function rejection(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; errno?: number; address?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not reject");
}

/** Whether a promise is settled after a few turns. */
export async function settles(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true, () => settled = true);
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  return settled;
}
