// What a failover gives up and what the config becomes: a table of what is seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import { type FailoverAsked, type FailoverFacts, planFailover } from "../../infra/core/failover.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { down, link, seen, silent } from "../support/observation.ts";
import { statusSeen } from "../support/status.ts";

const asked: FailoverAsked = { to: "publisher1", reason: "gone", giveUp: [], acceptUnfenced: false };
const facts: FailoverFacts = { activePublisher: "publisher0", epoch: 4, fenced: [], last: "publisher0", epochSeen: 4 };
const frozen = (all: Observation): Observation => seen(all, "dummy-nats0", { ...silent, publishing: null });

function plan(over: Partial<FailoverAsked> = {}, known: Partial<FailoverFacts> = {}, change = frozen) {
  return planFailover(statusSeen({}, change), { ...facts, ...known }, { ...asked, ...over });
}

test("whom the upstreams still list is given up, and the epoch is raised past any seen", () => {
  const config = { activePublisher: "publisher1", epoch: 5, fenced: ["publisher0"] };
  assert.deepEqual(plan(), { kind: "failover", givenUp: "publisher0", config });
  assert.deepEqual(plan({ giveUp: ["server1"] }).config.fenced, ["publisher0", "server1"]);
});

test("where nobody is linked any more, it is whom the journal names", () => {
  const gone = (all: Observation): Observation =>
    ["server0", "server1"].reduce((now, name) => seen(now, name, { links: [link("server2")] }), frozen(all));
  assert.equal(plan({}, {}, gone).givenUp, "publisher0");
  assert.deepEqual(plan({}, { last: null }, gone).config.fenced, []);
});

test("one that was killed after it wrote the config goes on with the same epoch", () => {
  const begun = { activePublisher: "publisher1", epoch: 5, fenced: ["publisher0"] };
  for (const epochSeen of [4, 5]) assert.equal(plan({}, { ...begun, epochSeen }).config.epoch, 5);
  assert.equal(plan({ giveUp: ["server1"] }, { ...begun, epochSeen: 5 }).config.epoch, 6, "another fenced list");
});

test("done before: already", () => {
  const done = { activePublisher: "publisher0", fenced: ["publisher1"] };
  assert.equal(plan({ to: "publisher0" }, done, (all) => all).kind, "already");
});

for (const [what, over, known, change, code] of [
  ["whom is heard already", { to: "publisher0" }, {}, undefined, "target-active"],
  ["a misspelt target", { to: "publsher1" }, {}, undefined, "no-such-name"],
  ["a misspelt upstream", { giveUp: ["servr1"] }, {}, undefined, "no-such-name"],
  ["a fenced target", {}, { fenced: ["publisher1"] }, undefined, "target-fenced"],
  ["a target that is dead", {}, {}, (all) => seen(frozen(all), "dummy-nats1", down), "target-unknown"],
  [
    "a target that is silent",
    {},
    {},
    (all) => seen(frozen(all), "dummy-nats1", { publishing: false }),
    "target-silent",
  ],
  ["a stale config", {}, { epochSeen: 5 }, undefined, "stale-epoch"],
  ["every upstream given up", { giveUp: ["server0", "server1"] }, {}, undefined, "refused"],
] as readonly (readonly [
  string,
  Partial<FailoverAsked>,
  Partial<FailoverFacts>,
  typeof frozen | undefined,
  string,
])[]) {
  test(`${what} is refused: ${code}`, () => {
    assert.throws(
      () => plan(over, known, change),
      (error) => error instanceof UserError && error.code === code && error.exitCode === 3,
    );
  });
}
