// Where a rolling change stands, by what was placed on the hosts and who is heard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { dummyPlan, publisherPlan } from "../../infra/core/plan.ts";
import { planRoll } from "../../infra/core/roll.ts";
import { down, seen } from "../support/observation.ts";
import { statusSeen } from "../support/status.ts";
import { testTopology } from "../support/topology.ts";

const topology = testTopology();
const placed = topology.publishers.flatMap((one) => [dummyPlan(topology, one), publisherPlan(topology, one)]);
const newer = { ...topology, natsServerVersion: "2.15.3" };

test("a change that restarts the active one needs a flip to a healthy standby", () => {
  assert.deepEqual(planRoll(newer, statusSeen(), placed), {
    active: "publisher0",
    restarts: ["dummy-nats0: version"],
    to: "publisher1",
  });
});

test("nothing that restarts it: no flip; after the flip the roll goes on without one", () => {
  assert.equal(planRoll(topology, statusSeen(), placed).to, null);
  const halfway = placed.map((plan) =>
    plan.name === "dummy-nats1" ? dummyPlan(newer, newer.publishers[1] as (typeof newer.publishers)[number]) : plan,
  );
  assert.equal(planRoll(newer, statusSeen({ activePublisher: "publisher1" }), halfway).to, null);
});

test("without a fit standby, or with nobody heard, it is refused", () => {
  const alone = statusSeen({}, (all) => seen(all, "dummy-nats1", down));
  assert.throws(() => planRoll(newer, alone, placed), /no standby is healthy/);
  const nobody = statusSeen({}, (all) => ({ ...all, upstreams: all.upstreams.map((one) => ({ ...one, links: [] })) }));
  assert.throws(() => planRoll(newer, nobody, placed), /exactly one that is heard; now it is: nobody/);
});
