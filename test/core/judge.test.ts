// The verdict as a whole: notes, epochs, fences, and that unknown is never ok.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Deployed, judge } from "../../infra/core/judge.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { routesOf } from "../../infra/core/role-file.ts";
import { changed, gone, links1, nothing, ok, testRows, topology } from "../support/judging.ts";
import { down, healthy, link, seen, silent } from "../support/observation.ts";
import { testPublisher, testTopology, testUpstream } from "../support/topology.ts";

testRows([
  ["everything is as asked", ok, "ok", []],
  [
    "a process of a publisher that the config no longer has",
    { ...ok, strays: [{ name: "dummy-nats7", pid: 4 }] },
    "drift",
    ["stray-process dummy-nats7"],
  ],
  [
    "servers run a later epoch",
    changed(["server0", { metadata: { natsby_epoch: "2" } }]),
    "drift",
    ["stale-config test"],
  ],
  [
    "nothing runs at all",
    ["server0", "server1", "dummy-nats0", "dummy-nats1"].reduce(
      (observation, name) => seen(observation, name, { ...nothing(name), ...gone }),
      ok,
    ),
    "silent",
    ["stopped test"],
  ],
]);

test("a flip that the config asks for and nobody deployed is a note, no drift", () => {
  const asked = testTopology({ activePublisher: "publisher1" });
  const { verdict, problems, active } = judge(asked, healthy(asked, "publisher0"), { deployedActive: "publisher0" });
  assert.equal(verdict, "ok");
  assert.equal(active, "publisher0");
  assert.deepEqual(problems, [
    {
      code: "flip-pending",
      about: "test",
      text: "config asks for publisher1; deployed is publisher0",
      hint: "pulumi up flips to publisher1; pulumi config set activePublisher publisher0 takes it back",
    },
  ]);
});

test("the same observation, where the flip was deployed, is drift", () => {
  const asked = testTopology({ activePublisher: "publisher1" });
  const { verdict, problems } = judge(asked, healthy(asked, "publisher0"), { deployedActive: "publisher1" });
  assert.equal(verdict, "drift");
  assert.ok(problems.some(({ code }) => code === "wrong-linked"));
});

test("a cutover without an end is told beside whatever is seen", () => {
  const entry = {
    state: "begun",
    ticket: 2,
    epoch: 0,
    at: "2026-01-01T00:00:00Z",
    from: null,
    to: "publisher1",
  } as const;
  const deployed: Deployed = { deployedActive: "publisher0", unfinished: entry };
  const { verdict, problems } = judge(topology, ok, deployed);
  assert.equal(verdict, "ok");
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["cutover-unfinished"],
  );
});

test("a fenced publisher's silence is as asked; its link is not", () => {
  const fenced = testTopology({ fenced: ["publisher1"] });
  const pins = { pinsFile: { state: "read", servers: ["server0", "server1", "dummy-nats0"] } } as const;
  const away = { ...silent, ...gone, roleFile: null, attachedRunning: null };
  const base = [
    ["server0", pins],
    ["server1", pins],
    ["dummy-nats1", away],
  ] as const;
  assert.equal(judge(fenced, changed(...base), { deployedActive: null }).verdict, "ok");
  const linked = changed(...base, ["server1", { ...pins, links: [...links1, link("dummy-nats1")] }]);
  const { verdict, problems } = judge(fenced, linked, { deployedActive: null });
  assert.equal(verdict, "doubled");
  assert.ok(problems.some(({ code }) => code === "fenced-linked"));
});

test("three upstreams and five publishers, all well", () => {
  const big = testTopology({
    upstreams: [0, 1, 2].map((n) => testUpstream(n)),
    publishers: [0, 1, 2, 3, 4].map((n) => testPublisher(n)),
    activePublisher: "publisher3",
  });
  assert.deepEqual(judge(big, healthy(big), { deployedActive: null }), {
    verdict: "ok",
    problems: [],
    active: "publisher3",
  });
});

test("one fact that is not known never leaves the verdict ok", () => {
  for (const name of ["server0", "server1", "dummy-nats0", "dummy-nats1"]) {
    for (const change of [silent, { links: null }, { digest: { want: null, running: null } }] as const) {
      const { verdict } = judge(topology, seen(ok, name, change), { deployedActive: null });
      assert.notEqual(verdict, "ok", `${name} ${JSON.stringify(change)}`);
    }
  }
});

test("a host that was given up is judged by its fence alone: dead, frozen, back, or back and linked", () => {
  const fenced = testTopology({ fenced: ["publisher1", "server1"], epoch: 1 });
  const at1 = { metadata: { natsby_epoch: "1" } };
  const left: Observation = changed(
    ["dummy-nats1", { ...silent, ...gone }],
    ["server1", { ...silent, pinsFile: null }],
    [
      "server0",
      { ...at1, links: [link("dummy-nats0")], pinsFile: { state: "read", servers: ["server0", "dummy-nats0"] } },
    ],
    [
      "dummy-nats0",
      { ...at1, links: [link("server0")], roleFile: { state: "attached", routes: routesOf(fenced, "publisher0") } },
    ],
  );
  const problemsOf = (...changes: (readonly [string, Parameters<typeof seen>[2]])[]) => {
    const observation = changes.reduce((all, [name, change]) => seen(all, name, change), left);
    return judge(fenced, observation, { deployedActive: null }).problems.map(({ code, about }) => `${code} ${about}`);
  };
  assert.deepEqual(problemsOf(), []);
  assert.deepEqual(problemsOf(["dummy-nats1", down], ["server1", down]), []);
  const back = { reachable: true, reason: null, id: "ID", links: [] } as const;
  assert.deepEqual(problemsOf(["dummy-nats1", back], ["server1", { ...back, links: [link("dummy-nats1")] }]), [
    "fenced-back server1",
    "fenced-back publisher1",
  ]);
  const linked = [link("dummy-nats0"), link("server1")];
  assert.deepEqual(problemsOf(["server0", { links: linked }]), ["fenced-linked server1"]);
  const open = { state: "read", servers: ["server0", "dummy-nats0", "dummy-nats1"] } as const;
  assert.deepEqual(problemsOf(["server0", { pinsFile: open }]), ["fence-open server0"]);
});
