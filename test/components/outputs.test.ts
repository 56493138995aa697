// Stack outputs: what other programs may rely on, and what of it is secret.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { HotStandby } from "../../infra/components/hot-standby.ts";
import { outputsOf } from "../../infra/components/outputs.ts";
import { subscriberPassword, userOf } from "../../infra/core/secrets.ts";
import { registrationsOf } from "../support/registrations.ts";
import { testTopology } from "../support/topology.ts";

const clusterSecret = "a secret of tests, long enough to be one";
const topology = testTopology({ fenced: ["publisher1"], epoch: 2 });
const secret = pulumi.secret(clusterSecret);
let standby: HotStandby | undefined;
await registrationsOf(() => {
  standby = new HotStandby("natsby", { topology, clusterSecret: secret });
});
const { subscriber, lastCutover, ...plain } = outputsOf(topology, secret, standby ?? assert.fail());

test("who is active, where everybody is, and nothing else in the open", () => {
  assert.deepEqual(plain, {
    activePublisher: "publisher0",
    epoch: 2,
    fenced: ["publisher1"],
    upstreams: [
      { name: "server0", clientUrl: "nats://127.0.0.1:4222", monitorUrl: "http://127.0.0.1:4224" },
      { name: "server1", clientUrl: "nats://127.0.0.1:4226", monitorUrl: "http://127.0.0.1:4228" },
    ],
    publishers: [
      {
        name: "publisher0",
        dummy: "dummy-nats0",
        clientUrl: "nats://127.0.0.1:4422",
        monitorUrl: "http://127.0.0.1:4423",
      },
      {
        name: "publisher1",
        dummy: "dummy-nats1",
        clientUrl: "nats://127.0.0.1:4424",
        monitorUrl: "http://127.0.0.1:4425",
      },
    ],
  });
});

test("a server without monitoring has no address of it", () => {
  const upstreams = topology.upstreams.map((upstream) => ({ ...upstream, monitorPort: null }));
  const outputs = outputsOf({ ...topology, upstreams }, secret, standby ?? assert.fail());
  assert.equal(outputs.upstreams[0]?.monitorUrl, null);
});

test("the subscriber's password is the one that upstreams know, and secret", async () => {
  assert.equal(await known(subscriber.user), userOf(clusterSecret, "subscriber"));
  assert.equal(await pulumi.isSecret(subscriber.password), true);
  assert.equal(await known(subscriber.password), subscriberPassword(clusterSecret));
});

test("the password is secret even where the cluster secret is not", async () => {
  const outputs = outputsOf(topology, pulumi.output(clusterSecret), standby ?? assert.fail());
  assert.equal(await pulumi.isSecret(outputs.subscriber.password), true);
});

test("what the last cutover did is its own line, in the open", async () => {
  assert.equal(await known(lastCutover), "what cutover-run did");
  assert.equal(await pulumi.isSecret(lastCutover), false);
});

const known = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => void output.apply((value) => resolve(value as T)));
