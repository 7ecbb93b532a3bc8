// A peer that speaks ZMTP 2.0 or 1.0 for real, as libzmq 3.2 and 2.x did: a
// greeting by those rules, frames in that layout, no commands.

import { SOCKET_TYPES, type SocketType } from "../../src/base/socket_type.ts";
import { concat } from "./bytes.ts";
import { RawPeer } from "./raw_peer.ts";
import { frame, legacyFrame } from "./zmtp.ts";

/** The versions before 3.0; the last says nothing of versions. */
export const OLD_VERSIONS = ["2.0", "1.0", "1.0 unversioned"] as const;
export type OldVersion = typeof OLD_VERSIONS[number];

const MORE = 1;
const LONG = 2;
const SIGNATURE = Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f);

export class OldPeer {
  /** What the other side calls itself, once greeted. */
  name: Uint8Array = new Uint8Array(0);
  readonly raw: RawPeer;
  readonly #version: OldVersion;
  readonly #type: SocketType;
  readonly #name: string;

  private constructor(
    raw: RawPeer,
    version: OldVersion,
    type: SocketType,
    name: string,
  ) {
    this.raw = raw;
    this.#version = version;
    this.#type = type;
    this.#name = name;
  }

  /** Listens for one connection; `greet` then waits for it. */
  static async listen(
    version: OldVersion,
    type: SocketType,
    name = "",
  ): Promise<OldPeer> {
    return new OldPeer(await RawPeer.listen(type), version, type, name);
  }

  /** Connects. */
  static async connect(
    address: string,
    version: OldVersion,
    type: SocketType,
    name = "",
  ): Promise<OldPeer> {
    const raw = await RawPeer.connect(address, type);
    return new OldPeer(raw, version, type, name);
  }

  get address(): string {
    return this.raw.address;
  }

  /** Says what this version says first, and hears the other side. */
  async greet(): Promise<void> {
    const { raw } = this;
    await raw.connected();
    if (this.#version === "1.0 unversioned") {
      raw.write(this.#frame(0, this.#name));
      // A signature reads as the header of a long frame.
      this.name = (await this.#read())[1];
      return;
    }
    const revision = this.#version === "2.0" ? 1 : 0;
    raw.write(concat(SIGNATURE, Uint8Array.of(revision)));
    const theirs = await raw.read(11);
    if (theirs[0] !== 0xff || theirs[10] < 1) throw new Error("no greeting");
    raw.write(Uint8Array.of(SOCKET_TYPES[this.#type].id));
    await raw.read(1);
    raw.write(this.#frame(0, this.#name));
    this.name = (await this.#read())[1];
  }

  /** Sends a message. */
  send(...frames: (Uint8Array | string)[]): void {
    const last = frames.length - 1;
    this.raw.write(
      concat(
        ...frames.map((body, i) => this.#frame(i < last ? MORE : 0, body)),
      ),
    );
  }

  /** Asks for a prefix, as subscribers of these versions do. */
  subscribe(prefix: string): void {
    this.send(`\u0001${prefix}`);
  }

  /** The next message. */
  async receive(): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = [];
    for (;;) {
      const [flags, body] = await this.#read();
      frames.push(body);
      if ((flags & MORE) === 0) return frames;
    }
  }

  close(): Promise<void> {
    return this.raw.close();
  }

  #frame(flags: number, body: Uint8Array | string): Uint8Array {
    return this.#version === "2.0"
      ? frame(flags, body)
      : legacyFrame(flags, body);
  }

  async #read(): Promise<[flags: number, body: Uint8Array]> {
    const { raw } = this;
    if (this.#version === "2.0") {
      const [flags] = await raw.read(1);
      const size = await raw.read((flags & LONG) !== 0 ? 8 : 1);
      return [flags, await raw.read(valueOf(size))];
    }
    let [length] = await raw.read(1);
    if (length === 0xff) length = valueOf(await raw.read(8));
    const [flags] = await raw.read(1);
    return [flags, await raw.read(length - 1)];
  }
}

function valueOf(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
