// Connects to an address of wss, trusting whom the runtime trusts, and sends a word.

import process from "node:process";
import { Push } from "../../mod.ts";

const push = new Push({ wssTrustSystem: true });
push.connect(process.argv[2]);
await push.send("trusted", { flushed: true });
await push.closeAsync();
