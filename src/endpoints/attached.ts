// The endpoint of WebSockets that a server of the user's has accepted.

import { tcpTarget } from "../transports/tcp_target.ts";
import { Acceptor } from "./acceptor.ts";
import * as curve from "./curve.ts";
import { provideCurve } from "./curve_part.ts";
import type { EndpointOwner } from "./endpoint.ts";
import type { SocketSide } from "./socket_side.ts";

/** How it is called. */
const ADDRESS = "ws://attached";

/** Makes it; it listens to nothing. */
export function attached(socket: SocketSide, owner: EndpointOwner): Acceptor {
  // What comes is there already.
  provideCurve(curve);
  const nowhere = tcpTarget("attached", 1, null, socket.options);
  return new Acceptor(socket, ADDRESS, nowhere, null, owner);
}
