// What the servers and hosts say against the config of a stale checkout.

import assert from "node:assert/strict";
import { test } from "node:test";
import { planAdopt } from "../../infra/core/adopt.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { link, seen, silent } from "../support/observation.ts";
import { statusSeen } from "../support/status.ts";

const stale = { activePublisher: "publisher0", epoch: 0, fenced: [] };
const guard = { epoch: 2, fenced: ["publisher0"] };
const heard1 = { activePublisher: "publisher1", fenced: ["publisher0"] };

test("who is heard, the epoch and who is fenced: each value before and after", () => {
  const { config, changes, notes } = planAdopt(stale, statusSeen(heard1), guard, "publisher1");
  assert.deepEqual(config, { activePublisher: "publisher1", epoch: 2, fenced: ["publisher0"] });
  assert.deepEqual(
    changes.map(({ key, before, after }) => `${key}: ${before} -> ${after}`),
    ["activePublisher: publisher0 -> publisher1", "epoch: 0 -> 2", "fenced: [] -> [publisher0]"],
  );
  assert.deepEqual(notes, []);
});

test("a config that says the same changes nothing", () => {
  assert.deepEqual(planAdopt(stale, statusSeen(), { epoch: 0, fenced: [] }, null).changes, []);
});

const notLinked = (all: Observation): Observation =>
  ["server0", "server1"].reduce(
    (now, name) => seen(now, name, { links: [link(name === "server0" ? "server1" : "server0")] }),
    all,
  );

test("nobody is heard: whoever was last, and that is said", () => {
  const { config, notes } = planAdopt(stale, statusSeen({}, notLinked), guard, "publisher1");
  assert.equal(config.activePublisher, "publisher1");
  assert.match(notes[0] ?? "", /nobody is heard now/);
  assert.throws(() => planAdopt(stale, statusSeen({}, notLinked), guard, null), /nobody is heard/);
});

test("unknown or doubled is refused; what the config lacks is said", () => {
  const unknown = statusSeen({}, (all) => seen(all, "server1", silent));
  assert.throws(() => planAdopt(stale, unknown, guard, null), /server1 did not say/);
  const doubled = statusSeen({}, (all) => seen(all, "server0", { links: [link("dummy-nats0"), link("dummy-nats1")] }));
  assert.throws(() => planAdopt(stale, doubled, guard, null), /not known: .*dummy-nats1/);
  assert.match(
    planAdopt(stale, statusSeen(), { epoch: 1, fenced: ["publisher9"] }, null).notes.join(),
    /no publisher9/,
  );
});
