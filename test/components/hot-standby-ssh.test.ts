// What the component registers for a stack on hosts of its own: hosts first, nothing secret in the open, and who moves is another one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HotStandby } from "../../infra/components/hot-standby.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { topologyOf } from "../../infra/core/topology-of.ts";
import { least, onHosts, parse } from "../support/config.ts";
import { type Registration, registrationsOf } from "../support/registrations.ts";

const clusterSecret = "a secret of tests, long enough to be one";
const sshPrivateKeys = { default: "a key of tests" };
const topology = topologyOf(parse({ ...least, ...onHosts }), { project: "natsby", stack: "prod" });
// The program runs in its own folder: what its commands are called by is relative to that.
process.chdir(`${import.meta.dirname}/../../infra`);

const build = (over: Partial<Topology> = {}): Promise<readonly Registration[]> =>
  registrationsOf(
    () => new HotStandby("natsby", { topology: { ...topology, ...over }, clusterSecret, sshPrivateKeys }),
  );
const registered = await build();
const named = (name: string, all = registered): Registration =>
  all.find((one) => one.name === name) ?? assert.fail(`there is no ${name}`);

test("hosts are prepared first, with their key pinned, through the host that leads there", () => {
  const hosts = registered.filter(({ type }) => type === "command:remote:Command");
  assert.deepEqual(hosts.map(({ name }) => name).toSorted(), ["hub-host", "web1-host"]);
  assert.deepEqual([...named("server0").dependsOn].toSorted(), ["hub-folder", "hub-host", "web1-folder", "web1-host"]);
  const shown = JSON.stringify(named("web1-host").inputs) + JSON.stringify(named("web1-host").secrets);
  for (const word of ["web1.example.com", "192.0.2.1", "ssh-ed25519 "]) assert.ok(shown.includes(word), word);
});

test("private keys go to hosts' commands on stdin and to connections alone, as secrets", () => {
  for (const { name, inputs } of registered) assert.doesNotMatch(JSON.stringify(inputs), /a key of tests/, name);
  for (const name of ["server0-server", "publisher1-process", "cutover-run", "cutover-contract"]) {
    const { sshPrivateKeys: keys, hosts } = JSON.parse(named(name).secrets.stdin ?? "{}");
    assert.deepEqual([keys, hosts.hosts.length], [sshPrivateKeys, 2], name);
  }
});

test("a failover changes no request but the cutover's, and no host that is given up whole is prepared", async () => {
  const after = await build({ fenced: ["publisher1"], epoch: 1 });
  assert.deepEqual(
    after.filter(({ type }) => type === "command:remote:Command").map(({ name }) => name),
    ["hub-host"],
  );
  for (const name of ["server0-server", "dummy-nats0-server", "publisher0-process"]) {
    assert.equal(named(name, after).secrets.stdin, named(name).secrets.stdin, name);
  }
});

test("what stands for the stack's folder on a host stays, does nothing, and goes last", async () => {
  const after = await build({ fenced: ["publisher1"], epoch: 1 });
  for (const all of [registered, after]) {
    const { inputs } = named("web1-folder", all);
    assert.deepEqual([inputs.create, inputs.delete], ["echo web1", "exec ../scripts/run apply/leave"]);
    assert.ok(named("server0", all).dependsOn.includes("web1-folder"));
  }
});

test("whoever moves to another host is replaced", () => {
  assert.deepEqual(named("dummy-nats1-server").inputs.triggers, ["web1"]);
  assert.deepEqual(named("publisher0-process").inputs.triggers, ["hub"]);
});
