// Plans of servers and publishers: what each command receives, and the files made of it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { dummyPlan, parseListsFile, publisherPlan, renderListsFile, upstreamPlan } from "../../infra/core/plan.ts";
import type { Publisher, Upstream } from "../../infra/core/topology.ts";
import { subjects, topologies } from "../support/any-topology.ts";
import { testTopology, testUpstream } from "../support/topology.ts";

const topology = testTopology({ upstreams: [testUpstream(0), testUpstream(1), testUpstream(2)] });
const [server0, publisher0] = [topology.upstreams[0] as Upstream, topology.publishers[0] as Publisher];

describe("the plan of an upstream", () => {
  const { base: _, ...plan } = upstreamPlan(topology, server0);

  it("says everything about it, and of the others how to reach them", () => {
    assert.deepEqual(plan, {
      kind: "upstream",
      name: "server0",
      address: "127.0.0.1",
      clientPort: 4222,
      clusterPort: 4223,
      monitorPort: 4224,
      dataDir: topology.dataDir,
      cluster: "natsby-test",
      publisher: null,
      list: { variable: "natsby_mesh", values: ["nats-route://127.0.0.1:4227", "nats-route://127.0.0.1:4231"] },
      upstreams: ["server0", "server1", "server2"],
      generations: {},
      users: ["subscriber", "natsby-probe"],
      version: "2.15.2",
      timeouts: { connect: 2_000, request: 2_000, start: 10_000, stop: 5_000 },
    });
  });
});

describe("the plan of a dummy", () => {
  const { base: _, ...plan } = dummyPlan(topology, publisher0);

  it("says everything about it, and names no port that another server could dial", () => {
    assert.deepEqual(plan, {
      kind: "dummy",
      name: "dummy-nats0",
      address: "127.0.0.1",
      clientPort: 4422,
      clusterPort: null,
      monitorPort: 4423,
      dataDir: topology.dataDir,
      cluster: "natsby-test",
      publisher: "publisher0",
      list: { variable: "natsby_subjects", values: ["test"] },
      upstreams: ["server0", "server1", "server2"],
      generations: {},
      users: ["publisher0", "natsby-probe"],
      version: "2.15.2",
      timeouts: { connect: 2_000, request: 2_000, start: 10_000, stop: 5_000 },
    });
  });
});

describe("the plan of a publisher", () => {
  it("knows its own dummy, and of no upstream anything", () => {
    const command = ["feed", "--fast"];
    const plan = publisherPlan(topology, { ...publisher0, command, environment: { A: "1" } });
    assert.deepEqual(plan, {
      name: "publisher0",
      dataDir: topology.dataDir,
      command,
      environment: { A: "1" },
      dummy: "dummy-nats0",
      generations: {},
      url: "nats://127.0.0.1:4422",
      subjects: ["test"],
      rate: 10,
      timeouts: { start: 10_000, stop: 5_000 },
    });
  });
});

describe("for any stack", () => {
  it("no plan says who is active, which epoch it is or who is fenced", () => {
    fc.assert(
      fc.property(topologies, fc.nat(), (any, epoch) => {
        for (const { name } of any.publishers) {
          const flipped = { ...any, activePublisher: name, epoch, fenced: [name] };
          for (const upstream of any.upstreams) {
            assert.deepEqual(upstreamPlan(flipped, upstream), upstreamPlan(any, upstream));
          }
          for (const publisher of any.publishers) {
            assert.deepEqual(dummyPlan(flipped, publisher), dummyPlan(any, publisher));
            assert.deepEqual(publisherPlan(flipped, publisher), publisherPlan(any, publisher));
          }
        }
      }),
    );
  });

  it("a list is read back as it was written, whatever subject the parser lets through", () => {
    fc.assert(
      fc.property(fc.uniqueArray(subjects, { maxLength: 6 }), (values) => {
        assert.deepEqual(parseListsFile(renderListsFile({ variable: "natsby_subjects", values })), values);
      }),
    );
  });

  it("of a lists file that is cut short the whole lines are read, and nothing else", () => {
    const values = ["a", "b.>", 'c"d'];
    const text = renderListsFile({ variable: "natsby_subjects", values });
    for (let length = 0; length < text.length; length++) {
      const read = parseListsFile(text.slice(0, length));
      assert.deepEqual(read, values.slice(0, read.length));
    }
    assert.deepEqual(parseListsFile(""), []);
    assert.deepEqual(parseListsFile("\0".repeat(40)), []);
  });
});
