// What was heard, and what it means.

import assert from "node:assert/strict";
import { test } from "node:test";
import { at, fine, judged, judgedWith, stream } from "../support/heard.ts";

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
    clocks: [],
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

test("clocks that differ are told by the newest number of both; of whom nothing was heard they are not known", () => {
  const own = (late: number) => stream("publisher1", 0, 3_000).map((one) => ({ ...one, at: one.at + late }));
  const clocks = (late: number) =>
    judgedWith(
      new Map([
        ["publisher0", stream("publisher0", 0, 3_000)],
        ["publisher1", own(late)],
      ]),
      fine("server0"),
    );
  assert.deepEqual(clocks(200).answer.clocks, [{ publisher: "publisher1", behindMs: 200, stepped: false }]);
  assert.deepEqual(clocks(-200).answer.clocks, [{ publisher: "publisher1", behindMs: -200, stepped: false }]);
  assert.ok(clocks(200).ok, "a difference is no fault");
  const silent = judgedWith(
    new Map([
      ["publisher0", stream("publisher0", 0, 3_000)],
      ["publisher1", null],
    ]),
    fine("server0"),
  );
  assert.deepEqual(silent.answer.clocks, [{ publisher: "publisher1", behindMs: null, stepped: null }]);
});

test("a publisher whose clock went back: what is doubled of it is unknown, and no false number; what is doubled of others is one", () => {
  const back = [...stream("publisher0", 0, 1_500), ...stream("publisher0", 1_300, 3_000)].map((one, index) => ({
    ...one,
    at: 100 * index,
  }));
  const { answer, codes, ok } = judgedWith(new Map([["publisher0", back]]), at("server0", back));
  assert.deepEqual([codes, ok], [["numbers-repeat publisher0"], false]);
  assert.deepEqual([answer.upstreams[0]?.publishers?.[0]?.doubled, answer.stamps], [null, true]);
  const both = at("server0", back, stream("publisher1", 0, 3_000));
  assert.ok(judgedWith(new Map([["publisher0", back]]), both).codes.includes("two-heard server0"));
  const unnamed = back.map((one) => ({ ...one, publisher: null }));
  assert.deepEqual(judgedWith(new Map([["publisher0", back]]), at("server0", unnamed)).codes, [
    "numbers-repeat publisher0",
  ]);
});
