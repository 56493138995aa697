// What was heard, for people, as it is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keptOutput } from "../../scripts/render/output.ts";
import { verifyTable } from "../../scripts/render/verify-table.ts";
import { at, fine, judged, judgedWith, stream } from "../support/heard.ts";

test("the table", () => {
  const both = at("server1", stream("publisher0", 0, 3_000), stream("publisher1", 1_000, 1_200));
  assert.equal(
    verifyTable(
      judged(fine("server0"), both, { upstream: "server2", tally: null, reason: "no answer in time" }).answer,
      keptOutput().paint,
    ),
    `NOT OK  stack test, 3 s: see below

UPSTREAM  PUBLISHER   ROLE     HEARD  DOUBLED  MISSING  LONGEST SILENCE
server0   publisher0  active   30     0        0        100 ms
server0   publisher1  standby  0      0        0        3000 ms
server1   publisher0  active   30     0        0        100 ms
server1   publisher1  standby  2      2        0        1900 ms
server2   ?

nobody could listen at server2: no answer in time
  > natsby status; natsby logs server2

at server1 2 messages came twice, or late
  > natsby status says who is linked; pulumi up detaches every dummy but the
    active one's

publisher0 and publisher1 are heard at the same time
  > natsby status says who is linked; pulumi up detaches every dummy but the
    active one's
`,
  );
});

test("where messages have no stamp it says what cannot be counted", () => {
  const plain = (name: string) => at(name, stream(null, 0, 3_000, false));
  const text = verifyTable(judged(plain("server0"), plain("server1")).answer, keptOutput().paint);
  assert.match(text, /no stamp that can be compared, so doubled and missing ones cannot\nbe counted/);
  assert.match(text, /server1 +\(not named\) +unnamed +30 +\? +\? +100 ms/);
});

test("clocks are told where they differ by more than a busy machine makes of it, or are not known", () => {
  const told = (ms: number | null) => {
    const standby = ms === null ? null : stream("publisher1", 0, 3_000).map((one) => ({ ...one, at: one.at + ms }));
    const own = new Map([
      ["publisher0", stream("publisher0", 0, 3_000)],
      ["publisher1", standby],
    ]);
    const text = verifyTable(judgedWith(own, fine("server0")).answer, keptOutput().paint);
    return /^clocks.*$/m.exec(text)?.[0];
  };
  assert.equal(told(3), undefined);
  assert.equal(told(203), "clocks against publisher0: publisher1 203 ms behind");
  assert.equal(told(-203), "clocks against publisher0: publisher1 203 ms ahead");
  assert.equal(told(null), "clocks against publisher0: publisher1 not known");
});
