// Up and destroyed a few times. Fifty times: `npm run soak -- --rounds 50`.

import { test } from "node:test";
import { againAndAgain } from "../soak/again-and-again.ts";
import { makeProject } from "../support/project.ts";

test("pulumi up and pulumi destroy, again and again: no process, no port and no file is left", async (t) => {
  await using project = makeProject();
  await againAndAgain(project, { rounds: 3, onRound: (round, ms) => t.diagnostic(`${round}: ${Math.round(ms)} ms`) });
});
