// Which security mechanism the options of a socket choose: as in libzmq, the one that
// was set last does; but none that is turned off leaves keys of CURVE unused, in clear.

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
      return options.plainServer ? "PLAIN server" : without(options, name);
    case "plainUsername":
    case "plainPassword":
      return given ? "PLAIN client" : without(options, name);
    case "curveServer":
      return options.curveServer ? "CURVE server" : without(options, name);
    case "curveServerKey":
      return given ? "CURVE client" : without(options, name);
    case "curvePublicKey":
    case "curveSecretKey":
      return given ? withKeys(options, name) : null;
    default:
      return null;
  }
}

/** What is left when an option was taken back: whoever has keys doesn't speak in clear. */
function without(options: OptionValues, name: OptionName): MechanismChoice {
  const { curveServerKey, curvePublicKey, curveSecretKey } = options;
  const keys = curveServerKey ?? curvePublicKey ?? curveSecretKey;
  return keys === null ? "NULL" : withKeys(options, name);
}

/** CURVE, for who has keys and stays at the end that was chosen. */
function withKeys(options: OptionValues, name: OptionName): MechanismChoice {
  const { server } = mechanismOf(options);
  return `CURVE ${server && name !== "curveServer" ? "server" : "client"}`;
}
