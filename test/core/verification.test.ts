// What was heard, and what it means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeardMessage, Tally } from "../../infra/core/tally.ts";
import { type Listened, verificationOf } from "../../infra/core/verification.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { verifyTable } from "../../scripts/render/verify-table.ts";
import { testTopology } from "../support/topology.ts";

const topology = testTopology();

/** One message every 100 ms from `from` to `to`, numbered by the time. */
function stream(publisher: string | null, from: number, to: number, stamped = true): readonly HeardMessage[] {
  const times = Array.from({ length: Math.max(0, (to - from) / 100) }, (_, index) => from + 100 * index);
  return times.map((at) => ({ subject: "test", publisher, stamp: stamped ? at / 100 : null, at }));
}

function at(upstream: string, ...messages: readonly (readonly HeardMessage[])[]): Listened {
  const tally = new Tally(0, true);
  for (const one of messages.flat().toSorted((a, b) => a.at - b.at)) tally.hear(one);
  return { upstream, tally, reason: null };
}

function judged(...all: readonly Listened[]) {
  const answer = verificationOf(topology, all, { active: "publisher0", seconds: 3, now: 3_000 });
  return { answer, ok: answer.ok, codes: answer.problems.map(({ code, about }) => `${code} ${about}`) };
}

const fine = (upstream: string) => at(upstream, stream("publisher0", 0, 3_000));

test("the active publisher heard everywhere, nothing doubled", () => {
  const { answer } = judged(fine("server0"), fine("server1"));
  assert.deepEqual(answer, {
    schema: 1,
    stack: "test",
    activePublisher: "publisher0",
    seconds: 3,
    stamps: true,
    ok: true,
    problems: [],
    upstreams: ["server0", "server1"].map((name) => ({
      name,
      reason: null,
      publishers: [
        { name: "publisher0", role: "active", heard: 30, doubled: 0, missing: 0, longestSilenceMs: 100 },
        { name: "publisher1", role: "standby", heard: 0, doubled: 0, missing: 0, longestSilenceMs: 3_000 },
      ],
    })),
  });
});

test("both publishers heard: every number comes twice, and they are heard at the same time", () => {
  const both = at("server1", stream("publisher0", 0, 3_000), stream("publisher1", 0, 3_000));
  assert.deepEqual(judged(fine("server0"), both), {
    answer: judged(fine("server0"), both).answer,
    ok: false,
    codes: ["two-heard server1", "two-heard publisher1"],
  });
});

test("each heard at another upstream: a client of both hears two", () => {
  const { codes } = judged(fine("server0"), at("server1", stream("publisher1", 0, 3_000)));
  assert.deepEqual(codes, ["two-heard publisher1", "not-heard publisher0"]);
});

test("a flip while it listened is no fault", () => {
  const flip = (name: string) => at(name, stream("publisher0", 0, 1_500), stream("publisher1", 1_600, 3_000));
  const { ok } = judged(flip("server0"), flip("server1"));
  assert.equal(ok, true);
});

test("nothing heard, or silence for longer than the stack allows", () => {
  assert.deepEqual(judged(fine("server0"), at("server1")).codes, ["not-heard publisher0"]);
  const late = at("server1", stream("publisher0", 2_500, 3_000));
  assert.match(judged(late).answer.problems[0]?.text ?? "", /at server1 publisher0 was silent for 2500 ms/);
});

test("where nobody could listen it is not ok", () => {
  const deaf = { upstream: "server1", tally: null, reason: "nobody listens there" };
  const { answer, codes } = judged(fine("server0"), deaf);
  assert.deepEqual(codes, ["not-listened server1"]);
  assert.equal(answer.upstreams[1]?.publishers, null);
});

test("messages that name nobody count as heard; without stamps it says what it cannot count", () => {
  const plain = (name: string) => at(name, stream(null, 0, 3_000, false));
  const { answer, ok } = judged(plain("server0"), plain("server1"));
  assert.equal(ok, true);
  assert.equal(answer.stamps, false);
  assert.match(verifyTable(answer, keptOutput().paint), /no stamp that can be compared, so doubled and missing/);
});

test("a publisher that the stack does not know is named", () => {
  const { answer, ok } = judged(at("server0", stream("publisher0", 0, 3_000), stream("stranger", 0, 3_000)));
  assert.equal(ok, false);
  assert.deepEqual(
    answer.upstreams[0]?.publishers?.map(({ name, role }) => [name, role]),
    [
      ["publisher0", "active"],
      ["publisher1", "standby"],
      ["stranger", "unknown"],
    ],
  );
});

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
