// Who may be taken back, and what the config becomes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import { planRejoin, type RejoinFacts, withNewKey } from "../../infra/core/rejoin.ts";
import { down, seen, silent } from "../support/observation.ts";
import { statusSeen } from "../support/status.ts";

const facts: RejoinFacts = {
  epoch: 5,
  fenced: ["publisher0", "server1"],
  seen: { epoch: 5, fenced: ["publisher0", "server1"] },
};
const active = { activePublisher: "publisher1" };

test("it leaves the fenced list, and the epoch is raised", () => {
  const config = { epoch: 6, fenced: ["server1"] };
  assert.deepEqual(planRejoin(statusSeen(active), facts, "publisher0"), { kind: "rejoin", config });
  const dead = statusSeen(active, (all) => seen(all, "dummy-nats0", down));
  assert.deepEqual(planRejoin(dead, facts, "publisher0"), { kind: "rejoin", config }, "it can be started");
});

test("one that was killed after it wrote the config goes on", () => {
  assert.deepEqual(planRejoin(statusSeen(active), { ...facts, epoch: 6, fenced: ["server1"] }, "publisher0"), {
    kind: "go on",
  });
});

test("out of reach, not fenced, misspelt, stale: refused", () => {
  const frozen = statusSeen(active, (all) => seen(all, "dummy-nats0", silent));
  const stale = { ...facts, seen: { ...facts.seen, epoch: 7 } };
  for (const [status, known, name, code] of [
    [frozen, facts, "publisher0", "host-unreachable"],
    [statusSeen(active), facts, "publisher1", "not-fenced"],
    [statusSeen(active), facts, "publisher", "no-such-name"],
    [statusSeen(active), stale, "publisher0", "stale-epoch"],
  ] as const) {
    assert.throws(
      () => planRejoin(status, known, name),
      (error) => error instanceof UserError && error.code === code && error.exitCode === 3,
    );
  }
});

test("a new key is another generation of that entry alone", () => {
  const list = [
    { name: "publisher0", rate: 10 },
    { name: "publisher1", generation: "2" },
  ];
  assert.deepEqual(withNewKey(list, "publisher0")[0], { name: "publisher0", rate: 10, generation: 1 });
  assert.deepEqual(withNewKey(list, "publisher1")[1], { name: "publisher1", generation: 3 });
});
