// What most examples need that don't wait for ever.

import { ZmqError } from "../../mod.ts";

/** What comes of a receive or a request; null if its time is up. */
export async function inTime<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof ZmqError && error.code === "EAGAIN") return null;
    throw error;
  }
}
