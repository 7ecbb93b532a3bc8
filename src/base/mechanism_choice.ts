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

/**
 * What is chosen by an option that was set just now; null if it has no say. With `exact`
 * what is turned off leaves NULL in any case, as in libzmq.
 */
export function choiceOf(
  options: OptionValues,
  name: OptionName,
  exact: boolean,
): MechanismChoice | null {
  const given = options[name] !== null;
  switch (name) {
    case "plainServer":
      return options.plainServer
        ? "PLAIN server"
        : without(options, name, exact);
    case "plainUsername":
    case "plainPassword":
      return given ? "PLAIN client" : without(options, name, exact);
    case "curveServer":
      return options.curveServer
        ? "CURVE server"
        : without(options, name, exact);
    case "curveServerKey":
      return given ? "CURVE client" : without(options, name, exact);
    case "curvePublicKey":
    case "curveSecretKey": {
      const { server } = mechanismOf(options);
      if (given) return `CURVE ${server ? "server" : "client"}`;
      const last = !hasKeys(options) && options.mechanism === "CURVE client";
      return last ? "NULL" : null;
    }
    default:
      return null;
  }
}

/** What is left when an option was turned off: whoever has keys doesn't speak in clear. */
function without(
  options: OptionValues,
  name: OptionName,
  exact: boolean,
): MechanismChoice | null {
  if (exact || !hasKeys(options)) return "NULL";
  const { mechanism } = mechanismOf(options);
  return mechanism === "CURVE" && name !== "curveServer"
    ? null
    : "CURVE client";
}

function hasKeys(
  { curveServerKey, curvePublicKey, curveSecretKey }: OptionValues,
): boolean {
  return (curveServerKey ?? curvePublicKey ?? curveSecretKey) !== null;
}
