// ipc (zmq_ipc(7)): stream sockets of the file system. `*` is a new one in a
// folder of its own, and `@name` one of Linux that is no file. Windows has named
// pipes for it. What acts on tcp alone acts on nothing here.

import { ZmqError } from "../base/errors.ts";
import type { OptionValues } from "../base/option_types.ts";
import { ELSEWHERE } from "../base/options.ts";
import { encodeText } from "../base/utf8.ts";
import type { Feature, IpcTarget } from "../runtime/adapter.ts";
import {
  invalid,
  type StreamAddress,
  type StreamTransport,
} from "./stream_transport.ts";

/** `ipc://path`. */
export interface IpcAddress extends StreamAddress {
  readonly scheme: "ipc";
  /** As it was given. */
  readonly address: string;
  /** As a target has it: empty for a new one, with a NUL in front for no file. */
  readonly path: string;
}

/** What `sun_path` holds beside its NUL. */
const LONGEST_PATH = 107;

export const IPC: StreamTransport = {
  parse(address: string, rest: string, bind: boolean): IpcAddress {
    if (rest === "@") {
      throw invalid(address, "an abstract name has a character behind the @");
    }
    if (rest.includes("\0")) {
      throw invalid(address, "a path has no NUL in it; @name is abstract");
    }
    if (rest === "*" && !bind) {
      throw invalid(
        address,
        "connect needs a path; * stands for a new one in bind only",
      );
    }
    if (encodeText(rest).length > LONGEST_PATH) {
      throw new ZmqError(
        "ENAMETOOLONG",
        `Cannot use ${address}: an ipc path has at most ${LONGEST_PATH} bytes; take a shorter one, or ipc://*`,
        { address },
      );
    }
    const path = rest === "*" ? "" : rest.replace(/^@/, "\0");
    return { scheme: "ipc", address, path };
  },
  listenTarget: target,
  connectTarget: target,
  endpoint: (local: string) => `ipc://${local.replace(/^\0/, "@")}`,
};

function target(
  { address, path }: IpcAddress,
  { backlog }: OptionValues,
  features: ReadonlySet<Feature>,
): IpcTarget {
  if (path[0] === "\0" && !features.has("abstractNames")) {
    throw new ZmqError(
      "ENOTSUP",
      `Cannot use ${address}: of abstract names, ${ELSEWHERE.abstractNames}; use a path here`,
      { address },
    );
  }
  return { kind: "ipc", path, backlog };
}
