// Several rules as one.

import { ZmqError } from "../base/errors.ts";
import type { Authenticate, Authenticated } from "../base/option_types.ts";

/**
 * Lets in whom every rule lets in, asked in their order until one refuses. The
 * user id and each property are those of the first rule that gives one. Throws
 * EINVAL without a rule.
 *
 * @example
 * ```ts
 * import { allOf, allowAddresses, allowPasswords } from "@nought/zeromq/auth";
 *
 * const rule = allOf(
 *   allowAddresses("192.168.0.0/16"),
 *   allowPasswords({ admin: "a long one" }),
 * );
 * console.log(typeof rule); // function
 * ```
 */
export function allOf(...rules: Authenticate[]): Authenticate {
  someRules(rules);
  return async (request) => {
    let whole: Authenticated = {};
    for (const rule of rules) {
      const answer = await rule(request);
      if (answer === true) continue;
      // What is no answer refuses, too.
      if (typeof answer !== "object") return answer;
      whole = {
        userId: whole.userId ?? answer.userId,
        metadata: { ...answer.metadata, ...whole.metadata },
      };
    }
    return whole;
  };
}

/**
 * Lets in whom one of the rules lets in, asked in their order; the peer is who
 * that rule says. A rule that throws refuses the peer, whatever comes after it.
 * Throws EINVAL without a rule.
 *
 * @example
 * ```ts
 * import { allowAddresses, allowPasswords, anyOf } from "@nought/zeromq/auth";
 *
 * const rule = anyOf(
 *   allowAddresses("127.0.0.1"),
 *   allowPasswords({ admin: "a long one" }),
 * );
 * console.log(typeof rule); // function
 * ```
 */
export function anyOf(...rules: Authenticate[]): Authenticate {
  someRules(rules);
  return async (request) => {
    for (const rule of rules) {
      const answer = await rule(request);
      if (answer !== false) return answer;
    }
    return false;
  };
}

function someRules(rules: readonly Authenticate[]): void {
  if (rules.length === 0) {
    throw new ZmqError("EINVAL", "Give at least one rule");
  }
}
