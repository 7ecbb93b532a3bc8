// The mechanism of a new connection, as the options of its socket say.

import type { Mechanism } from "../mechanisms/mechanism.ts";
import { NullMechanism } from "../mechanisms/null.ts";
import { PlainClient, PlainServer } from "../mechanisms/plain.ts";
import { curvePart } from "./curve_part.ts";
import { curveTools, decidesAbout } from "./security.ts";
import type { SessionSettings, SocketSide } from "./socket_side.ts";

/** Makes it; `accepted` is whether the peer came to us. */
export function makeMechanism(
  { properties, security }: SessionSettings,
  { reactor }: SocketSide,
  accepted: boolean,
): Mechanism {
  const { mechanism, server } = security;
  const asks = decidesAbout(security, accepted);
  if (mechanism === "PLAIN") {
    return server
      ? new PlainServer(properties, asks)
      : new PlainClient(properties, security.username, security.password);
  }
  if (mechanism === "CURVE") {
    const tools = curveTools(reactor.adapter);
    const { CurveClient, CurveServer } = curvePart();
    return server
      ? new CurveServer(
        properties,
        security.keys!,
        security.cookieKey!,
        asks,
        tools,
      )
      : new CurveClient(
        properties,
        security.keys!,
        security.serverKey!,
        tools,
      );
  }
  return new NullMechanism(properties, asks);
}
