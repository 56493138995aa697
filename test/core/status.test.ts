// The contract of `natsby status --json`: keys, their order, and null where a fact could not be had.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { statusOf } from "../../infra/core/status.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { changed, gone, links0, nothing, ok, topology } from "../support/judging.ts";
import { link, silent } from "../support/observation.ts";
import { testTopology } from "../support/topology.ts";

const status = (observation: Observation, asked: Topology = topology, deployedActive: string | null = null) =>
  statusOf(asked, observation, judge(asked, observation, { deployedActive }));

test("a healthy stack, to the byte", () => {
  assert.equal(
    JSON.stringify(status(ok)),
    JSON.stringify({
      schema: 1,
      stack: "test",
      activePublisher: "publisher0",
      epoch: 0,
      fenced: [],
      link: "routes",
      verdict: "ok",
      problems: [],
      upstreams: [
        {
          name: "server0",
          reachable: true,
          clientUrl: "nats://127.0.0.1:4222",
          monitorUrl: "http://127.0.0.1:4224",
          pid: 100,
          linksFrom: ["server1", "dummy-nats0"],
          digest: { want: "sha256:server0", running: "sha256:server0" },
        },
        {
          name: "server1",
          reachable: true,
          clientUrl: "nats://127.0.0.1:4226",
          monitorUrl: "http://127.0.0.1:4228",
          pid: 101,
          linksFrom: ["server0", "dummy-nats0"],
          digest: { want: "sha256:server1", running: "sha256:server1" },
        },
      ],
      publishers: [
        {
          name: "publisher0",
          role: "active",
          dummy: "dummy-nats0",
          reachable: true,
          clientUrl: "nats://127.0.0.1:4422",
          monitorUrl: "http://127.0.0.1:4423",
          pid: 200,
          attached: { want: true, file: true, running: true, seen: ["server0", "server1"] },
          publishing: true,
        },
        {
          name: "publisher1",
          role: "standby",
          dummy: "dummy-nats1",
          reachable: true,
          clientUrl: "nats://127.0.0.1:4424",
          monitorUrl: "http://127.0.0.1:4425",
          pid: 201,
          attached: { want: false, file: false, running: false, seen: [] },
          publishing: true,
        },
      ],
      observedAt: "2026-01-01T00:00:00.000Z",
    }),
  );
});

test("a problem has a code, what it is about, a text and a hint, in this order", () => {
  const [problem] = status(changed(["dummy-nats1", nothing("dummy-nats1")])).problems;
  assert.deepEqual(Object.keys(problem ?? {}), ["code", "about", "text", "hint"]);
});

test("what could not be had is null, and never an empty list or false", () => {
  const { upstreams, publishers, verdict } = status(
    changed(
      ["server0", silent],
      ["server1", silent],
      ["dummy-nats1", { ...silent, ...gone, roleFile: null }],
      ["dummy-nats0", { links: [] }],
    ),
  );
  assert.equal(verdict, "unknown");
  assert.deepEqual(
    upstreams.map(({ reachable, linksFrom }) => [reachable, linksFrom]),
    [
      [null, null],
      [null, null],
    ],
  );
  assert.equal(publishers[0]?.attached.seen, null);
  assert.equal(publishers[1]?.publishing, null);
  assert.equal(publishers[1]?.attached.file, null);
});

test("an upstream that is gone has no link; a frozen one has those that the dummies tell of", () => {
  const down = status(changed(["server1", nothing("server1")], ["server0", { links: [link("dummy-nats0")] }]));
  assert.deepEqual(down.publishers[0]?.attached.seen, ["server0"]);
  const frozen = status(changed(["server1", silent]));
  assert.deepEqual(frozen.publishers[0]?.attached.seen, ["server0", "server1"]);
});

test("roles are what was deployed, not what the config asks for next", () => {
  const { activePublisher, publishers } = status(ok, testTopology({ activePublisher: "publisher1" }), "publisher0");
  assert.equal(activePublisher, "publisher0");
  assert.deepEqual(
    publishers.map(({ role }) => role),
    ["active", "standby"],
  );
});

test("a fenced publisher is neither active nor standby; a server without monitoring has no address for it", () => {
  const [, second] = topology.publishers;
  assert.ok(second);
  const asked = testTopology({
    fenced: ["publisher1"],
    publishers: [...topology.publishers.slice(0, 1), { ...second, dummy: { ...second.dummy, monitorPort: null } }],
  });
  const [, publisher] = status(ok, asked).publishers;
  assert.equal(publisher?.role, "fenced");
  assert.equal(publisher?.monitorUrl, null);
});

test("links are listed in the same order whatever order the server gives", () => {
  const turned = status(changed(["server0", { links: links0.toReversed() }]));
  assert.deepEqual(turned.upstreams[0]?.linksFrom, ["server1", "dummy-nats0"]);
});
