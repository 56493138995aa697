// What the component registers, exactly: the graph is the same whoever is active, a flip changes one resource, no secret is in the open.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { HotStandby } from "../../infra/components/hot-standby.ts";
import { cutoverEnvironment, cutoverPlan } from "../../infra/core/cutover-plan.ts";
import { renderKeysFile } from "../../infra/core/keys-file.ts";
import { leftAlone } from "../../infra/core/left-alone.ts";
import { dummyPlan, publisherPlan, renderListsFile, upstreamPlan } from "../../infra/core/plan.ts";
import { instanceOf } from "../../infra/core/secrets.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { type Registration, registrationsOf } from "../support/registrations.ts";
import { testPublisher, testTopology, testUpstream } from "../support/topology.ts";

const clusterSecret = "a secret of tests, long enough to be one";
const topology = testTopology({ subjects: ["test", "md.>"] });
const [server0 = testUpstream(0)] = topology.upstreams;
const [publisher0 = testPublisher(0)] = topology.publishers;
// The program runs in its own folder: what its commands are called by is relative to that.
process.chdir(`${import.meta.dirname}/../../infra`);

const build = (
  over: Partial<Topology> = {},
  opts: pulumi.ComponentResourceOptions = {},
): Promise<readonly Registration[]> =>
  registrationsOf(() => new HotStandby("natsby", { topology: { ...topology, ...over }, clusterSecret }, opts));
const registered = await build();
const commands = registered.filter(({ type }) => type === "command:local:Command");
const named = (name: string, all = registered): Registration =>
  all.find((one) => one.name === name) ?? assert.fail(`there is no ${name}`);

test("names, types and parents", () => {
  const tree = registered.map(({ type, name, parent }) => `${parent ?? "-"} > ${name}: ${type.split(":").at(-1)}`);
  assert.deepEqual(tree.toSorted(), [
    "- > natsby: HotStandby",
    "cutover > cutover-contract: Command",
    "cutover > cutover-run: Command",
    "dummy-nats0 > dummy-nats0-server: Command",
    "dummy-nats1 > dummy-nats1-server: Command",
    "natsby > cutover: Cutover",
    "natsby > dummy-nats0: Dummy",
    "natsby > dummy-nats1: Dummy",
    "natsby > publisher0: Publisher",
    "natsby > publisher1: Publisher",
    "natsby > server0: Upstream",
    "natsby > server1: Upstream",
    "publisher0 > publisher0-process: Command",
    "publisher1 > publisher1-process: Command",
    "server0 > server0-server: Command",
    "server1 > server1-server: Command",
  ]);
});

test("the order: upstreams one by one, dummies, each its publisher, the cutover, and what it takes away", () => {
  const order = registered.filter(({ dependsOn }) => dependsOn.length > 0);
  assert.deepEqual(Object.fromEntries(order.map(({ name, dependsOn }) => [name, dependsOn])), {
    server1: ["server0-server"],
    "dummy-nats0": ["server1-server"],
    "dummy-nats1": ["server1-server"],
    publisher0: ["dummy-nats0-server"],
    publisher1: ["dummy-nats1-server"],
    cutover: ["publisher0-process", "publisher1-process"],
    "cutover-contract": ["cutover-run"],
  });
});

test("components put no argument into state", () => {
  const components = registered.filter(({ type }) => type.startsWith("natsby:"));
  assert.equal(components.length, 8);
  for (const { inputs, secrets } of components) assert.deepEqual([inputs, secrets], [{}, {}]);
});

test("a server's command: what it runs, and what a preview shows of it", () => {
  const plan = upstreamPlan(topology, server0);
  assert.deepEqual(named("server0-server").inputs, {
    create: "exec ../scripts/run apply/server create",
    update: "exec ../scripts/run apply/server update",
    delete: "exec ../scripts/run apply/remove",
    environment: { NATSBY_SERVER: "server0", NATSBY_CONFIG: plan.base, NATSBY_LIST: renderListsFile(plan.list) },
    addPreviousOutputInEnv: false,
  });
  const { environment } = named("dummy-nats0-server").inputs as { environment: Record<string, string> };
  assert.equal(environment.NATSBY_LIST, 'natsby_subjects: [\n  "test"\n  "md.>"\n]\n');
});

test("a publisher's command", () => {
  assert.deepEqual(named("publisher1-process").inputs, {
    create: "exec ../scripts/run apply/publisher create",
    update: "exec ../scripts/run apply/publisher update",
    delete: "exec ../scripts/run apply/remove",
    environment: { NATSBY_PUBLISHER: "publisher1" },
    addPreviousOutputInEnv: false,
  });
});

test("the cutover's command: in a session of its own, the same to create and to update, and nothing to delete", () => {
  assert.deepEqual(named("cutover-run").inputs, {
    create: "exec setsid --wait ../scripts/run cutover/main",
    environment: { ...cutoverEnvironment(cutoverPlan(topology)), NATSBY_SECRET_DIGEST: instanceOf(clusterSecret) },
    addPreviousOutputInEnv: false,
  });
  assert.deepEqual(named("cutover-contract").inputs, {
    create: "exec ../scripts/run apply/contract",
    environment: { NATSBY_CONTRACT: "server0 server1 dummy-nats0 dummy-nats1 publisher0 publisher1" },
    addPreviousOutputInEnv: false,
  });
});

