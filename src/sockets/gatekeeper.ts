// Who lets peers of a socket in: its `authenticate`, a ZAP handler of the context,
// or nobody, as libzmq has it.
//
//                  NULL with a domain   server of PLAIN   server of CURVE
//   no handler     accepted             refused           accepted
//   and enforced   refused              refused           refused, with a domain
//
// Enforced without a domain, no handler is asked, also where there is one.

import { EMPTY } from "../base/message.ts";
import { encodeProperties, type Property } from "../base/metadata.ts";
import { mechanismOf } from "../base/mechanism_choice.ts";
import type {
  Authenticate,
  Authenticated,
  OptionValues,
} from "../base/option_types.ts";
import { hostOfPeer } from "../base/peer_address.ts";
import { decodeText, encodeText } from "../base/utf8.ts";
import { z85Encode } from "../base/z85.ts";
import type { Judges } from "../endpoints/security.ts";
import type {
  Admission,
  Authority,
  Question,
} from "../endpoints/socket_side.ts";
import { type Credentials, refusal } from "../mechanisms/mechanism.ts";
import type { InprocRegistry } from "../transports/inproc.ts";
import { askHandler, hasHandler, notAnswered } from "./zap.ts";

const ADMITTED: Admission = { fault: null, properties: EMPTY };

export class Gatekeeper implements Authority {
  readonly #inproc: InprocRegistry;
  readonly #routingId: () => Uint8Array;

  constructor(inproc: InprocRegistry, routingId: () => Uint8Array) {
    this.#inproc = inproc;
    this.#routingId = routingId;
  }

  judge(
    credentials: Credentials,
    peer: string,
    { authenticate, zapDomain, zapEnforceDomain }: Judges,
  ): Admission | Question {
    const address = hostOfPeer(peer);
    const domain = zapDomain ?? "";
    const routingId = this.#routingId();
    if (authenticate !== null) {
      const answer = ask(
        authenticate,
        credentials,
        address,
        domain,
        routingId,
      );
      return { answer, withdraw: () => {} };
    }
    const enforced = zapEnforceDomain && domain !== "";
    const inproc = this.#inproc;
    const judge = (handled: boolean) => {
      if (handled) {
        return askHandler(inproc, domain, address, routingId, credentials);
      }
      return credentials.mechanism === "PLAIN" || enforced
        ? notAnswered("there is no ZAP handler, and no authenticate option")
        : ADMITTED;
    };
    const handled = (enforced || !zapEnforceDomain) && hasHandler(inproc);
    return typeof handled === "boolean"
      ? judge(handled)
      : judgeLater(handled, judge);
  }
}

/** Whether peers may come whom a handler is asked about. */
export function mayAskHandler(options: OptionValues): boolean {
  const { authenticate, zapDomain } = options;
  return authenticate === null &&
    (zapDomain !== null || mechanismOf(options).server);
}

/** Judges once it is known whether there is a handler. */
function judgeLater(
  handled: Promise<boolean>,
  judge: (handled: boolean) => Admission | Question,
): Question {
  let withdraw = () => {};
  let withdrawn = false;
  const answer = handled.then((found) => {
    if (withdrawn) return notAnswered("the peer has gone");
    const judged = judge(found);
    if (!("answer" in judged)) return judged;
    withdraw = judged.withdraw;
    return judged.answer;
  });
  return {
    answer,
    withdraw: () => {
      withdrawn = true;
      withdraw();
    },
  };
}

/** Asks; what is answered at once is there at once, also for a thread that blocks. */
function ask(
  authenticate: Authenticate,
  credentials: Credentials,
  address: string,
  domain: string,
  routingId: Uint8Array,
): Admission | Promise<Admission> {
  const { mechanism, username, password, publicKey } = credentials;
  try {
    const answer = authenticate({
      mechanism,
      address,
      domain,
      routingId,
      username: username === null ? null : utf8(username),
      password: password === null ? null : utf8(password),
      publicKey: publicKey === null ? null : z85Encode(publicKey),
    });
    if (typeof answer !== "object" || !("then" in answer)) {
      return admission(answer);
    }
    return Promise.resolve(answer).then(admission).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

/** What it threw is told here, and not to the peer. */
function failed(error: unknown): Admission {
  return { fault: refusal("500", error), properties: EMPTY };
}

function admission(answer: Authenticated | boolean): Admission {
  if (answer === false) return { fault: refusal("400"), properties: EMPTY };
  return answer === true ? ADMITTED : admitted(answer);
}

/** Throws for what is no answer, as of a program without types: that lets nobody in. */
function admitted(answer: Authenticated): Admission {
  if (typeof answer !== "object") {
    throw new TypeError("authenticate answers true, false, or with a userId");
  }
  const { userId, metadata } = answer;
  const properties: Property[] = [];
  const say = (name: string, value: string) => {
    if (!/^[ -~]{1,255}$/.test(name) || typeof value !== "string") {
      throw new TypeError(
        "metadata is names of 1 to 255 letters with texts, and so is userId a text",
      );
    }
    properties.push([name, encodeText(value)]);
  };
  if (userId !== undefined) say("User-Id", userId);
  for (const [name, value] of Object.entries(metadata ?? {})) say(name, value);
  return { fault: null, properties: encodeProperties(properties) };
}

/** Text of bytes that were read as one character each. */
function utf8(latin: string): string {
  return decodeText(Uint8Array.from(latin, (one) => one.charCodeAt(0)));
}
