// Which security mechanism the options of a socket choose: as in libzmq, the one that
// was set last does.

import type { OptionName, OptionValues } from "./option_types.ts";

/** A mechanism, and which end of it. */
export type MechanismChoice =
  | "NULL"
  | "PLAIN client"
  | "PLAIN server"
  | "CURVE client"
  | "CURVE server";

/** The mechanism that options have chosen. */
export function mechanismOf(
  { mechanism }: Pick<OptionValues, "mechanism">,
): { mechanism: "NULL" | "PLAIN" | "CURVE"; server: boolean } {
  const [name, end] = mechanism.split(" ");
  return {
    mechanism: name as "NULL" | "PLAIN" | "CURVE",
    server: end === "server",
  };
}

/** What is chosen by an option that was set just now; null if it has no say. */
export function choiceOf(
  options: OptionValues,
  name: OptionName,
): MechanismChoice | null {
  const given = options[name] !== null;
  switch (name) {
    case "plainServer":
      return options.plainServer ? "PLAIN server" : "NULL";
    case "plainUsername":
    case "plainPassword":
      return given ? "PLAIN client" : "NULL";
    case "curveServer":
      return options.curveServer ? "CURVE server" : "NULL";
    case "curveServerKey":
      return given ? "CURVE client" : "NULL";
    case "curvePublicKey":
    case "curveSecretKey": {
      // Whoever has keys doesn't speak in clear.
      const { server } = mechanismOf(options);
      return given ? `CURVE ${server ? "server" : "client"}` : null;
    }
    default:
      return null;
  }
}