test("every command is bounded, and gets its plan and the secret on stdin", () => {
  const everything = [
    ...topology.upstreams.map((upstream) => upstreamPlan(topology, upstream)),
    ...topology.publishers.map((publisher) => dummyPlan(topology, publisher)),
    ...topology.publishers.map((publisher) => publisherPlan(topology, publisher)),
  ];
  const plans = new Map<string, unknown>([
    ...everything.map((plan) => [`${plan.name}-${"kind" in plan ? "server" : "process"}`, plan] as const),
    ["cutover-run", cutoverPlan(topology)],
    ["cutover-contract", everything],
  ]);
  assert.equal(commands.length, plans.size);
  for (const { name, secrets, timeouts } of commands) {
    const { stdin, ...others } = secrets;
    assert.deepEqual(JSON.parse(stdin ?? ""), { plan: plans.get(name), clusterSecret }, name);
    assert.deepEqual(others, {});
    assert.deepEqual(timeouts, { create: "5m", update: "5m", delete: "1m" });
  }
});

test("nothing secret, and nothing that is derived from it, stands in the open", () => {
  const keys = [upstreamPlan(topology, server0), dummyPlan(topology, publisher0)].map((plan) =>
    renderKeysFile(plan, clusterSecret),
  );
  const values = keys.flatMap((text) =>
    [...text.matchAll(/^(?!\w*_user_).*"([^"]+)"$/gm)].map((found) => found[1] ?? ""),
  );
  const passwords = [...new Set(values)];
  assert.equal(passwords.length, 14);
  const open = JSON.stringify(registered.map(({ inputs }) => inputs));
  for (const secret of [clusterSecret, ...passwords]) assert.ok(!open.includes(secret), secret);
});

test("no input names a folder of this machine but the stack's own", () => {
  const all = registered.flatMap(({ inputs, secrets }) => [JSON.stringify(inputs), ...Object.values(secrets)]);
  for (const text of all) {
    const paths = text.replaceAll(topology.dataDir, "").match(/(?<![\w/:.$>*])\/[\w.-]+/g) ?? [];
    assert.deepEqual(
      paths.filter((path) => path !== "/seq"),
      [],
    );
  }
});

test("from another folder the commands are called by another path, and the rest is the same", async () => {
  process.chdir(`${import.meta.dirname}/..`);
  const elsewhere = await build();
  process.chdir(`${import.meta.dirname}/../../infra`);
  assert.equal(named("server0-server", elsewhere).inputs.create, "exec ../scripts/run apply/server create");
  assert.deepEqual(elsewhere, registered);
});

const changedBy = async (over: Partial<Topology>): Promise<readonly string[]> => {
  const after = await build(over);
  assert.deepEqual(new Set(after.map(({ urn }) => urn)), new Set(registered.map(({ urn }) => urn)));
  return after.filter((one) => JSON.stringify(one) !== JSON.stringify(named(one.name))).map(({ name }) => name);
};

test("a flip changes the cutover alone", async () => {
  assert.deepEqual(await changedBy({ activePublisher: "publisher1" }), ["cutover-run"]);
});

test("a failover changes the cutover alone: the host that is given up is not contacted", async () => {
  const over = { activePublisher: "publisher1", epoch: 1, fenced: ["publisher0"] };
  assert.deepEqual(await changedBy(over), ["cutover-run"]);
});

test("a subject changes dummies, publishers and the cutover, and no upstream", async () => {
  assert.deepEqual((await changedBy({ subjects: ["test"] })).toSorted(), [
    "cutover-contract",
    "cutover-run",
    "dummy-nats0-server",
    "dummy-nats1-server",
    "publisher0-process",
    "publisher1-process",
  ]);
});

test("a publisher that is added changes nothing of the others but what the cutover knows", async () => {
  const more = await build({ publishers: [...topology.publishers, testPublisher(2)] });
  const kept = more.filter((one) => registered.some(({ name }) => name === one.name));
  const changed = kept.filter((one) => JSON.stringify(one) !== JSON.stringify(named(one.name)));
  assert.deepEqual(changed.map(({ name }) => name).toSorted(), ["cutover", "cutover-contract", "cutover-run"]);
  assert.equal(more.length, registered.length + 4);
});

test("the transforms of whoever uses the component come after natsby's own", async () => {
  const transform: pulumi.ResourceTransform = async () => undefined;
  const [standby] = await build({}, { transforms: [transform] });
  assert.deepEqual([registered[0]?.transforms, standby?.transforms], [3, 4]);
});

test("a secret that only becomes known later is as secret", async () => {
  const later = pulumi.secret(new Promise<string>((resolve) => setTimeout(() => resolve(clusterSecret), 5)));
  const built = await registrationsOf(() => new HotStandby("natsby", { topology, clusterSecret: later }));
  assert.deepEqual(built, registered);
});

test("what is left alone stays registered, and is not in what the contract takes away", async () => {
  const alone = leftAlone({ ...topology, fenced: ["publisher1"] });
  const left = await registrationsOf(() => new HotStandby("natsby", { topology, clusterSecret, alone }));
  assert.deepEqual(
    left.map(({ name }) => name),
    registered.map(({ name }) => name),
  );
  const { plan } = JSON.parse(named("cutover-contract", left).secrets.stdin ?? "") as { plan: { name: string }[] };
  const names = plan.map(({ name }) => name);
  assert.deepEqual(names, ["server0", "server1", "dummy-nats0", "publisher0"]);
});
