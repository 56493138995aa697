// Up and destroyed a few times. Fifty times: `npm run soak -- --rounds 50`.

import { test } from "node:test";
import { againAndAgain } from "../soak/again-and-again.ts";
import { freePorts } from "../support/ports.ts";
import { makeProject } from "../support/project.ts";

test("pulumi up and pulumi destroy, again and again: no process, no port and no file is left", async (t) => {
  // Of its own: between two rounds nobody holds them, and other tests take the usual ones.
  const [basePort] = await freePorts(1);
  await using project = makeProject({ config: { basePort: String(basePort) } });
  await againAndAgain(project, { rounds: 3, onRound: (round, ms) => t.diagnostic(`${round}: ${Math.round(ms)} ms`) });
});
