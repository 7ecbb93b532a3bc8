// Hosts and ports in addresses: `host:port`, where a listener may take `*` for
// either.

import { invalid } from "./stream_transport.ts";

const LARGEST_PORT = 65535;
/** A name of labels, or of an interface, which may have a number. */
const NAME = /^[\w-]+(\.[\w-]+)*\.?(:\d+)?$/;
/** An address of IPv6, which may have a zone. */
const IPV6 = /^[\dA-Fa-f.]*:[\dA-Fa-f:.]+(%[\w.-]+)?$/;
/** Bytes in a name: of DNS, and of what SOCKS5 says the length of in one byte. */
const LONGEST_HOST = 255;

/** A host and a port, `host:port`. */
export function hostAndPort(
  address: string,
  text: string,
  bind: boolean,
): { host: string; port: number } {
  const colon = text.lastIndexOf(":");
  if (colon < 0) throw invalid(address, "the endpoint ends with :port");
  const port = portOf(address, text.slice(colon + 1), bind);
  return { host: hostOf(address, text.slice(0, colon)), port };
}

/** A host name or address; brackets go. */
export function hostOf(address: string, text: string): string {
  const bracketed = text.startsWith("[") && text.endsWith("]");
  const host = bracketed ? text.slice(1, -1) : text;
  if (host !== "*" && !NAME.test(host) && !IPV6.test(host)) {
    throw invalid(
      address,
      "the endpoint begins with an address, or a host name of ASCII letters, digits, - and _",
    );
  }
  if (host.length > LONGEST_HOST) {
    throw invalid(address, `a host has at most ${LONGEST_HOST} bytes`);
  }
  return host;
}

function portOf(address: string, text: string, bind: boolean): number {
  if (bind && text === "*") return 0;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < (bind ? 0 : 1) || port > LARGEST_PORT) {
    throw invalid(
      address,
      bind
        ? "a port is a number up to 65535, or * for any free one"
        : "a port is a number from 1 to 65535",
    );
  }
  return port;
}
