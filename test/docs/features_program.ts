// Prints what the adapter of this runtime can do.

import { pickAdapter } from "../../adapters/pick.ts";
import { abilitiesOf } from "../../src/sockets/capability.ts";

console.log(JSON.stringify([...abilitiesOf(pickAdapter()).features]));
