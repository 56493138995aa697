// The status for people, as it is printed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../infra/core/judge.ts";
import { statusOf } from "../../infra/core/status.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { statusTable } from "../../scripts/render/status-table.ts";
import { changed, gone, nothing, ok, topology } from "../support/judging.ts";
import { healthy, link, silent } from "../support/observation.ts";
import { testPublisher, testTopology, testUpstream } from "../support/topology.ts";

const shown = (observation = ok, asked = topology, deployedActive: string | null = null, painted = false) =>
  statusTable(
    statusOf(asked, observation, judge(asked, observation, { deployedActive })),
    keptOutput({ painted }).paint,
  );

test("all is well", () => {
  assert.equal(
    shown(),
    `OK  stack test: publisher0 is heard at every upstream

UPSTREAM  STATE  CLIENTS AT      LINKED WITH
server0   up     127.0.0.1:4222  server1 dummy-nats0
server1   up     127.0.0.1:4226  server0 dummy-nats0

PUBLISHER   ROLE     SENDS  DUMMY        STATE  HEARD AT
publisher0  active   yes    dummy-nats0  up     server0 server1
publisher1  standby  yes    dummy-nats1  up     nowhere
`,
  );
});

test("a standby linked by hand, a dead upstream, and what to type", () => {
  const observation = changed(
    ["server0", { links: [link("dummy-nats0"), link("dummy-nats1")] }],
    ["server1", nothing("server1")],
    ["dummy-nats1", gone],
  );
  assert.equal(
    shown(observation),
    `DOUBLED  stack test: MORE THAN ONE MAY BE HEARD

UPSTREAM  STATE  CLIENTS AT      LINKED WITH
server0   up     127.0.0.1:4222  dummy-nats0 dummy-nats1
server1   DOWN   127.0.0.1:4226  -

PUBLISHER   ROLE     SENDS  DUMMY        STATE  HEARD AT
publisher0  active   yes    dummy-nats0  up     server0
publisher1  standby  ?      dummy-nats1  up     server0

doubled: linked at once: dummy-nats0 (at server0) and dummy-nats1 (at server0)
  [doubled-link]
  > pulumi up detaches every dummy but the active one's; natsby topology shows
    who is linked

degraded: server1 is down: it does not run [upstream-down]
  > natsby logs server1; pulumi up starts it again

degraded: publisher1 does not run [standby-silent]
  > natsby logs publisher1; pulumi up starts what does not run

drift: dummy-nats0 has a link to server1, which is no upstream of this stack
  [foreign-link]
  > find and stop it (natsby topology shows where it is linked), or add it to
    the config
`,
  );
});

test("a flip that is asked for, an epoch and a fence are told", () => {
  const asked = testTopology({ activePublisher: "publisher1", epoch: 2 });
  assert.match(
    shown(healthy(asked, "publisher0"), asked, "publisher0"),
    /^OK {2}stack test: publisher0 is heard at every upstream\nepoch 2\n[\s\S]*\nnote: config asks for publisher1; deployed is publisher0 \[flip-pending\]\n {2}> pulumi up flips to publisher1; pulumi config set activePublisher publisher0\n {4}takes it back\n$/,
  );
});

test("colours: the verdict and the severity of each problem, nothing else", () => {
  const painted = shown(changed(["server1", silent]), topology, null, true);
  assert.ok(painted.startsWith("<yellow>UNKNOWN</>  stack test: not everything could be seen"), painted);
  assert.match(painted, /\n<yellow>unknown:<\/> server1: gave up after 2 s \[server-unknown\]\n/);
  assert.match(painted, /<dim>UPSTREAM +STATE +CLIENTS AT +LINKED WITH<\/>/);
});

test("long names and many servers fit 80 columns", () => {
  const long = "a".repeat(63);
  const big = testTopology({
    upstreams: [0, 1, 2, 3, 4, 5].map((n) => testUpstream(n, { name: `${long.slice(2)}-${n}` })),
    publishers: [0, 1, 2].map((n) => ({
      ...testPublisher(n, { name: `${long.slice(2)}-d${n}` }),
      name: `${long}${n}`,
    })),
    activePublisher: `${long}1`,
  });
  const lines = shown(healthy(big), big).split("\n");
  for (const line of lines.filter((text) => !text.startsWith("OK"))) assert.ok(line.length <= 80, line);
});
