// Contexts of other programs than the one that the tests are.

import {
  type Program,
  programAtHand,
  runsAs,
} from "../../src/sockets/program.ts";

/** Makes something as another program would. */
export function asProgram<T>(program: Partial<Program>, make: () => T): T {
  const here = programAtHand();
  runsAs({ ...here, ...program });
  try {
    return make();
  } finally {
    runsAs(here);
  }
}
