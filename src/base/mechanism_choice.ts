// Which security mechanism the options of a socket choose.

import type { OptionValues } from "./option_types.ts";

/** The mechanism that options choose: CURVE before PLAIN, the server before the client. */
export function mechanismOf(
  options: OptionValues,
): { mechanism: "NULL" | "PLAIN" | "CURVE"; server: boolean } {
  if (options.curveServer) return { mechanism: "CURVE", server: true };
  if (options.curveServerKey !== null) {
    return { mechanism: "CURVE", server: false };
  }
  if (options.plainServer) return { mechanism: "PLAIN", server: true };
  if (options.plainUsername !== null) {
    return { mechanism: "PLAIN", server: false };
  }
  return { mechanism: "NULL", server: false };
}
