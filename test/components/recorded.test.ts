// What a stack's last good run recorded, read back from its outputs, whatever stands there.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { readRecorded } from "../../infra/components/recorded.ts";

let outputs: unknown;
let asked: unknown;
await pulumi.runtime.setMocks(
  {
    newResource: ({ name }) => ({ id: name, state: {} }),
    call: ({ token, inputs }) => {
      asked = { token, inputs };
      return { outputs };
    },
  },
  "renamed",
  "prod",
  false,
  "acme",
);
const recorded = (of: unknown) => {
  outputs = of;
  return readRecorded();
};

test("it asks for the outputs of the very stack that runs", async () => {
  await recorded({});
  assert.deepEqual(asked, { token: "pulumi:pulumi:readStackOutputs", inputs: { name: "acme/renamed/prod" } });
});

test("who was active, and every resource that brings a process", async () => {
  const servers = [{ name: "server0" }, { name: "server1" }];
  const publishers = [{ name: "publisher0", dummy: "dummy-nats0" }];
  const of = { activePublisher: "publisher0", epoch: 3, upstreams: servers, publishers, lastCutover: "ticket 7: done" };
  assert.deepEqual(await recorded(of), {
    activePublisher: "publisher0",
    epoch: 3,
    lastCutover: "ticket 7: done",
    resources: ["server0-server", "server1-server", "dummy-nats0-server", "publisher0-process"],
  });
});

test("where each publisher is, on hosts of their own", async () => {
  const publishers = [{ name: "publisher0", dummy: "dummy-nats0", host: "east" }, { name: "publisher1" }];
  const found = await recorded({ activePublisher: "publisher0", publishers });
  assert.deepEqual(found?.hosts, new Map([["publisher0", "east"]]));
});

test("nothing before the first good run, nor after a destroy", async () => {
  for (const found of [{}, null, undefined, { activePublisher: 5 }]) assert.equal(await recorded(found), null);
});

test("outputs of a run that failed half way are read as far as they go", async () => {
  assert.deepEqual(await recorded({ activePublisher: "publisher0" }), {
    activePublisher: "publisher0",
    epoch: 0,
    lastCutover: null,
    resources: [],
  });
});
