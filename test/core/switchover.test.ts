// Whether a planned flip may begin: a table of what is seen and what is said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import type { Observation } from "../../infra/core/observation.ts";
import { decideSwitchover, type SwitchoverAsked } from "../../infra/core/switchover.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { down, link, seen, silent } from "../support/observation.ts";
import { statusSeen } from "../support/status.ts";

const asked: SwitchoverAsked = { to: "publisher1", from: null, acceptDegraded: false, acceptSilent: false };
type Change = (observation: Observation) => Observation;

function decide(over: Partial<SwitchoverAsked>, change?: Change, topology: Partial<Topology> = {}) {
  const status = statusSeen(topology, change);
  return decideSwitchover(status, topology.activePublisher ?? "publisher0", "publisher0", { ...asked, ...over });
}

test("from whom is heard to a healthy standby; again to whom is heard: already", () => {
  assert.deepEqual(decide({}), { kind: "flip", from: "publisher0" });
  assert.deepEqual(decide({ from: "publisher0" }), { kind: "flip", from: "publisher0" });
  assert.deepEqual(decide({ to: "publisher0" }), { kind: "already" });
});

test("a flip that the config is armed for is done, though its target is in the config already", () => {
  const status = statusSeen();
  assert.equal(decideSwitchover(status, "publisher1", "publisher0", asked).kind, "flip");
});

/** `dummy-nats0` frozen, dead, or gone with its host; publisher1 of no use. */
const frozen: Change = (all) => seen(all, "dummy-nats0", { ...silent, publishing: null });
const notLinked = (all: Observation): Observation =>
  ["server0", "server1"].reduce(
    (now, name) => seen(now, name, { links: [link(name === "server0" ? "server1" : "server0")] }),
    all,
  );
const dead: Change = (all) => notLinked(seen(all, "dummy-nats0", { ...down, publishing: null }));
/** Its links are gone at the other upstream too. */
const withoutServer1: Change = (all) => seen(seen(all, "server1", down), "server0", { links: [link("dummy-nats0")] });
const unreachable: Change = (all) => seen(all, "dummy-nats0", { ...silent, pid: null, pids: [], publishing: null });

test("a frozen one whose host is there is flipped away from: its process is stopped", () => {
  assert.deepEqual(decide({}, frozen), { kind: "flip", from: "publisher0" });
});

test("nobody is heard and all is there: a flip is how somebody is heard again", () => {
  assert.deepEqual(decide({}, notLinked), { kind: "flip", from: null });
});

for (const [what, over, change, topology, code, said] of [
  ["a misspelt target", { to: "publsher1" }, undefined, {}, "no-such-name", /did you mean publisher1/],
  ["a misspelt --from", { from: "publisher" }, undefined, {}, "no-such-name", /no publisher "publisher"/],
  ["a stale --from", { from: "publisher1" }, undefined, {}, "stale-premise", /publisher1 is not heard: publisher0 is/],
  ["--from and nobody heard", { from: "publisher0" }, notLinked, {}, "stale-premise", /nobody is/],
  ["a fenced target", {}, undefined, { fenced: ["publisher1"] }, "target-fenced", /fenced/],
  ["a dead target", {}, (all) => seen(all, "dummy-nats1", down), {}, "target-unknown", /does not run/],
  ["a frozen target", {}, (all) => seen(all, "dummy-nats1", silent), {}, "target-unknown", /does not answer/],
  ["a silent target", {}, (all) => seen(all, "dummy-nats1", { publishing: false }), {}, "target-silent", /nothing/],
  [
    "a target that is not seen",
    {},
    (all) => seen(all, "dummy-nats1", { publishing: null }),
    {},
    "target-silent",
    /may/,
  ],
  ["a dead active one", {}, dead, {}, "active-unreachable", /does not run/],
  ["an active one out of reach", {}, unreachable, {}, "active-unreachable", /does not answer/],
  ["an upstream that is down", {}, withoutServer1, {}, "upstream-unknown", /server1/],
  [
    "two that are linked",
    {},
    (all) => seen(all, "server0", { links: [link("dummy-nats0"), link("dummy-nats1")] }),
    {},
    "doubled-now",
    /dummy-nats1/,
  ],
] as readonly (readonly [string, Partial<SwitchoverAsked>, Change | undefined, Partial<Topology>, string, RegExp])[]) {
  test(`${what} is refused: ${code}`, () => {
    assert.throws(
      () => decide(over, change, topology),
      (error) => error instanceof UserError && error.code === code && error.exitCode === 3 && said.test(error.message),
    );
  });
}

test("for a dead one the verb to type is named, whole", () => {
  assert.throws(
    () => decide({}, dead),
    (error) => error instanceof UserError && /natsby failover --to publisher1 --reason "/.test(error.hint ?? ""),
  );
});

test("each risk is accepted by its own flag", () => {
  assert.equal(decide({ acceptDegraded: true }, withoutServer1).kind, "flip");
  assert.equal(decide({ acceptSilent: true }, (all) => seen(all, "dummy-nats1", { publishing: false })).kind, "flip");
  assert.throws(() => decide({ acceptSilent: true }, withoutServer1), /server1/);
});
