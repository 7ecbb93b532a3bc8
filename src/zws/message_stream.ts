// A WebSocket of the platform seen as a stream of ZMTP (RFC 45), where the platform
// does the upgrade and the frames: each write is one message, and each message that
// comes is one piece of data.

import { Fault } from "../base/fault.ts";
import { concat } from "../base/bytes.ts";
import { framed } from "../base/command.ts";
import {
  bareFlags,
  bodyLength,
  frameFlags,
  headLength,
} from "../base/frame.ts";
import type { ByteStream } from "../runtime/adapter.ts";
import { greetingOf, readyOf } from "./played.ts";
import { PlayedStream } from "./played_stream.ts";
import { mechanismNamed } from "./subprotocol.ts";

export class MessageStream extends PlayedStream {
  /** A message whose body goes on in the next write, and how much of it is there. */
  #begun: Uint8Array | null = null;
  #filled = 0;

  protected begun(stream: ByteStream): void {
    const mechanism = mechanismNamed(stream.protocol ?? "ZWS2.0");
    this.played = mechanism === null;
    this.handler!.opened(this);
    this.handler!.data(greetingOf(mechanism ?? "NULL"));
  }

  data(message: Uint8Array): void {
    if (this.fault !== null) return;
    const { maxMessageSize } = this.settings;
    if (message.length === 0) {
      this.fail(
        new Fault(
          "peer",
          "ERR_WS_UNSPECIFIED",
          "a message begins with its flags",
        ),
      );
    } else if (maxMessageSize >= 0 && message.length - 1 > maxMessageSize) {
      this.fail(
        new Fault(
          "limit",
          "EMSGSIZE",
          `a frame holds at most ${maxMessageSize} bytes here, not ${
            message.length - 1
          }`,
        ),
      );
    } else if (this.played && !this.readyHeard) {
      this.readyHeard = true;
      const name = message.subarray(1);
      this.handler!.data(readyOf(this.settings.socketType, name));
    } else {
      this.handler!.data(frameOf(message));
    }
  }

  protected writeFrames(frames: Uint8Array, credit: number): void {
    const messages = this.#messages(frames);
    if (messages.length === 0) this.handler!.sent(credit);
    messages.forEach((message, i) =>
      this.send(message, i === messages.length - 1 ? credit : 0)
    );
  }

  /** Frames of ZMTP as messages of the WebSocket. */
  #messages(frames: Uint8Array): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let at = 0;
    while (at < frames.length) {
      if (this.#begun === null) {
        const body = at + headLength(frames, at);
        const length = bodyLength(frames, at);
        if (this.played && !this.readySent) {
          // What is said instead of READY is our name.
          this.readySent = true;
          const { routingId } = this.settings;
          messages.push(concat(Uint8Array.of(0), routingId));
          at = body + length;
          continue;
        }
        this.#begun = new Uint8Array(1 + length);
        this.#begun[0] = bareFlags(frames[at]);
        this.#filled = 1;
        at = body;
      }
      const message = this.#begun;
      const part = frames.subarray(at, at + message.length - this.#filled);
      message.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < message.length) break;
      messages.push(message);
      this.#begun = null;
    }
    return messages;
  }
}

/** A message as a frame of ZMTP. */
function frameOf(message: Uint8Array): Uint8Array {
  return framed(message.subarray(1), frameFlags(message[0]));
}
