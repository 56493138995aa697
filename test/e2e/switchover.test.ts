// natsby switchover, pause, resume and history as they are typed, on one running stack with a raw subscriber at each upstream.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import type { HistoryJson } from "../../infra/core/history-list.ts";
import { signalProcess } from "../../infra/hosts/processes.ts";
import { endsWith, type Ran } from "../support/bounded-run.ts";
import { holdLock } from "../support/held-lock.ts";
import { patient, publishersAt } from "../support/project.ts";
import { loadTimesOf } from "../support/servers.ts";
import { watchedProject } from "../support/watched-project.ts";

const watched = watchedProject({ config: { ...patient, publishers: publishersAt(200) } });
const { project } = watched;

const configNow = (): string => readFileSync(project.stackFile, "utf8");

/** Runs a verb that must be refused, and asserts that neither the config nor a server was touched. */
async function refused(words: readonly string[], said: RegExp, code = 3): Promise<Ran> {
  const [text, loaded] = [configNow(), await loadTimesOf(await project.status())];
  const ran = await endsWith(code, project.natsby(words));
  assert.match(ran.stderr, said);
  assert.equal(configNow(), text);
  assert.deepEqual(await loadTimesOf(await project.status()), loaded);
  return ran;
}

test("switchover and back: nothing twice, and the tables say what the witness heard", async () => {
  const text = configNow();
  for (const [from, to] of [
    ["publisher0", "publisher1"],
    ["publisher1", "publisher0"],
  ] as const) {
    const { stdout, stderr } = await endsWith(0, project.natsby(["switchover", "--to", to, "--from", from]));
    await watched.witness.hears(to);
    for (const { server, handovers, doubled, old } of await watched.witness.take()) {
      assert.deepEqual(
        [handovers.map((one) => `${one.from} -> ${one.to}`), doubled, old],
        [[`${from} -> ${to}`], 0, 0],
        server,
      );
      assert.match(stdout, new RegExp(`^${server} +${from} +${to} +[\\d.]+ ms +\\d+ +0$`, "m"));
    }
    assert.match(stdout, new RegExp(`^${from} +active +server0 server1 +standby +nowhere$`, "m"));
    assert.match(stdout, new RegExp(`^${to} +standby +nowhere +active +server0 server1$`, "m"));
    assert.match(stderr, /^ {2}detach +[\d.]+ ms {2}/m, "the steps are shown");
  }
  assert.equal(configNow(), text, "there and back is where it was, to the byte");
});

test("to whom is heard already: nothing to do, nothing is reloaded", async () => {
  const loaded = await loadTimesOf(await project.status());
  const { stdout } = await endsWith(0, project.natsby(["switchover", "--to", "publisher0", "--json"]));
  const { outcome, config } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([outcome, config], ["already", "unchanged"]);
  assert.deepEqual(await loadTimesOf(await project.status()), loaded);
});

test("a stale premise, a misspelt name and a risk without a reason are refused, and nothing is written", async () => {
  await refused(["switchover", "--to", "publisher1", "--from", "publisher1"], /publisher1 is not heard: publisher0 is/);
  await refused(["switchover", "--to", "publsher1"], /did you mean publisher1\?/);
  await refused(["switchover", "--to", "publisher1", "--accept-degraded"], /--reason/, 64);
});

test("a pause refuses whoever would flip, the bare pulumi up too; status shows it; resume ends it", async () => {
  const text = configNow();
  await endsWith(0, project.natsby(["pause", "--for", "2h", "--reason", "trading hours"]));
  await refused(["switchover", "--to", "publisher1"], /paused by .*trading hours/);
  await refused(["failover", "--to", "publisher1", "--reason", "a try"], /there is nobody|paused by/);
  project.configure({ activePublisher: "publisher1" });
  const { output } = await project.up();
  assert.match(output, /natsby exit 3: preflight: paused by/);
  project.configure({ activePublisher: "publisher0" });
  assert.equal(configNow(), text);
  const { verdict, problems } = await project.status();
  assert.deepEqual([verdict, problems.map(({ code }) => code)], ["ok", ["paused"]], "a note, no error");
  await endsWith(0, project.natsby(["resume"]));
  assert.match((await endsWith(0, project.natsby(["resume"]))).stdout, /^already/);
});

test("a flip that cannot be done, the lock being held, puts the config back to the byte: exit 7", async () => {
  const text = configNow();
  {
    await using _ = await holdLock(project);
    const { stderr } = await endsWith(7, project.natsby(["switchover", "--to", "publisher1"]));
    assert.match(stderr, /holds the stack's lock/);
    assert.equal(configNow(), text);
  }
  assert.equal((await project.status()).activePublisher, "publisher0");
});

test("the active one is dead: the verb to type is named", async () => {
  const dummy = project.processes().get("dummy-nats0");
  assert.ok(dummy);
  signalProcess(dummy, "SIGKILL");
  const ran = await endsWith(3, project.natsby(["switchover", "--to", "publisher1"]));
  assert.match(ran.stderr, /natsby failover --to publisher1 --reason "/);
  await endsWith(0, project.up());
  await watched.witness.hears("publisher0");
});

test("history tells of all of it, failures too, with who and why and the run of Pulumi", async () => {
  await endsWith(0, project.natsby(["switchover", "--to", "publisher1", "--reason", "the last one"]));
  const { stdout } = await endsWith(0, project.natsby(["history", "--json"]));
  const { withoutPulumi, cutovers } = JSON.parse(stdout) as HistoryJson;
  assert.equal(withoutPulumi, null);
  const [last] = cutovers;
  assert.deepEqual(
    [last?.from, last?.to, last?.result, last?.reason],
    ["publisher0", "publisher1", "active", "the last one"],
  );
  assert.equal(last?.update?.result, "succeeded");
  assert.match(last?.who ?? "", /@/);
  assert.deepEqual(
    last?.upstreams.map(({ doubled }) => doubled),
    [0, 0],
  );
  assert.ok(cutovers.some(({ result, problem }) => result === "refused" && /paused/.test(problem ?? "")));
  const table = await endsWith(0, project.natsby(["history", "--limit", "3"]));
  assert.match(table.stdout, /"the last one", /);
  for (const line of table.stdout.split("\n")) assert.ok(line.length <= 80, line);
});
