// What a message to be sent has to look like, for socket types that are
// particular about it: one frame, a peer and one frame, a group and one frame.

import { ZmqError } from "../base/errors.ts";
import { writeUint32 } from "../base/frame.ts";
import { type Message, toFrame, toFrames } from "../base/message.ts";
import { SOCKET_TYPES, type SocketType } from "../base/socket_type.ts";
import { LONGEST_GROUP } from "../patterns/radio.ts";
import { LARGEST_DATAGRAM } from "../transports/datagram_transport.ts";

/** Makes frames of what a caller gives. */
export type Shape = (message: unknown) => Message;

/** How a socket type wants its messages; `null` for any number of frames. */
export function shapeOf(type: SocketType): Shape | null {
  const { frames, name } = SOCKET_TYPES[type];
  if (frames === 0) return null;
  if (type === "SERVER" || type === "PEER") return numbered(name);
  return (message) => {
    const made = toFrames(message);
    if (made.length !== frames && made.length > 0) {
      throw new ZmqError(
        "EINVAL",
        `Cannot send ${made.length} frames: a message of a ${name} is ${
          LOOKS[type]
        }`,
      );
    }
    if (type === "RADIO" && made[0]?.length > LONGEST_GROUP) {
      throw new ZmqError(
        "EINVAL",
        `Cannot send to a group of ${
          made[0].length
        } bytes: its name has at most 255`,
      );
    }
    if (type === "DGRAM" && made[1]?.length > LARGEST_DATAGRAM) {
      throw new ZmqError(
        "EMSGSIZE",
        `Cannot send ${
          made[1].length
        } bytes in a datagram: it holds at most ${LARGEST_DATAGRAM}`,
      );
    }
    return made;
  };
}

const LOOKS: Partial<Record<SocketType, string>> = {
  CLIENT: "one frame",
  SCATTER: "one frame",
  CHANNEL: "one frame",
  RADIO: "[group, body]",
  STREAM: "[id, bytes]",
  DGRAM: "[address, body]",
};

function numbered(name: string): Shape {
  return (message) => {
    if (!Array.isArray(message) || message.length !== 2) {
      throw new ZmqError(
        "EINVAL",
        `Cannot send this: a message of a ${name} is [number of the peer, body]`,
      );
    }
    const [number, body] = message;
    if (typeof number !== "number" || number !== number >>> 0) {
      throw new TypeError(
        `Cannot send to ${number}: a ${name} knows its peers by numbers, as it received them`,
      );
    }
    const id = new Uint8Array(4);
    writeUint32(id, 0, number);
    return [id, toFrame(body)];
  };
}
