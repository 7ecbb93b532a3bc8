// What a socket has bound and connected, and the addresses by which that is found:
// the one it has now, and the one that was given.

import type { Endpoint } from "../endpoints/endpoint.ts";
import type { InprocEndpoint } from "../transports/inproc.ts";

/** What is bound or connected. */
export type AnyEndpoint = Endpoint | InprocEndpoint;

/** How an endpoint came about, and by which address, which may not be what it has now. */
interface Named {
  readonly bound: boolean;
  readonly given: string;
}

/** An address that leaves the port or path to us names no endpoint. */
const CHOSEN = /:\*|^ipc:\/\/\*$/;

export class EndpointBook {
  readonly #named = new Map<AnyEndpoint, Named>();
  readonly #byAddress = new Map<string, Set<AnyEndpoint>>();

  get size(): number {
    return this.#named.size;
  }

  has(endpoint: AnyEndpoint): boolean {
    return this.#named.has(endpoint);
  }

  add(endpoint: AnyEndpoint, bound: boolean, given = endpoint.address): void {
    this.#named.set(endpoint, { bound, given });
    for (const address of [endpoint.address, given]) {
      const all = this.#byAddress.get(address);
      if (all === undefined) this.#byAddress.set(address, new Set([endpoint]));
      else all.add(endpoint);
    }
  }

  delete(endpoint: AnyEndpoint): void {
    const named = this.#named.get(endpoint);
    if (named === undefined) return;
    this.#named.delete(endpoint);
    for (const address of [endpoint.address, named.given]) {
      const all = this.#byAddress.get(address);
      all?.delete(endpoint);
      if (all?.size === 0) this.#byAddress.delete(address);
    }
  }

  clear(): void {
    this.#named.clear();
    this.#byAddress.clear();
  }

  /** What has that address, or was given it. */
  find(address: string, bound: boolean): AnyEndpoint[] {
    const chose = CHOSEN.test(address);
    return [...this.#byAddress.get(address) ?? []].filter((endpoint) =>
      this.#named.get(endpoint)!.bound === bound &&
      (endpoint.address === address || !chose)
    );
  }

  /** All of it, in words. */
  words(): string[] {
    return Array.from(
      this.#named,
      ([{ address }, { bound }]) =>
        `${bound ? "bound" : "connected"}: ${address}`,
    );
  }
}
