// PULL (RFC 30) and GATHER (RFC 49): what comes is received as it came.

import type { FairQueue } from "../routing/fair_queue.ts";
import { ReceivingPattern } from "./receiving.ts";

export class PullPattern extends ReceivingPattern {
  override get unsifted(): FairQueue {
    return this.queue;
  }
}
