// Ranges of addresses as `address/bits` (RFC 4632, RFC 4291), for who may connect
// (zmq_setsockopt(3), ZMQ_TCP_ACCEPT_FILTER).

/** A range: the first `bits` of an address of 4 or 16 bytes. */
export interface AddressRange {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Parses a range, or a single address; `null` if it is neither. */
export function parseRange(text: string): AddressRange | null {
  const [address, length, ...rest] = text.split("/");
  const bytes = ipBytes(address);
  if (bytes === null || rest.length > 0) return null;
  const most = bytes.length * 8;
  if (length === undefined) return { bytes, bits: most };
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return null;
  return { bytes, bits: Number(length) };
}

/** Whether an address lies in a range; IPv4 within IPv6 counts as IPv4. */
export function inRange(address: string, range: AddressRange): boolean {
  let bytes = ipBytes(address);
  if (bytes === null) return false;
  if (range.bytes.length === 4 && bytes.length === 16 && isMapped(bytes)) {
    bytes = bytes.slice(12);
  }
  if (bytes.length !== range.bytes.length) return false;
  for (let bit = 0; bit < range.bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((bytes[bit >> 3] & mask) !== (range.bytes[bit >> 3] & mask)) {
      return false;
    }
  }
  return true;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
}

/** The 4 or 16 bytes of a literal address; `null` if it is none. */
export function ipBytes(text: string): number[] | null {
  return text.includes(":") ? parseV6(text.split("%")[0]) : parseV4(text);
}

function parseV4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const bytes = parts.map((part) =>
    /^\d{1,3}$/.test(part) ? Number(part) : 256
  );
  return bytes.every((byte) => byte < 256) ? bytes : null;
}

function parseV6(text: string): number[] | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [front, back] = halves.map((half) => parseGroups(half));
  if (front === null || back === null) return null;
  if (halves.length === 1) return front.length === 16 ? front : null;
  const gap = 16 - front.length - back!.length;
  if (gap < 2) return null;
  return [...front, ...new Array(gap).fill(0), ...back!];
}

function parseGroups(half: string): number[] | null {
  if (half === "") return [];
  const bytes: number[] = [];
  const groups = half.split(":");
  for (const [i, group] of groups.entries()) {
    if (i === groups.length - 1 && group.includes(".")) {
      const v4 = parseV4(group);
      if (v4 === null) return null;
      bytes.push(...v4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}
