// What a Deno program has to be allowed, for each address and path.

import type { DatagramTarget, StreamTarget } from "../src/runtime/adapter.ts";
import { deno, type DenoPermission } from "./deno_namespace.ts";
import { hostPort } from "./platform.ts";

/** The flags that a target lacks; none if it may be opened. */
export function missingFlags(target: StreamTarget | DatagramTarget): string[] {
  // What goes to groups has an address that nobody can know before.
  const anywhere = target.kind === "udp" && target.interface !== "";
  return permissions(target).filter((one) => !granted(one)).map((one) => {
    const to = one.name !== "net" ? one.path : anywhere ? undefined : one.host;
    return `--allow-${one.name}${to === undefined ? "" : `=${to}`}`;
  });
}

/** What a target needs. The path of a new socket is not known; the attempt tells. */
function permissions(target: StreamTarget | DatagramTarget): DenoPermission[] {
  if (target.kind === "udp") {
    const { host, port } = target.to ?? target;
    const anywhere = host === "" || host === "*";
    return [{ name: "net", host: hostPort(anywhere ? "0.0.0.0" : host, port) }];
  }
  if (target.kind === "tcp") {
    return [{ name: "net", host: hostPort(target.host, target.port) }];
  }
  const { path } = target;
  if (path === "") return [];
  if (path[0] === "\0") return [{ name: "net" }];
  return [
    { name: "read", path },
    { name: "write", path },
    // Only of an absolute path can it be said by itself.
    path[0] === "/" ? { name: "net", host: `unix:${path}` } : { name: "net" },
  ];
}

function granted(permission: DenoPermission): boolean {
  const { permissions } = deno;
  // Deno remembers each address and path that it was asked about, for ever.
  const { state, partial } = permissions.querySync({ name: permission.name });
  if (state === "granted" && !partial) return true;
  return permissions.requestSync(permission).state === "granted";
}
