// An endpoint of a socket: something it has bound or connected to.

export interface Endpoint {
  /** As `unbind` or `disconnect` names it. */
  readonly address: string;
  /** Sends what was accepted, or discards it, then ends; the owner is told when it is over. */
  close(discard: boolean): void;
  /** Ends now. */
  abort(): void;
  /** Resolves once what `close` ended is free for others, where that takes a moment. */
  whenClosed?(): Promise<void> | undefined;
}

/** Who is told that an endpoint is over. */
export interface EndpointOwner {
  endpointOver(endpoint: Endpoint): void;
}
