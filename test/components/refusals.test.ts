// What a program refuses before anything is touched: one row a change, judged by who is heard now.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Recorded } from "../../infra/components/recorded.ts";
import { refuseRisks } from "../../infra/components/refusals.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { dummyPlan, publisherPlan } from "../../infra/core/plan.ts";
import type { Problem } from "../../infra/core/problems.ts";
import type { Publisher, Topology } from "../../infra/core/topology.ts";
import { healthy } from "../support/observation.ts";
import { testPublisher, testTopology } from "../support/topology.ts";

const deployed = testTopology();
const applied = deployed.publishers.flatMap((publisher) => [
  { plan: dummyPlan(deployed, publisher), natsServer: "/bin/nats-server" },
  { plan: publisherPlan(deployed, publisher) },
]);
const recorded: Recorded = { activePublisher: "publisher0", epoch: 0, lastCutover: null, resources: [] };
/** Observed: publisher0 is heard. */
const observation = healthy(deployed);
const nobodyHeard: Observation = {
  ...observation,
  upstreams: observation.upstreams.map((upstream) => ({ ...upstream, links: [] })),
};
/** publisher0's dummy is linked, and not where it was asked for. */
const elsewhere: Observation = {
  ...observation,
  dummies: observation.dummies.map((dummy) =>
    dummy.name === "dummy-nats0" ? { ...dummy, reachable: false, id: null, links: null } : dummy,
  ),
};
const silentUpstreams: Observation = {
  ...observation,
  upstreams: observation.upstreams.map((upstream) => ({ ...upstream, links: null })),
};

/** The error's text; "" where it goes on. */
function refusal(topology: Topology, over: Partial<Parameters<typeof refuseRisks>[1]> = {}): string {
  try {
    refuseRisks(topology, { problems: [], observation, applied, recorded, ...over });
    return "";
  } catch (error) {
    assert.ok(error instanceof Error && "exitCode" in error && "hint" in error);
    assert.equal(error.exitCode, 3);
    return `${error.message} | ${error.hint}`;
  }
}

/** The topology with one publisher, or its dummy, changed. */
const changing = (name: string, change: Partial<Publisher>, dummy: Partial<Publisher["dummy"]> = {}): Topology => ({
  ...deployed,
  publishers: deployed.publishers.map((one) =>
    one.name === name ? { ...one, ...change, dummy: { ...one.dummy, ...dummy } } : one,
  ),
});

