// Who is linked to whom, as data.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { topologySeen } from "../../infra/core/topology-seen.ts";
import { changed, links0, ok, topology } from "../support/judging.ts";
import { link } from "../support/observation.ts";

const seen = (observation: Observation) =>
  topologySeen(topology, observation, judge(topology, observation, { deployedActive: null }));

test("a healthy stack as data", () => {
  assert.deepEqual(seen(ok), {
    schema: 1,
    stack: "test",
    activePublisher: "publisher0",
    verdict: "ok",
    servers: [
      { name: "server0", kind: "upstream", reachable: true },
      { name: "server1", kind: "upstream", reachable: true },
      {
        name: "dummy-nats0",
        kind: "dummy",
        reachable: true,
        publisher: "publisher0",
        role: "active",
        publishing: true,
      },
      {
        name: "dummy-nats1",
        kind: "dummy",
        reachable: true,
        publisher: "publisher1",
        role: "standby",
        publishing: true,
      },
    ],
    links: [
      { from: "dummy-nats0", to: "server0", complete: true, foreign: false },
      { from: "dummy-nats0", to: "server1", complete: true, foreign: false },
      { from: "server0", to: "server1", complete: true, foreign: false },
    ],
    observedAt: "2026-01-01T00:00:00.000Z",
  });
});

test("strangers are servers of the picture, and an impostor is told apart from whom it plays", () => {
  const stranger = link("dummy-nats1", { id: "ELSE" });
  const { servers, links } = seen(changed(["server0", { links: [...links0, stranger] }]));
  assert.deepEqual(servers.at(-1), { name: "another dummy-nats1", kind: "foreign", reachable: null });
  const drawn = links.find(({ foreign }) => foreign);
  assert.deepEqual(drawn, { from: "another dummy-nats1", to: "server0", complete: true, foreign: true });
});
