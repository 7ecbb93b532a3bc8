// Writes the program that hides and shows messages anew, as bytes: `deno task wasm`.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assembled } from "./message_program.ts";
import { moduleText } from "./module_text.ts";

writeFileSync(
  fileURLToPath(
    new URL("../../../src/mechanisms/message_module.ts", import.meta.url),
  ),
  moduleText(assembled()),
);
