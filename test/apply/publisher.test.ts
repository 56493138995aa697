// Pulumi's command for a publisher: one process, restarted only for a reason, and gone with all that it started.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { type PublisherPlan, publisherPlan } from "../../infra/core/plan.ts";
import { passwordOf } from "../../infra/core/secrets.ts";
import { findProcesses, stopProcess } from "../../infra/hosts/processes.ts";
import { clusterSecret, runApply } from "../support/apply-command.ts";
import { endsWith } from "../support/bounded-run.ts";
import { temporary } from "../support/temporary.ts";
import { testPublisher, testTopology } from "../support/topology.ts";
import { until } from "../support/until.ts";

const folder = temporary("data dir");
const dataDir = folder.path;
after(async () => {
  const all = [...findProcesses(dataDir).values()].flat();
  await Promise.all(all.map((process) => stopProcess(process, { withinMs: 5_000, group: true })));
  folder[Symbol.dispose]();
});

const planOf = (over: Partial<PublisherPlan> = {}): PublisherPlan => ({
  ...publisherPlan(testTopology({ dataDir, subjects: ["test", "md.>"] }), testPublisher(0)),
  command: ["sleep", "600"],
  ...over,
});
/** What the command says, run with this plan. */
const apply = async (over: Partial<PublisherPlan> = {}): Promise<string> =>
  (await endsWith(0, runApply(["apply/publisher", "create"], planOf(over)))).stdout;
const pids = (): readonly number[] => (findProcesses(dataDir).get("publisher0") ?? []).map(({ pid }) => pid);
const subjects = (): unknown => JSON.parse(readFileSync(join(dataDir, "publisher0/subjects.json"), "utf8"));

test("it starts the user's own program, in the project, with everything that it needs to publish", async () => {
  const said = await apply({ environment: { OWN: "yes", NATS_USER: "me" } });
  const [pid = 0] = pids();
  assert.equal(said, `publisher0 started (pid ${pid})\n`);
  assert.equal(readFileSync(`/proc/${pid}/cmdline`, "utf8"), "sleep\x00600\0");
  const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  for (const variable of [
    "NATS_URL=nats://127.0.0.1:4422",
    "NATS_USER=me",
    `NATS_PASSWORD=${passwordOf(clusterSecret, "dummy-nats0", "publisher0")}`,
    "NATSBY_PUBLISHER=publisher0",
    `NATSBY_SUBJECTS_FILE=${dataDir}/publisher0/subjects.json`,
    "NATSBY_RATE=10",
    "OWN=yes",
  ]) {
    assert.ok(environment.includes(variable), variable);
  }
  assert.deepEqual(subjects(), ["test", "md.>"]);
});

test("run again with nothing changed it leaves the process alone; subjects are no reason to restart it, and only grow", async () => {
  const said = await apply();
  const [pid] = pids();
  assert.match(said, /started/, "its environment changed");
  assert.equal(await apply(), `publisher0 runs already (pid ${pid})\n`);
  assert.equal(await apply({ subjects: ["new"] }), `publisher0 runs already (pid ${pid})\n`);
  assert.deepEqual(subjects(), ["new", "test", "md.>"]);
  await endsWith(0, runApply(["apply/contract"], [planOf({ subjects: ["new"] })]));
  assert.deepEqual(subjects(), ["new"]);
});

test("another rate restarts it, and a frozen or killed process is started anew; never two at once", async () => {
  let [before] = pids();
  const restarted = async (over: Partial<PublisherPlan> = {}) => {
    const said = await apply(over);
    const [now, ...more] = pids();
    assert.deepEqual(more, []);
    assert.notEqual(now, before);
    assert.equal(said, `publisher0 started (pid ${now})\n`);
    before = now;
  };
  await restarted({ rate: 20 });
  process.kill(before ?? 0, "SIGSTOP");
  await until("it is frozen", () => findProcesses(dataDir).get("publisher0")?.[0]?.frozen);
  await restarted({ rate: 20 });
  process.kill(before ?? 0, "SIGKILL");
  await until("it is gone", () => pids().length === 0);
  await restarted({ rate: 20 });
});

test("a program that a SIGTERM does not end is killed, with what it started, before another starts", async () => {
  await apply({ command: ["sh", "-c", "trap '' TERM; sleep 600 & wait; sleep 600"] });
  const timeouts = { start: 10_000, stop: 300 };
  assert.match(await apply({ timeouts }), /started/);
  assert.equal(pids().length, 1);
});

test("a program that ends at once, or is not there, is an error that says where to look", async () => {
  const broken: readonly (readonly [command: readonly string[], text: RegExp])[] = [
    [["sh", "-c", "echo why >&2; exit 3"], /natsby exit 3: publisher0 ended within 300 ms of its start/],
    [["/nowhere/feed"], /natsby exit 3: publisher0 cannot be started: .*ENOENT/],
  ];
  for (const [command, text] of broken) {
    const { code, stderr, stdout } = await runApply(["apply/publisher", "update"], planOf({ command }));
    assert.deepEqual([code, stdout], [3, ""]);
    assert.match(stderr, text);
    assert.ok(
      stderr.includes(`try it by hand: ${command.join(" ")}; its output is in ${dataDir}/publisher0/publisher.log`),
    );
    assert.deepEqual(pids(), []);
  }
  assert.match(readFileSync(join(dataDir, "publisher0/publisher.log"), "utf8"), /why\n/);
});

test("the stack's folder with another stack's name in it is refused, and nothing is started", async () => {
  using other = temporary();
  writeFileSync(join(other.path, "natsby.json"), '{"instance":"another"}');
  const { code, stderr } = await runApply(["apply/publisher", "create"], planOf({ dataDir: other.path }));
  assert.equal(code, 3);
  assert.match(stderr, /^natsby exit 3: dataDir .* belongs to another stack\n {2}try: /);
  const { stdout } = await endsWith(0, runApply(["apply/remove"], planOf({ dataDir: other.path })));
  assert.equal(stdout, `publisher0: left as it is, ${other.path} is not this stack's\n`);
  assert.equal(existsSync(join(other.path, "natsby.json")), true);
});

test("removed, its process and folder are gone; removed again it says so all the same", async () => {
  await apply();
  for (const _ of [1, 2]) {
    const { stdout } = await endsWith(0, runApply(["apply/remove"], planOf()));
    assert.equal(stdout, `publisher0 stopped, ${dataDir}/publisher0 removed\n`);
    assert.deepEqual([pids(), existsSync(join(dataDir, "publisher0"))], [[], false]);
  }
});
