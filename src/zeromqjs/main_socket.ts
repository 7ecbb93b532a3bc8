// The socket of the library behind one of zeromq.js, by type.

import {
  Client,
  Datagram,
  Dealer,
  Dish,
  Gather,
  Pair,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Scatter,
  Server,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import type { SocketType } from "../base/socket_type.ts";
import type { Context } from "../sockets/context.ts";
import type { RouterPattern } from "../patterns/router.ts";
import { coreOf, type Socket } from "../sockets/socket.ts";
import { errnoError } from "./errno_error.ts";

/** Makes a socket of a type. */
export function mainSocket(type: SocketType, context: Context): Socket {
  const options = { context };
  switch (type) {
    case "PAIR":
      return new Pair(options);
    case "PUB":
      return new Publisher(options);
    case "SUB":
      return new Subscriber(options);
    case "REQ":
      return new Request(options);
    case "REP":
      return new Reply(options);
    case "DEALER":
      return new Dealer(options);
    case "ROUTER": {
      const router = new Router(options);
      (coreOf(router).pattern as RouterPattern).patient = true;
      return router;
    }
    case "PULL":
      return new Pull(options);
    case "PUSH":
      return new Push(options);
    case "XPUB":
      return new XPublisher(options);
    case "XSUB":
      return new XSubscriber(options);
    case "STREAM":
      return new Stream(options);
    case "SERVER":
      return new Server(options);
    case "CLIENT":
      return new Client(options);
    case "RADIO":
      return new Radio(options);
    case "DISH":
      return new Dish(options);
    case "GATHER":
      return new Gather(options);
    case "SCATTER":
      return new Scatter(options);
    case "DGRAM":
      return new Datagram(options);
    default:
      throw errnoError("EINVAL");
  }
}
