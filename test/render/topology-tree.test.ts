// Who is linked to whom, as it is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { topologySeen } from "../../infra/core/topology-seen.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { topologyTree } from "../../scripts/render/topology-tree.ts";
import { changed, links0, nothing, ok, topology } from "../support/judging.ts";
import { healthy, link, silent } from "../support/observation.ts";
import { testPublisher, testTopology, testUpstream } from "../support/topology.ts";

const seen = (observation: Observation, asked: Topology = topology) =>
  topologySeen(asked, observation, judge(asked, observation, { deployedActive: null }));
const drawn = (observation: Observation, asked?: Topology) =>
  topologyTree(seen(observation, asked), keptOutput().paint);

test("a healthy stack as it is drawn", () => {
  assert.equal(
    drawn(ok),
    `stack test as seen at 2026-01-01T00:00:00.000Z: ok

publisher0  active, sends
└─▶ dummy-nats0  up
    ├═▶ server0
    └═▶ server1

publisher1  standby, sends
└─▶ dummy-nats1  up
    linked to nobody

server0  upstream, up
└══ server1
server1  upstream, up
└══ server0
`,
  );
});

test("what should not be is drawn too: strangers, impostors, half links, servers that are gone or silent", () => {
  const observation = changed(
    ["server0", { links: [...links0, link("dummy-nats1", { id: "ELSE" }), link("dummy-nats9", { entries: 1 })] }],
    ["server1", silent],
    ["dummy-nats1", { ...nothing("dummy-nats1"), publishing: null }],
  );
  assert.equal(
    drawn(observation),
    `stack test as seen at 2026-01-01T00:00:00.000Z: doubled

publisher0  active, sends
└─▶ dummy-nats0  up
    ├═▶ server0
    └═▶ server1

publisher1  standby, sends ?
└─▶ dummy-nats1  DOWN
    linked to nobody

another dummy-nats1  no server of this stack
└═▶ server0

dummy-nats9  no server of this stack
└─▷ server0  (incomplete)

server0  upstream, up
└── server1  (incomplete)
server1  upstream, does not answer
└── server0  (incomplete)
`,
  );
});

test("a mesh of three, and names as long as they may be, fit 80 columns", () => {
  const long = "a".repeat(61);
  const asked = testTopology({
    upstreams: [0, 1, 2].map((n) => testUpstream(n, { name: `${long}-${n}` })),
    publishers: [0, 1].map((n) => testPublisher(n, { name: `d${long}${n}` })),
  });
  const text = drawn(healthy(asked), asked);
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
  assert.equal(seen(healthy(asked), asked).links.filter(({ from }) => from.startsWith(long)).length, 3);
});
