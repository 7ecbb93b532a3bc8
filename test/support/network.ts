// A second network on this machine, for peers that can't share a port with us: a
// namespace with a pair of interfaces. It takes root and `ip`.

import { execFileSync } from "node:child_process";
import process from "node:process";
import type { Peer } from "./peer.ts";
import { RUNTIME } from "./runtime.ts";

let made = 0;

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: "pipe", timeout: 20_000 });
}

/** Whether there can be one; otherwise why not. */
export function networkIsMissing(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    return "needs root on Linux, for a network namespace";
  }
  try {
    ip("netns", "list");
    return null;
  } catch {
    return "needs Debian's iproute2";
  }
}

/** A network of its own, with an address at each end. */
export class Network {
  readonly ours: string;
  readonly theirs: string;
  readonly #name: string;
  readonly #link: string;

  private constructor(name: string, link: string, subnet: string) {
    this.#name = name;
    this.#link = link;
    this.ours = `${subnet}.1`;
    this.theirs = `${subnet}.2`;
  }

  /** Makes one. */
  static make(): Network {
    const id = `${process.pid % 60_000}`;
    const name = `nought-${RUNTIME}-${id}-${made++}`;
    // Names of interfaces have at most 15 characters.
    const link = `nt${RUNTIME[0]}${id}x${made}`;
    const subnet = `10.${77 + made}.${process.pid & 255}`;
    const network = new Network(name, link, subnet);
    try {
      ip("netns", "add", name);
      const [near, far] = [`${link}a`, `${link}b`];
      ip("link", "add", near, "type", "veth", "peer", "name", far);
      ip("link", "set", far, "netns", name);
      ip("addr", "add", `${network.ours}/24`, "dev", near);
      ip("link", "set", near, "up");
      ip("-n", name, "addr", "add", `${network.theirs}/24`, "dev", far);
      ip("-n", name, "link", "set", far, "up");
      ip("-n", name, "link", "set", "lo", "up");
    } catch (error) {
      network.remove();
      throw error;
    }
    return network;
  }

  /** A peer, run in it. */
  host(peer: Peer): Peer {
    const inside = ["ip", "netns", "exec", this.#name];
    return { ...peer, command: [...inside, ...peer.command] };
  }

  /** Ends it. */
  remove(): void {
    for (
      const args of [["link", "del", `${this.#link}a`], [
        "netns",
        "del",
        this.#name,
      ]]
    ) {
      try {
        ip(...args);
      } catch {
        // It was never made, or has gone with the other end.
      }
    }
  }
}
