// An endpoint of a socket: something it has bound or connected to.

export interface Endpoint {
  /** As `unbind` or `disconnect` names it. */
  readonly address: string;
  /** Sends what was accepted, or discards it, then ends; the owner is told when it is over. */
  close(discard: boolean): void;
  /** Ends now. */
  abort(): void;
  /** Resolves once `close` has come to it, where that takes another thread. */
  whenClosed?(): Promise<void>;
}

/** Who is told that an endpoint is over. */
export interface EndpointOwner {
  endpointOver(endpoint: Endpoint): void;
}
