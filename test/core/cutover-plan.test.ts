// What the cutover is asked for, and what of it a preview shows.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { cutoverEnvironment, cutoverPlan } from "../../infra/core/cutover-plan.ts";
import { parseRoleFile, renderRoleFile, withoutTicket } from "../../infra/core/role-file.ts";
import { topologies } from "../support/any-topology.ts";
import { testTopology } from "../support/topology.ts";

const topology = testTopology();
const environmentOf = (over: Partial<typeof topology>) => cutoverEnvironment(cutoverPlan({ ...topology, ...over }));

test("a flip shows one dummy losing its routes and the other gaining them, and who is active; nothing else", () => {
  const [before, after] = [environmentOf({}), environmentOf({ activePublisher: "publisher1" })];
  const changed = Object.keys(after).filter((name) => before[name] !== after[name]);
  assert.deepEqual(changed, ["NATSBY_ACTIVE", "NATSBY_ROLE_dummy_nats0", "NATSBY_ROLE_dummy_nats1"]);
  assert.match(after.NATSBY_ROLE_dummy_nats0 ?? "", /natsby_role: "standby"[\s\S]*natsby_routes: \[\]/);
  assert.match(after.NATSBY_ROLE_dummy_nats1 ?? "", /natsby_role: "active"[\s\S]*"nats-route:\/\/127\.0\.0\.1:4223"/);
});

test("a failover shows who is fenced, and the epoch", () => {
  const { NATSBY_ACTIVE, NATSBY_EPOCH, NATSBY_FENCED } = environmentOf({ epoch: 3, fenced: ["publisher0", "server1"] });
  assert.deepEqual([NATSBY_ACTIVE, NATSBY_EPOCH, NATSBY_FENCED], ["publisher0", "3", "publisher0 server1"]);
});

test("a risk that was accepted is beside the topology, so that what a stack should be is the same with and without it", () => {
  const once = { flag: "accept-degraded", reason: "server1 is being moved", ticket: 4 } as const;
  const [without, accepting] = [cutoverPlan(topology), cutoverPlan({ ...topology, once })];
  assert.deepEqual(accepting, { ...without, once });
  assert.deepEqual(cutoverEnvironment(accepting), cutoverEnvironment(without));
});

test("every name in the environment is one that any shell keeps", () => {
  fc.assert(
    fc.property(topologies, (any) => {
      const environment = cutoverEnvironment(cutoverPlan(any));
      for (const name of Object.keys(environment)) assert.match(name, /^[A-Za-z_][A-Za-z0-9_]*$/);
      assert.equal(Object.keys(environment).length, 3 + any.publishers.length);
    }),
  );
});

test("a role that is shown is what the cutover writes, but for its ticket; exactly the active one is attached", () => {
  fc.assert(
    fc.property(topologies, fc.nat(), (any, ticket) => {
      const { roles } = cutoverPlan(any);
      const attached = any.publishers.filter(({ name, dummy }) => {
        const shown = roles[dummy.name] ?? "";
        const seen = parseRoleFile(shown);
        assert.notEqual(seen.state, "broken");
        const routes = seen.state === "broken" ? [] : seen.routes;
        const written = renderRoleFile({ dummy: dummy.name, routes, epoch: any.epoch, ticket });
        assert.equal(withoutTicket(written), shown);
        return name === any.activePublisher ? seen.state === "attached" : seen.state !== "detached";
      });
      assert.deepEqual(
        attached.map(({ name }) => name),
        [any.activePublisher],
      );
    }),
  );
});
