// PLAIN: who knows the password of a name may come in.

import { sameBytes } from "../base/bytes.ts";
import type { Authenticate } from "../base/option_types.ts";
import { encodeText } from "../base/utf8.ts";

/**
 * Lets in who comes with PLAIN and one of these names and its password; the name
 * is the user id. How long it takes tells nothing of the passwords.
 *
 * @throws {TypeError} if a password is no text.
 *
 * @example
 * ```ts
 * import { Reply } from "@nought/zeromq";
 * import { allowPasswords } from "@nought/zeromq/auth";
 *
 * using reply = new Reply({
 *   plainServer: true,
 *   authenticate: allowPasswords({ admin: "a long one" }),
 * });
 * await reply.bind("tcp://127.0.0.1:*");
 * ```
 */
export function allowPasswords(
  passwords: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
): Authenticate {
  const pairs = passwords instanceof Map
    ? passwords
    : Object.entries(passwords as Record<string, string>);
  const expected = new Map<string, Uint8Array>();
  // Copies: short text is encoded into a slab, which they would hold.
  for (const [name, word] of pairs) {
    if (typeof word !== "string") {
      throw new TypeError(
        `The password of ${name} is a text, not ${typeof word}`,
      );
    }
    expected.set(name, encodeText(word).slice());
  }
  return ({ username, password }) => {
    if (username === null || password === null) return false;
    const given = encodeText(password);
    const known = expected.get(username);
    // A name that nobody has takes as long as one that somebody has.
    const same = sameBytes(given, known ?? given);
    return known !== undefined && same && { userId: username };
  };
}
