// A raw peer that shakes hands with a mechanism of ours, and then says what no
// decent library would. The keys are those of WIRE 14.2.

import { z85Decode } from "../../src/base/z85.ts";
import { x25519 } from "../../src/crypto/x25519.ts";
import { CurveClient, CurveServer } from "../../src/mechanisms/curve.ts";
import { CookieKey, type CurveKeys } from "../../src/mechanisms/curve_keys.ts";
import { type Mechanism, READY } from "../../src/mechanisms/mechanism.ts";
import type { RawPeer } from "./raw_peer.ts";
import { frame, greeting, property } from "./zmtp.ts";

/** Long-term keys of a server and a client, in Z85. */
export const SERVER_KEYS = {
  publicKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  secretKey: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
};
export const CLIENT_KEYS = {
  publicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  secretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
};

const entropy = (into: Uint8Array) => void crypto.getRandomValues(into);
const TOOLS = { x25519, entropy };

function raw({ publicKey, secretKey }: typeof SERVER_KEYS): CurveKeys {
  return {
    publicKey: z85Decode(publicKey)!,
    secretKey: z85Decode(secretKey)!,
  };
}

/** A client of CURVE that says it is of this socket type. */
export function curveClient(socketType: string): CurveClient {
  return clientOf(socketType, raw(SERVER_KEYS).publicKey);
}

/** The same, which vouches for a connection to another server. */
export function vouchingElsewhere(socketType: string): CurveClient {
  const key = raw(SERVER_KEYS).publicKey;
  const client = clientOf(socketType, key);
  // Its HELLO is made; the vouch is to come.
  key[0] ^= 1;
  return client;
}

function clientOf(socketType: string, serverKey: Uint8Array): CurveClient {
  return new CurveClient(
    property("Socket-Type", socketType),
    raw(CLIENT_KEYS),
    serverKey,
    TOOLS,
  );
}

/** A server of CURVE that says it is of this socket type, and lets everybody in. */
export function curveServer(socketType: string): CurveServer {
  return new CurveServer(
    property("Socket-Type", socketType),
    raw(SERVER_KEYS),
    new CookieKey(entropy),
    false,
    TOOLS,
  );
}

/** Greets, then goes on with a mechanism until `enough`, or until it is ready. */
export async function shake<M extends Mechanism>(
  peer: RawPeer,
  mechanism: M,
  enough: () => boolean = () => mechanism.state === READY,
): Promise<M> {
  await peer.connected();
  peer.write(greeting(mechanism.name));
  await peer.read(64);
  for (;;) {
    const word = mechanism.next();
    if (word !== null) peer.write(frame(4, word));
    if (enough()) return mechanism;
    mechanism.receive(await body(peer));
  }
}

/** The body of the next frame. */
async function body(peer: RawPeer): Promise<Uint8Array> {
  const [flags] = await peer.read(1);
  const size = await peer.read((flags & 2) !== 0 ? 8 : 1);
  const view = new DataView(size.buffer, size.byteOffset, size.length);
  return await peer.read(
    size.length === 1 ? size[0] : Number(view.getBigUint64(0)),
  );
}
