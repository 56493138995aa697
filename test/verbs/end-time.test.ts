// When a pause ends, as it is typed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthOfTime, momentAfter } from "../../scripts/verbs/end-time.ts";

test("lengths of time", () => {
  for (const [input, ms] of [
    ["2h", 7_200_000],
    ["90m", 5_400_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
  ] as const)
    assert.equal(lengthOfTime(input), ms);
  for (const input of ["", "2", "h", "2 h", "0h", "2x", "-2h", "31d", "2h!"])
    assert.throws(() => lengthOfTime(input), /no length/);
});

test("moments: whole ones, and the next time of day", () => {
  const now = new Date(2026, 0, 1, 12, 0).getTime();
  assert.equal(momentAfter(now, "18:00"), new Date(2026, 0, 1, 18, 0).getTime());
  assert.equal(momentAfter(now, "9:30"), new Date(2026, 0, 2, 9, 30).getTime());
  const soon = new Date(now + 60_000).toISOString();
  assert.equal(momentAfter(now, soon), now + 60_000);
  for (const input of ["", "soon", "25:00", "2020-01-01T00:00:00Z", "2026-01-01", "2030-01-01T00:00:00Z"])
    assert.throws(() => momentAfter(now, input), /is no time/);
});
