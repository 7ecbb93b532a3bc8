// Plans a listener over streams.

import { Acceptor } from "./acceptor.ts";
import { onceSecure } from "./curve_part.ts";
import type { Listening } from "./stream_carrier.ts";
import { around } from "./wrapping.ts";

/** Plans a listener. */
export const listening: Listening = (
  { address, place },
  transport,
  socket,
  owner,
) => {
  const { features } = socket.reactor.adapter;
  const target = transport.listenTarget(place, socket.options, features);
  return {
    targets: [target],
    make: () => {
      const endpoint = new Acceptor(
        socket,
        address,
        target,
        around(transport, place, socket, true),
        owner,
      );
      const name = (local: string) => transport.endpoint(local, place);
      const start = () => onceSecure(socket, () => endpoint.listen(name));
      return { endpoint, start };
    },
  };
};
