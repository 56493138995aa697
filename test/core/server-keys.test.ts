// Generations of a server's keys: the first one's are what they always were, and each other one's are new.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { pinOf } from "../../infra/core/certificates.ts";
import { passwordOf } from "../../infra/core/secrets.ts";
import { generationOf, serverIdentity, serverPassword, serverPin } from "../../infra/core/server-keys.ts";
import { topologyOf } from "../../infra/core/topology-of.ts";
import { least, parse } from "../support/config.ts";

const secret = "a secret of tests, long enough to be one";
const raised = { generations: { server0: 2 } };

test("without another generation, and in a record from before there were any, nothing is another", () => {
  for (const known of [{}, { generations: {} }, { generations: { server1: 1 } }, { generations: { server0: 0 } }]) {
    assert.equal(serverPin(secret, known, "server0"), pinOf(secret, "server0"));
    assert.equal(serverPassword(secret, known, "server0", "natsby"), passwordOf(secret, "server0", "natsby"));
  }
  assert.equal(generationOf({ generations: {} }, "constructor"), 0);
});

test("another generation has another key, certificate and password; other servers keep theirs", async () => {
  const all = [0, 1, 2].map((n) => ({ generations: { server0: n } }));
  assert.equal(new Set(all.map((known) => serverPin(secret, known, "server0"))).size, 3);
  assert.equal(new Set(all.map((known) => serverPassword(secret, known, "server0", "natsby"))).size, 3);
  assert.equal(serverPin(secret, raised, "server1"), pinOf(secret, "server1"));
  const { ca, certificate } = await serverIdentity(secret, raised, "server0", ["127.0.0.1"]);
  assert.ok(new X509Certificate(certificate).verify(new X509Certificate(ca).publicKey), "of the same authority");
});

test("a stack knows the generations of upstreams and dummies that were raised, and no others", () => {
  const upstreams = [{ name: "server0" }, { name: "server1", generation: 3 }];
  const publishers = [
    { name: "publisher0", generation: "1" },
    { name: "publisher1", generation: 0 },
  ];
  const { generations } = topologyOf(parse({ ...least, upstreams, publishers }), { project: "natsby", stack: "local" });
  assert.deepEqual(generations, { server1: 3, "dummy-nats0": 1 });
});
