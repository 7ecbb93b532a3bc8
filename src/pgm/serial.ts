// Sequence numbers of 32 bits that wrap (RFC 1982).

/** How far `a` is ahead of `b`; negative if it is behind. */
export function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

/** A sequence number so many further on. */
export function advanced(sqn: number, by: number): number {
  return (sqn + by) >>> 0;
}
