// Packets of PGM (RFC 3208) as they lie in a datagram: a header of 16 bytes, a
// body by type, options, and of data the TSDU.
//
//   source port (2) | destination port (2) | type | options | checksum (2)
//   | GSI (6) | TSDU length (2) | body | options | TSDU

import { hexOf } from "../base/bytes.ts";
import { ipBytes } from "../base/cidr.ts";
import { readUint32, writeUint32 } from "../base/frame.ts";

/** Types of packets. */
export const SPM = 0x00;
export const ODATA = 0x04;
export const RDATA = 0x05;
export const NAK = 0x08;
export const NCF = 0x0a;
export const SPMR = 0x0c;

const HEADER = 16;
const AFI_IPV4 = 1;
const AFI_IPV6 = 2;
const OPTIONS_PRESENT = 0x01;
const OPTIONS_FOR_NETWORK = 0x02;
const PARITY = 0x80;
const LAST_OPTION = 0x80;
const OPT_LENGTH = 0x00;
const OPT_FRAGMENT = 0x01;
const OPT_NAK_LIST = 0x02;
const OPT_FIN = 0x0e;

/** Sequence numbers that one NAK or NCF names. */
export const LONGEST_LIST = 63;
/** Bytes around the TSDU of data that carries a fragment, with IPv4 and UDP. */
export const OVERHEAD = 20 + 8 + HEADER + 8 + 20;

/** Who sends: a transport session (RFC 3208, section 2). */
export interface Tsi {
  /** The global source id, six bytes. */
  readonly gsi: Uint8Array;
  readonly port: number;
}

/** Where in a larger TSDU a piece belongs. */
export interface Fragment {
  /** The sequence number of the first piece. */
  readonly first: number;
  readonly offset: number;
  /** Of the whole. */
  readonly length: number;
}

/** A packet that was understood. */
export interface Packet {
  readonly type: number;
  /** As it stands there; in upstream packets (NAK, SPMR) the session's port. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly gsi: Uint8Array;
  /** Of data, the first missing one, or of the SPM itself. */
  readonly sqn: number;
  readonly trail: number;
  readonly lead: number;
  /** The address of the source; empty where there is none. */
  readonly source: string;
  /** Further sequence numbers of a NAK or NCF. */
  readonly list: readonly number[];
  readonly fragment: Fragment | null;
  /** Whether the source says that it ends. */
  readonly fin: boolean;
  readonly tsdu: Uint8Array;
}

/** Takes a datagram apart; text says what is wrong with it. */
export function parsePacket(bytes: Uint8Array): Packet | string {
  if (bytes.length < HEADER) return "a PGM packet has a header of 16 bytes";
  const given = uint16(bytes, 6);
  if (given === 0 || checksum(bytes) !== 0) return "the checksum is wrong";
  const type = bytes[4];
  if ((bytes[5] & PARITY) !== 0) return "parity packets are not spoken here";
  const tsduLength = uint16(bytes, 14);
  const packet: Mutable = {
    type,
    sourcePort: uint16(bytes, 0),
    destinationPort: uint16(bytes, 2),
    gsi: bytes.subarray(8, 14),
    sqn: 0,
    trail: 0,
    lead: 0,
    source: "",
    list: [],
    fragment: null,
    fin: false,
    tsdu: bytes.subarray(HEADER, HEADER),
  };
  const body = parseBody(packet, bytes);
  if (body < 0) return "the packet is cut short";
  const end = (bytes[5] & OPTIONS_PRESENT) === 0
    ? body
    : parseOptions(packet, bytes, body);
  if (end < 0) return "its options are malformed";
  if (type === ODATA || type === RDATA) {
    if (end + tsduLength !== bytes.length) return "its length is wrong";
    packet.tsdu = bytes.subarray(end);
  }
  return packet;
}

