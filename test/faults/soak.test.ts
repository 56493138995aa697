// The short long run: 60 random events against the model. Where it fails, the error names its events: `npm run soak -- --only` runs them again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { longRun } from "../soak/long-run.ts";

test("60 random events: nobody twice, nobody late, only whom the model allows, and every end state is explained and healed", async (t) => {
  // The same one always: a gate must not fail for a change that is not in it. New ones are for `npm run soak`.
  const seed = 77;
  const done = await longRun({
    events: 60,
    seed,
    perRun: 40,
    longFreezeMs: 1_500,
    onEvent: ({ event, code, ms }) => t.diagnostic(`${event} ${code ?? ""} ${ms} ms`),
    onEnd: (explained) => t.diagnostic(explained),
  });
  assert.ok(done.length >= 60);
});
