/**
 * Handlers of Mongrel2: web servers that pass on what they are asked as messages, and
 * take the answers of whoever has them.
 *
 * {@linkcode Mongrel2Handler} does it all; what it reads and writes with is here as
 * well, for stages that pass requests on, and for tests.
 *
 * @module
 */

import { Pull, XPublisher } from "../../mod.ts";
import { BaseHandler, type HandlerOptions } from "./handler.ts";

/**
 * A handler of Mongrel2 servers.
 *
 * Methods that reply take the request, any other `{ sender, connection }`, or many
 * of them, of one server or of several. They reject with a `ZmqError`: EHOSTUNREACH
 * if no server of that id has subscribed in time, EINVAL for what can't be sent or is
 * for a connection that is known to have gone, EBADF once closed.
 *
 * The server drops a connection for which more than 16 replies wait: a long body goes
 * in large chunks, or as fast as `credits` come (`download.flow_control`).
 *
 * @example
 * ```ts ignore
 * import { Mongrel2Handler } from "@nought/zeromq/mongrel2";
 *
 * await using handler = new Mongrel2Handler({
 *   requests: "tcp://127.0.0.1:9997",
 *   replies: "tcp://127.0.0.1:9996",
 * });
 * for await (const request of handler) {
 *   if (request.kind === "request") {
 *     await handler.replyHttp(request, { body: `Hello from ${request.path}` });
 *   }
 * }
 * ```
 */
export class Mongrel2Handler extends BaseHandler {
  /** Makes a handler; it connects at once. */
  constructor(options: HandlerOptions) {
    const { context } = options;
    super(options, new Pull({ context }), new XPublisher({ context }));
  }
}

export { ChunkedReply } from "./chunked_reply.ts";
export {
  type BaseHandler,
  type Control,
  type HandlerOptions,
} from "./handler.ts";
export { type HeaderRecord, RequestHeaders } from "./headers.ts";
export {
  formatChunk,
  formatHead,
  formatResponse,
  type HttpResponse,
  LAST_CHUNK,
} from "./http_response.ts";
export { MalformedError } from "./malformed.ts";
export { formatNetstring, readNetstring } from "./netstring.ts";
export {
  formatReplies,
  MOST_CONNECTIONS,
  type Reply,
  type ReplyOptions,
} from "./reply.ts";
export {
  formatRequest,
  Mongrel2Request,
  parseRequest,
  type RequestKind,
  type RequestParts,
  type Upload,
  type UploadPart,
} from "./request.ts";
export type { Target } from "./target.ts";
export {
  formatTnetstring,
  parseTnetstring,
  readTnetstring,
  type TnetOptions,
  type TnetValue,
  type TnetWritable,
} from "./tnetstring.ts";
export {
  type AcceptOptions,
  formatAccept,
  formatClose,
  formatFrame,
  type Frame,
  type FrameType,
  offeredProtocols,
} from "./websocket.ts";
