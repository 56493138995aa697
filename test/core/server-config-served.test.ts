// The rendered files, read by a real nats-server: accepted as a whole, and what its users may do.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { fileOf, folderOf } from "../../infra/core/layout.ts";
import { dummyPlan, type ServerPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { renderRoleFile, routeUrl } from "../../infra/core/role-file.ts";
import { passwordOf, subscriberPassword, userOf } from "../../infra/core/secrets.ts";
import type { Topology } from "../../infra/core/topology.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { writeText } from "../../infra/hosts/text-file.ts";
import { connectNats } from "../../infra/observe/nats.ts";
import { placeServerFiles, testConfig } from "../../scripts/apply/server-files.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { topologies } from "../support/any-topology.ts";
import { startStack } from "../support/stack.ts";
import { temporary } from "../support/temporary.ts";

const natsServer = natsServerPath();
const clusterSecret = "a secret of tests, long enough to be one";
const stack = await startStack({ over: { subjects: ["test", "md.>"] } });
after(() => stack[Symbol.asyncDispose]());
const placing = { lists: "exact", resetRole: true, natsServer } as const;

test("nats-server accepts the files of every server of any stack, detached and attached", async () => {
  await fc.assert(
    fc.asyncProperty(topologies, async (any) => {
      using folder = temporary("a stack's files");
      const topology = { ...any, dataDir: folder.path };
      for (const plan of plansOf(topology)) {
        const { digest } = await placeServerFiles(localHost(plan.dataDir), plan, clusterSecret, placing);
        if (plan.kind === "dummy") assert.notEqual(await digestWhenAttached(topology, plan), digest);
      }
    }),
    { numRuns: 5 },
  );
});

test("a publisher may publish its subjects and nothing else, and hears nothing", async () => {
  const { dummy } = stack.topology.publishers[1] ?? assert.fail();
  const password = passwordOf(clusterSecret, dummy.name, "publisher1");
  const said = await refusals(`nats://127.0.0.1:${dummy.clientPort}`, userOf(clusterSecret, "publisher1"), password, {
    publish: ["test", "md.a.b", "other", "md", "$SYS.REQ.SERVER.PING"],
    subscribe: ["test", "_INBOX.>"],
  });
  assert.deepEqual(said, [
    "publish other",
    "publish md",
    "publish $SYS.REQ.SERVER.PING",
    "subscription test",
    "subscription _INBOX.>",
  ]);
});

test("the subscriber hears everything at every upstream by one password, and may say nothing", async () => {
  for (const { clientPort } of stack.topology.upstreams) {
    const url = `nats://127.0.0.1:${clientPort}`;
    const asked = { publish: ["test", "_INBOX.a"], subscribe: ["test", ">"] };
    const said = await refusals(url, userOf(clusterSecret, "subscriber"), subscriberPassword(clusterSecret), asked);
    assert.deepEqual(said, ["publish test", "publish _INBOX.a"]);
  }
});

test("nobody gets in without a password, nor by that of another server", async () => {
  const [server0, server1] = stack.topology.upstreams;
  const url = `nats://127.0.0.1:${server0?.clientPort}`;
  const others = passwordOf(clusterSecret, server1?.name ?? "", "natsby");
  for (const [user, password] of [
    ["", ""],
    [userOf(clusterSecret, "natsby"), ""],
    [userOf(clusterSecret, "natsby"), others],
    [userOf(clusterSecret, "publisher0"), others],
    [`${userOf(clusterSecret, "natsby")}.spare`, others],
  ] as const) {
    await assert.rejects(connectNats({ url, user, password, name: "test", timeoutMs: 2_000 }), /Authorization/i);
  }
});

const plansOf = (topology: Topology): readonly ServerPlan[] => [
  ...topology.upstreams.map((upstream) => upstreamPlan(topology, upstream)),
  ...topology.publishers.map((publisher) => dummyPlan(topology, publisher)),
];

async function digestWhenAttached({ dataDir, upstreams, epoch }: Topology, { name }: ServerPlan): Promise<string> {
  const routes = upstreams.map(routeUrl);
  await writeText(fileOf(dataDir, name, "role"), renderRoleFile({ dummy: name, routes, epoch, ticket: 1 }), 0o600);
  return testConfig(localHost(dataDir), folderOf(dataDir, name), "nats.conf", natsServer);
}

/** What the server refuses of it, in the order asked. */
async function refusals(
  url: string,
  user: string,
  password: string,
  asked: { readonly publish: readonly string[]; readonly subscribe: readonly string[] },
): Promise<readonly string[]> {
  const nats = await connectNats({ url, user, password, name: "test", timeoutMs: 2_000 });
  const refused: string[] = [];
  void (async () => {
    for await (const { permissionContext: about } of nats.status()) {
      if (about !== undefined) refused.push(`${about.operation} ${about.subject}`);
    }
  })();
  for (const subject of asked.publish) nats.publish(subject);
  for (const subject of asked.subscribe) nats.subscribe(subject, { callback: () => undefined });
  await nats.flush();
  await setImmediate();
  await nats.close();
  return refused;
}
