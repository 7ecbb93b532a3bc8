// Any mechanism: who comes from one of these addresses may come in.

import { type AddressRange, inRange, parseRange } from "../base/cidr.ts";
import { ZmqError } from "../base/errors.ts";
import type { Authenticate } from "../base/option_types.ts";

/**
 * Lets in who comes from an address, or a range of them as `address/bits`; nobody
 * over ipc, which has no addresses. Throws EINVAL for what is neither.
 *
 * @example
 * ```ts
 * import { Pull } from "@nought/zeromq";
 * import { allowAddresses } from "@nought/zeromq/auth";
 *
 * using pull = new Pull({ authenticate: allowAddresses("10.0.0.0/8", "::1") });
 * await pull.bind("tcp://127.0.0.1:*");
 * ```
 */
export function allowAddresses(...ranges: string[]): Authenticate {
  const allowed: AddressRange[] = ranges.map((text) => {
    const range = parseRange(text);
    if (range !== null) return range;
    throw new ZmqError(
      "EINVAL",
      `${text} is no address and no range such as 10.0.0.0/8`,
    );
  });
  return ({ address }) => allowed.some((range) => inRange(address, range));
}
