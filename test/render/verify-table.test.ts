// What was heard, for people, as it is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keptOutput } from "../../scripts/render/output.ts";
import { verifyTable } from "../../scripts/render/verify-table.ts";
import { at, fine, judged, stream } from "../support/heard.ts";

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
