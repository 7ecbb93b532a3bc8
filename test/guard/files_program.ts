// What a program meets that may read its own modules and no other file.

import { Pull, ZmqError } from "../../mod.ts";
import { readCertificate } from "../../src/auth/auth.ts";

const told = (error: unknown) =>
  error instanceof ZmqError ? error.code : `${error}`;

const pull = new Pull();
try {
  await pull.bind("ipc://*");
  console.log("bound");
} catch (error) {
  console.log(told(error));
}
try {
  readCertificate("/nowhere/a.key");
} catch (error) {
  console.log(told(error));
}
pull.close();
