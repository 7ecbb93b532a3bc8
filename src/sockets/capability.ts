// What can be had on the runtime at hand: one table, which the docs print too.

import type { Adapter } from "../runtime/adapter.ts";
import { programAtHand } from "./program.ts";

/** Whether something can be had here. */
export interface Capability {
  /** `tcp://`. */
  readonly tcp: boolean;
  /** `tcp://source;destination`. */
  readonly tcpSource: boolean;
  /** `tcp://` through a SOCKS5 proxy. */
  readonly socks5: boolean;
  /** `ipc://path`. */
  readonly ipc: boolean;
  /** `ipc://@name`: names of Linux that are no files. */
  readonly ipcAbstract: boolean;
  /** `inproc://` within a thread. */
  readonly inproc: boolean;
  /** `inproc://` between threads, by `context.share()`. */
  readonly inprocThreads: boolean;
  /** Whether the default contexts of all threads are one. */
  readonly inprocTogether: boolean;
  /** `udp://`. */
  readonly udp: boolean;
  /** `epgm://`. */
  readonly epgm: boolean;
  /** `epgm://` on one machine with programs that use OpenPGM (libzmq). */
  readonly epgmBesideOpenPgm: boolean;
  /** `ws://`. */
  readonly ws: boolean;
  /** `wss://`. */
  readonly wss: boolean;
  /** PLAIN. */
  readonly plain: boolean;
  /** CURVE. */
  readonly curve: boolean;
  /** ZAP and `authenticate`. */
  readonly zap: boolean;
  /** The socket types of libzmq's drafts. */
  readonly draft: boolean;
  /** `pgm://`: raw IP sockets. */
  readonly pgm: boolean;
  /** `norm://`. */
  readonly norm: boolean;
  /** `tipc://`. */
  readonly tipc: boolean;
  /** `vmci://`. */
  readonly vmci: boolean;
  /** `vsock://`. */
  readonly vsock: boolean;
  /** GSSAPI. */
  readonly gssapi: boolean;
}

/** What a runtime has, as far as capabilities depend on it. */
export type Abilities =
  & Pick<Adapter, "name">
  & { readonly features: ReadonlySet<string> };

interface Row {
  /** Whether it can be had with these. */
  readonly has: (abilities: Abilities) => boolean;
  /** How to say it in the docs. */
  readonly says: string;
  /** What Deno has to be told to permit. */
  readonly permission: string;
}

const always = () => true;
const never = () => false;
const feature = (...wanted: string[]) => ({ features }: Abilities) =>
  wanted.some((one) => features.has(one));

/** The table. */
export const CAPABILITIES: Readonly<Record<keyof Capability, Row>> = {
  tcp: {
    has: feature("streams"),
    says: "`tcp://host:port`",
    permission: "`--allow-net`",
  },
  tcpSource: {
    has: feature("sources"),
    says: "`tcp://source;host:port`",
    permission: "`--allow-net`",
  },
  socks5: {
    has: feature("streams"),
    says: "tcp through a SOCKS5 proxy (`socksProxy`)",
    permission: "`--allow-net`",
  },
  ipc: {
    has: feature("paths"),
    says: "`ipc://path`, `ipc://*`",
    permission: "`--allow-net`, `--allow-read` and `--allow-write` of the path",
  },
  ipcAbstract: {
    has: feature("abstractNames"),
    says: "`ipc://@name`, on Linux",
    permission: "`--allow-net`",
  },
  inproc: { has: always, says: "`inproc://name`", permission: "none" },
  inprocThreads: {
    has: feature("threads"),
    says: "`inproc://` between threads, by `context.share()`",
    permission: "none",
  },
  inprocTogether: {
    has: feature("threadsTogether"),
    says: "`inproc://` between the default contexts of all threads",
    permission: "none",
  },
  udp: {
    has: feature("datagrams"),
    says: "`udp://`",
    permission: "`--allow-net`",
  },
  epgm: {
    has: feature("datagrams"),
    says: "`epgm://interface;group:port`, IPv4",
    permission: "`--allow-net`, `--allow-sys=networkInterfaces`",
  },
  epgmBesideOpenPgm: {
    has: feature("sharedPorts"),
    says: "epgm on one machine with OpenPGM, which shares ports",
    permission: "`--allow-net`",
  },
  ws: {
    has: feature("streams", "webSockets"),
    says: "`ws://host:port/path`",
    permission: "`--allow-net`",
  },
  wss: {
    has: feature("tls", "webSockets"),
    says: "`wss://host:port/path`",
    permission: "`--allow-net`",
  },
  plain: { has: always, says: "PLAIN", permission: "none" },
  curve: { has: always, says: "CURVE", permission: "none" },
  zap: { has: always, says: "ZAP, `authenticate`", permission: "none" },
  draft: { has: always, says: "libzmq's draft sockets", permission: "none" },
  pgm: {
    has: never,
    says: "`pgm://`: needs raw IP sockets; epgm is the same over udp",
    permission: "",
  },
  norm: {
    has: never,
    says: "`norm://`: needs the NORM library",
    permission: "",
  },
  tipc: {
    has: never,
    says: "`tipc://`: no runtime has such sockets",
    permission: "",
  },
  vmci: {
    has: never,
    says: "`vmci://`: no runtime has such sockets",
    permission: "",
  },
  vsock: {
    has: never,
    says: "`vsock://`: no runtime has such sockets",
    permission: "",
  },
  gssapi: {
    has: never,
    says: "GSSAPI: needs a Kerberos library",
    permission: "",
  },
};

/** What of an adapter capabilities depend on. */
export function abilitiesOf(adapter: Adapter): Abilities {
  const features = new Set<string>(adapter.features);
  if (adapter.threads !== null) features.add("threads");
  if (adapter.threads?.together) features.add("threadsTogether");
  return { name: adapter.name, features };
}

/** What this runtime has, looked up when it is asked for. */
function lookedUp(): Capability {
  const found = {};
  for (const [name, row] of Object.entries(CAPABILITIES)) {
    Object.defineProperty(found, name, {
      enumerable: true,
      get: () => row.has(abilitiesOf(programAtHand().pick())),
    });
  }
  return found as Capability;
}

/**
 * What can be had on this runtime: transports, mechanisms, socket types of drafts.
 *
 * @example
 * ```ts
 * import { capability } from "@nought/zeromq";
 *
 * console.log(capability.tcp); // true
 * console.log(capability.norm); // false
 * ```
 */
export const capability: Capability = /* @__PURE__ */ lookedUp();
