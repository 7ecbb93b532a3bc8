/**
 * Handlers of Mongrel2: web servers that pass on what they are asked as messages, and
 * take the answers of whoever has them.
 *
 * {@linkcode Mongrel2Handler} does it all; what it reads and writes with is here as
 * well, for stages that pass requests on, and for tests.
 *
 * @module
 */

export { ChunkedReply } from "./chunked_reply.ts";
export {
  type Control,
  type HandlerOptions,
  Mongrel2Handler,
} from "./handler.ts";
export { RequestHeaders } from "./headers.ts";
export {
  formatChunk,
  formatHead,
  formatResponse,
  type HttpResponse,
  LAST_CHUNK,
} from "./http_response.ts";
export { MalformedError } from "./malformed.ts";
export { formatNetstring, readNetstring } from "./netstring.ts";
export { formatReplies, MOST_CONNECTIONS, type ReplyOptions } from "./reply.ts";
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
