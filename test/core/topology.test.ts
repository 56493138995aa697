// Small questions to a topology, and where its files lie.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileNames, fileOf, folderOf } from "../../infra/core/layout.ts";
import { routeUrl } from "../../infra/core/role-file.ts";
import { publisherOf } from "../../infra/core/topology.ts";
import { testTopology, testUpstream } from "../support/topology.ts";

test("a publisher is found by its name; one that is not there is a bug that names both", () => {
  const topology = testTopology();
  assert.equal(publisherOf(topology, "publisher1").dummy.name, "dummy-nats1");
  assert.throws(() => publisherOf(topology, "publisher2"), /^Error: no publisher publisher2 in stack test$/);
});

test("an upstream is dialled at its cluster port, never its clients'", () => {
  assert.equal(routeUrl(testUpstream(0)), "nats-route://127.0.0.1:4223");
});

test("every file of a server has a name of its own in the server's folder", () => {
  const names = Object.values(fileNames);
  assert.equal(new Set(names).size, names.length);
  assert.equal(folderOf("/srv/a b", "server0"), "/srv/a b/server0");
  assert.equal(fileOf("/srv/a b", "server0", "role"), "/srv/a b/server0/role.conf");
});
