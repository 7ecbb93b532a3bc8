// The subprotocols of a WebSocket (RFC 45): the mechanism is said in them.

/** ZWS without a mechanism: each side says its routing id. */
export const PLAIN_ZWS = "ZWS2.0";
/** What browsers may say, where a slash is no part of a name. */
const BROWSER_ZWS = "ZWS2.0-";

/** The subprotocols of a mechanism, as a client offers them. */
export function offered(mechanism: string): string[] {
  const named = `ZWS2.0/${mechanism}`;
  return mechanism === "NULL" ? [named, PLAIN_ZWS] : [named];
}

/** The same as a browser offers them. */
export function browserOffers(mechanism: string): string[] {
  const named = `${BROWSER_ZWS}${mechanism}`;
  return mechanism === "NULL" ? [named, PLAIN_ZWS] : [named];
}

/** The mechanism that a subprotocol stands for; `null` without one. */
export function mechanismNamed(protocol: string): string | null {
  return protocol === PLAIN_ZWS ? null : protocol.slice(PLAIN_ZWS.length + 1);
}

/** The subprotocols in a header of a client. */
export function offersIn(header: string | null): string[] {
  return (header ?? "").split(",").map((offer) => offer.trim());
}

/** What a server chooses of what a client offers: a mechanism before none. */
export function chosen(
  offers: readonly string[],
  mechanism: string,
): string | null {
  const named = [`ZWS2.0/${mechanism}`, `${BROWSER_ZWS}${mechanism}`];
  const found = offers.find((offer) => named.includes(offer));
  if (found !== undefined) return found;
  return mechanism === "NULL" && offers.includes(PLAIN_ZWS) ? PLAIN_ZWS : null;
}
