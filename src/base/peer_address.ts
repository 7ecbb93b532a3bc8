// Addresses of peers as text: `host:port`, where IPv6 stands in brackets.

/** A host and a port as text. */
export function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The host of `host:port`, without brackets; also of a host alone, whose colons are its own. */
export function hostOfPeer(address: string): string {
  return withoutBrackets(address.replace(/^(\[.*\]|[^:]*):\d+$/, "$1"));
}

/** A host without the brackets of IPv6. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}
