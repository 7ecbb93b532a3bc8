// Prints what the adapter of this runtime can do.

import { pickAdapter } from "../../adapters/pick.ts";

console.log(JSON.stringify([...pickAdapter().features]));
