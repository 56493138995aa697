// Another clusterSecret on a live stack, in two `pulumi up`s: both secrets are let in, then the new one alone; killed half-way too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connectNats } from "../../infra/observe/nats.ts";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject, patient, publishersAt } from "../support/project.ts";
import { until } from "../support/until.ts";
import type { Witness } from "../support/witness.ts";

type Subscriber = { readonly user: string; readonly password: string };

const project = makeProject({ config: { ...patient, publishers: publishersAt(200) } });
const witnesses: Witness[] = [];
const secrets = [
  "the first of two other secrets, long enough",
  "the second of two other secrets, long enough",
] as const;

before(() => project.bringUp());
after(async () => {
  for (const witness of witnesses) await witness[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const noChange = () => endsWith(0, project.pulumi(["preview", "--expect-no-changes"]));
const typed = async (...lines: readonly string[]) =>
  endsWith(0, project.shell(lines, "bash", { env: await project.tools() }));
const owner = () => JSON.parse(readFileSync(join(project.dataDir, "natsby.json"), "utf8"));

async function listen(): Promise<Witness> {
  const witness = await project.witness();
  witnesses.push(witness);
  return witness;
}

/** Nothing is heard twice, and nothing is lost. */
async function assertNothingLost(witness: Witness): Promise<void> {
  for (const { server, doubled, old, lost } of await witness.take()) {
    assert.deepEqual([doubled, old, lost], [0, 0, 0], server);
  }
}

/** Who is let in at every server that a subscriber may reach. */
async function letIn({ user, password }: Subscriber): Promise<readonly boolean[]> {
  const { upstreams } = await project.status();
  return Promise.all(
    upstreams.map(async ({ clientUrl: url }) => {
      const signedIn = connectNats({ url, user, password, name: "test", timeoutMs: 5_000 });
      return signedIn.then(
        (nats) => nats.close().then(() => true),
        () => false,
      );
    }),
  );
}

async function subscriber(): Promise<Subscriber> {
  return (await project.status()).subscriber ?? assert.fail("no subscriber");
}

async function rotateTo(secret: string): Promise<void> {
  await typed(
    "pulumi config get clusterSecret | pulumi config set --secret clusterSecretPrevious",
    `echo '${secret}' | pulumi config set --secret clusterSecret`,
  );
}

let old: Subscriber;

test("another secret without the one before it is another stack's", async () => {
  old = await subscriber();
  const kept = readFileSync(project.stackFile, "utf8");
  await typed(`echo '${secrets[0]}' | pulumi config set --secret clusterSecret`);
  const { code, output } = await project.pulumi(["preview"]);
  assert.notEqual(code, 0);
  assert.match(output, /natsby exit 3: .* belongs to another stack/);
  assert.match(output, /clusterSecretPrevious/);
  const [, clusterSecret] = /clusterSecret:\n\s+(secure: .*)/.exec(kept) ?? assert.fail("no secret");
  project.configure({ clusterSecret: { secure: clusterSecret?.replace("secure: ", "") } });
  await noChange();
});

test("the first up lets both in, loses nothing, and leaves the active publisher as it is", async () => {
  const witness = await listen();
  await witness.hears("publisher0");
  await witness.take();
  const before = project.processes();
  await rotateTo(secrets[0]);
  await endsWith(0, project.up());
  await noChange();
  await witness.hears("publisher0");
  await assertNothingLost(witness);
  const now = await subscriber();
  assert.notEqual(now.user, old.user);
  assert.deepEqual(
    [await letIn(old), await letIn(now)],
    [
      [true, true],
      [true, true],
    ],
  );
  const restarted = [...before].filter(([name, { pid }]) => project.processes().get(name)?.pid !== pid);
  assert.deepEqual(
    restarted.map(([name]) => name),
    ["publisher1"],
  );
  assert.equal((await project.status()).verdict, "ok");
});

test("the second up is refused while it would silence the active publisher: by a preview, before anything is touched", async () => {
  project.configure({ clusterSecretPrevious: undefined });
  const { code, output } = await project.pulumi(["preview"]);
  assert.notEqual(code, 0);
  assert.match(
    output,
    /natsby exit 3: this change restarts publisher0, which is heard now \(publisher0: clusterSecret\)/,
  );
});

test("with a flip in it the second up lets in the new one alone, and loses what a flip loses", async () => {
  const witness = await listen();
  await witness.hears("publisher0");
  await witness.take();
  project.configure({ activePublisher: "publisher1" });
  await endsWith(0, project.up());
  await noChange();
  await witness.hears("publisher1");
  for (const { server, doubled, old, handovers, lost } of await witness.take()) {
    assert.deepEqual([doubled, old, handovers.length], [0, 0, 1], server);
    assert.ok(
      lost * 5 <= (handovers[0]?.gapMs ?? 0) + 10,
      `${server}: ${lost} lost in a gap of ${handovers[0]?.gapMs} ms`,
    );
  }
  assert.deepEqual(
    [await letIn(old), await letIn(await subscriber())],
    [
      [false, false],
      [true, true],
    ],
  );
  assert.equal((await project.status()).verdict, "ok");
  assert.deepEqual(Object.keys(owner()), ["instance"]);
  const keys = readFileSync(join(project.dataDir, "server0/keys.conf"), "utf8");
  assert.ok(!keys.includes(old.user));
});

/** Kills an `up`, and all that it runs, when it has got as far as this server. */
async function killedAt(server: string): Promise<void> {
  const running = await project.startPulumi(["up", "--yes", "--skip-preview"]);
  let hasEnded = false;
  void running.ended.finally(() => (hasEnded = true));
  await until(`${server} is updated`, () => hasEnded || running.output().includes(`${server}-server updating`), 60_000);
  assert.equal(hasEnded, false, running.output());
  running.signal("SIGKILL", "group");
  await running.ended;
  await project.pulumi(["cancel", "--yes"]);
}

test("killed half-way, the first up is run again", async () => {
  const witness = await listen();
  await witness.hears("publisher1");
  await witness.take();
  await rotateTo(secrets[1]);
  await killedAt("server1");
  await endsWith(0, project.up());
  await noChange();
  await witness.hears("publisher1");
  await assertNothingLost(witness);
});

test("killed half-way, the second up is run again; what stands on the old secret alone is never left", async () => {
  const witness = await listen();
  await witness.hears("publisher1");
  await witness.take();
  project.configure({ clusterSecretPrevious: undefined, activePublisher: "publisher0" });
  await killedAt("server1");
  await endsWith(0, project.up());
  await noChange();
  await witness.hears("publisher0");
  for (const { server, doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0], server);
  assert.deepEqual(Object.keys(owner()), ["instance"]);
  assert.equal((await project.status()).verdict, "ok");
});

test("the previous secret taken out too early is refused: not every server knows the new one", async () => {
  await rotateTo("a third secret of this test, long enough too");
  await killedAt("server1");
  project.configure({ clusterSecretPrevious: undefined, activePublisher: "publisher1" });
  const { code, output } = await project.pulumi(["preview"]);
  assert.notEqual(code, 0);
  assert.match(
    output,
    /natsby exit 3: clusterSecretPrevious is gone from the config, and not every server accepts the new secret yet/,
  );
});