describe("a change that restarts whoever is heard is refused", () => {
  const refused: readonly (readonly [what: string, topology: Topology, text: string])[] = [
    ["another program", changing("publisher0", { command: ["feed"] }), "publisher0: command"],
    ["another environment", changing("publisher0", { environment: { A: "1" } }), "publisher0: environment"],
    ["another rate", changing("publisher0", { rate: 20 }), "publisher0: rate"],
    ["another client port", changing("publisher0", {}, { clientPort: 1 }), "dummy-nats0: clientPort, publisher0: url"],
    ["another monitoring port", changing("publisher0", {}, { monitorPort: 1 }), "dummy-nats0: monitorPort"],
    ["another name of the cluster", { ...deployed, cluster: "other" }, "dummy-nats0: cluster"],
    [
      "another generation of its keys",
      { ...deployed, generations: { "dummy-nats0": 1 } },
      "dummy-nats0: generation, publisher0: generation",
    ],
    ["another nats-server", { ...deployed, natsServerVersion: "9.9.9" }, "dummy-nats0: version"],
  ];
  for (const [what, topology, text] of refused) {
    it(what, () => {
      const start = `this change restarts publisher0, which is heard now (${text}) | flip first: `;
      assert.ok(refusal(topology).startsWith(start), refusal(topology));
    });
  }

  it("another host, also one of which nothing is known yet", () => {
    const moved = changing("publisher0", { host: "west" }, { host: "west" });
    const hosts = new Map([["publisher0", "east"]]);
    const over = { applied: [], recorded: { ...recorded, hosts }, observation: elsewhere };
    const refused = "this change moves publisher0, which is heard now, from host east to west: nobody would be heard";
    assert.ok(refusal(moved, over).startsWith(refused), refusal(moved, over));
    assert.ok(refusal(moved, { ...over, observation }).startsWith(refused), "its new host was not asked");
  });

  it("another machine at its host's address", () => {
    const there = changing("publisher0", { host: "east" }, { host: "east" });
    const over = { applied: [], missing: new Set(["dummy-nats0", "dummy-nats1"]), observation: elsewhere };
    assert.match(refusal(there, over), /to host east, whose address is another machine's now: .* \| flip first: /);
  });

  it("also in the same commit as a flip away from it: the restart would come first", () => {
    const both = { ...changing("publisher0", { rate: 20 }), activePublisher: "publisher1" };
    assert.match(refusal(both), /restarts publisher0, which is heard now/);
  });
});

it("a change is refused, too, where no upstream answers and the dummy itself says that it is linked", () => {
  const topology = changing("publisher0", { rate: 20 });
  assert.match(refusal(topology, { observation: silentUpstreams }), /restarts publisher0, which is heard now/);
});

describe("a change is not refused", () => {
  const harmless: readonly (readonly [what: string, topology: Topology, over?: Parameters<typeof refusal>[1]])[] = [
    ["that changes nothing", deployed],
    ["that is a flip", { ...deployed, activePublisher: "publisher1" }],
    ["that gives others other keys", { ...deployed, generations: { "dummy-nats1": 1, server0: 1 } }],
    ["that restarts a standby", changing("publisher1", { rate: 20, command: ["feed"] }, { clientPort: 1 })],
    ["that adds subjects, which are reloaded", { ...deployed, subjects: ["test", "more"] }],
    ["that adds a publisher", { ...deployed, publishers: [...deployed.publishers, testPublisher(2)] }],
    ["that changes bounds", { ...deployed, timeouts: { ...deployed.timeouts, start: 1, stop: 1 } }],
    [
      "that moves a standby",
      changing("publisher1", { host: "west" }, { host: "west" }),
      { recorded: { ...recorded, hosts: new Map([["publisher1", "east"]]) }, missing: new Set(["dummy-nats1"]) },
    ],
    ["where nobody is heard", changing("publisher0", { rate: 20 }), { observation: nobodyHeard }],
    ["where nothing was placed yet", changing("publisher0", { rate: 20 }), { applied: [] }],
    [
      "of one that is held back",
      changing("publisher0", { rate: 20 }),
      { alone: new Map([["publisher0", "held back"]]) },
    ],
    ["whose risk was accepted", { ...changing("publisher0", { rate: 20 }), allowActiveRestart: true }],
    [
      "where another than the config's is heard, and stays",
      changing("publisher0", { rate: 20 }),
      { observation: healthy(deployed, "publisher1") },
    ],
  ];
  for (const [what, topology, over] of harmless) it(what, () => assert.equal(refusal(topology, over), ""));
});

describe("a config from before a failover is refused", () => {
  it("by what was deployed last", () => {
    assert.match(
      refusal(deployed, { recorded: { ...recorded, epoch: 2 } }),
      /epoch 0, .*deployed with 2 \| .*git pull/,
    );
  });

  it("by what the servers say, in those words", () => {
    const stale: Problem = { code: "stale-config", about: "test", text: "server0 says epoch 5", hint: "" };
    assert.match(refusal(deployed, { problems: [stale] }), /^server0 says epoch 5 \|/);
  });

  it("and one of the same or a later epoch is not", () => {
    for (const epoch of [2, 3])
      assert.equal(refusal({ ...deployed, epoch }, { recorded: { ...recorded, epoch: 2 } }), "");
  });
});

describe("the end of a rotation of the secret", () => {
  const rotation = { instance: "new", owner: { instance: "old", next: "new", readySince: 1 }, attached: 2 };
  const runningWith = (instance: string) => ({
    applied: applied.map((one) => ("natsServer" in one ? one : { ...one, instance })),
    rotation,
  });
  const flipped: Topology = { ...deployed, activePublisher: "publisher1" };

  it("is refused while who is heard runs with the old one, and goes with a flip", () => {
    assert.match(refusal(deployed, runningWith("old")), /publisher0: clusterSecret\) \| flip in the same run/);
    assert.equal(refusal(flipped, runningWith("old")), "");
    assert.equal(refusal(deployed, runningWith("new")), "");
  });

  it("needs the flip before it where publishers are containers: they are replaced before a cutover", () => {
    for (const topology of [deployed, flipped]) {
      const text = refusal({ ...topology, platform: "docker" }, runningWith("old"));
      assert.match(text, /publisher0: clusterSecret\) \| put clusterSecretPrevious back and flip first/);
      assert.equal(refusal({ ...topology, platform: "docker" }, runningWith("new")), "");
    }
  });
});