/** A source path message: what a source has, and where it is. */
export function spmPacket(
  { gsi, port }: Tsi,
  to: number,
  sqn: number,
  trail: number,
  lead: number,
  source: readonly number[],
  fin: boolean,
): Uint8Array {
  const bytes = begin(
    SPM,
    port,
    to,
    gsi,
    12 + nlaLength(source) + (fin ? 8 : 0),
  );
  writeUint32(bytes, HEADER, sqn);
  writeUint32(bytes, HEADER + 4, trail);
  writeUint32(bytes, HEADER + 8, lead);
  const at = writeNla(bytes, HEADER + 12, source);
  if (fin) {
    bytes[5] = OPTIONS_PRESENT;
    bytes.set([OPT_LENGTH, 4, 0, 8, OPT_FIN | LAST_OPTION, 4, 0, 0], at);
  }
  return seal(bytes);
}

/** Original data, or the same again for those who missed it. */
export function dataPacket(
  type: typeof ODATA | typeof RDATA,
  { gsi, port }: Tsi,
  to: number,
  sqn: number,
  trail: number,
  tsdu: Uint8Array,
): Uint8Array {
  const bytes = begin(type, port, to, gsi, 8 + tsdu.length);
  bytes[14] = tsdu.length >>> 8;
  bytes[15] = tsdu.length;
  writeUint32(bytes, HEADER, sqn);
  writeUint32(bytes, HEADER + 4, trail);
  bytes.set(tsdu, HEADER + 8);
  return seal(bytes);
}

/** A NAK for what is missing, or the NCF that confirms one. */
export function nakPacket(
  type: typeof NAK | typeof NCF,
  { gsi, port }: Tsi,
  session: number,
  sqns: readonly number[],
  source: readonly number[],
  group: readonly number[],
): Uint8Array {
  const nlas = nlaLength(source) + nlaLength(group);
  const more = sqns.length - 1;
  const options = more > 0 ? 4 + 4 + 4 * more : 0;
  // Upstream the ports change places.
  const [from, to] = type === NAK ? [session, port] : [port, session];
  const bytes = begin(type, from, to, gsi, 4 + nlas + options);
  writeUint32(bytes, HEADER, sqns[0]);
  let at = writeNla(bytes, HEADER + 4, source);
  at = writeNla(bytes, at, group);
  if (more > 0) {
    bytes[5] = OPTIONS_PRESENT | OPTIONS_FOR_NETWORK;
    bytes.set([OPT_LENGTH, 4, options >>> 8, options], at);
    bytes.set([OPT_NAK_LIST | LAST_OPTION, 4 + 4 * more, 0, 0], at + 4);
    for (let i = 0; i < more; i++) {
      writeUint32(bytes, at + 8 + 4 * i, sqns[i + 1]);
    }
  }
  return seal(bytes);
}

/** Asks a source for an SPM. */
export function spmrPacket({ gsi, port }: Tsi, session: number): Uint8Array {
  return seal(begin(SPMR, session, port, gsi, 0));
}

/** The session of a packet as text, whichever way it goes. */
export function tsiOf({ gsi, sourcePort, destinationPort, type }: Packet): Tsi {
  const upstream = type === NAK || type === SPMR;
  return { gsi, port: upstream ? destinationPort : sourcePort };
}

/** A session as a key. */
export function tsiKey({ gsi, port }: Tsi): string {
  return `${hexOf(gsi)}.${port}`;
}

/** The Internet checksum of a packet (RFC 1071); 0 of one that holds its own. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  if (even < bytes.length) sum += bytes[even] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

type Mutable = { -readonly [Key in keyof Packet]: Packet[Key] };

/** Reads what a type has before its options; where that ends, or -1. */
function parseBody(packet: Mutable, bytes: Uint8Array): number {
  const { type } = packet;
  if (type === SPMR) return HEADER;
  const left = bytes.length - HEADER;
  if (type === ODATA || type === RDATA) {
    if (left < 8) return -1;
    packet.sqn = readUint32(bytes, HEADER);
    packet.trail = readUint32(bytes, HEADER + 4);
    return HEADER + 8;
  }
  if (type === SPM) {
    if (left < 12) return -1;
    packet.sqn = readUint32(bytes, HEADER);
    packet.trail = readUint32(bytes, HEADER + 4);
    packet.lead = readUint32(bytes, HEADER + 8);
    return parseNla(packet, bytes, HEADER + 12);
  }
  // NAKs of all kinds and NCFs; what else there is has nothing of interest.
  if (type !== NAK && type !== NCF) return HEADER;
  if (left < 4) return -1;
  packet.sqn = readUint32(bytes, HEADER);
  const group = parseNla(packet, bytes, HEADER + 4);
  return group < 0 ? -1 : parseNla(null, bytes, group);
}

/** Reads a network address; where it ends, or -1. */
function parseNla(
  packet: Mutable | null,
  bytes: Uint8Array,
  at: number,
): number {
  if (at + 4 > bytes.length) return -1;
  const afi = uint16(bytes, at);
  const length = afi === AFI_IPV4 ? 4 : afi === AFI_IPV6 ? 16 : -1;
  const end = at + 4 + length;
  if (length < 0 || end > bytes.length) return -1;
  if (packet !== null) packet.source = ipText(bytes.subarray(at + 4, end));
  return end;
}

/** Reads options; where the last ends, or -1. */
function parseOptions(
  packet: Mutable,
  bytes: Uint8Array,
  start: number,
): number {
  if (start + 4 > bytes.length || bytes[start] !== OPT_LENGTH) return -1;
  const end = start + uint16(bytes, start + 2);
  if (bytes[start + 1] !== 4 || end > bytes.length) return -1;
  let at = start + 4;
  while (at + 4 <= end) {
    const kind = bytes[at] & ~LAST_OPTION;
    const length = bytes[at + 1];
    if (length < 4 || at + length > end) return -1;
    if (kind === OPT_NAK_LIST) {
      const list: number[] = [];
      for (let i = at + 4; i + 4 <= at + length; i += 4) {
        list.push(readUint32(bytes, i));
      }
      packet.list = list;
    } else if (kind === OPT_FRAGMENT && length >= 16) {
      packet.fragment = {
        first: readUint32(bytes, at + 4),
        offset: readUint32(bytes, at + 8),
        length: readUint32(bytes, at + 12),
      };
    } else if (kind === OPT_FIN) packet.fin = true;
    if ((bytes[at] & LAST_OPTION) !== 0) return end;
    at += length;
  }
  return -1;
}

function begin(
  type: number,
  from: number,
  to: number,
  gsi: Uint8Array,
  body: number,
): Uint8Array {
  const bytes = new Uint8Array(HEADER + body);
  bytes[0] = from >>> 8;
  bytes[1] = from;
  bytes[2] = to >>> 8;
  bytes[3] = to;
  bytes[4] = type;
  bytes.set(gsi, 8);
  return bytes;
}

function seal(bytes: Uint8Array): Uint8Array {
  // An all-zero checksum means that there is none.
  const sum = checksum(bytes) || 0xffff;
  bytes[6] = sum >>> 8;
  bytes[7] = sum;
  return bytes;
}

function nlaLength(address: readonly number[]): number {
  return 4 + address.length;
}

function writeNla(
  into: Uint8Array,
  at: number,
  address: readonly number[],
): number {
  into[at + 1] = address.length === 4 ? AFI_IPV4 : AFI_IPV6;
  into.set(address, at + 4);
  return at + nlaLength(address);
}

function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(uint16(bytes, i).toString(16));
  return groups.join(":");
}

/** The bytes of a literal address. */
export function nlaBytes(address: string): readonly number[] {
  const bytes = ipBytes(address);
  if (bytes === null) throw new TypeError(`${address} is no literal address`);
  return bytes;
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at] << 8 | bytes[at + 1];
}
