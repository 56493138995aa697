// natsby failover, rejoin and adopt as they are typed, with a raw subscriber at each upstream: nothing twice, nothing old, ever.

import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { endsWith } from "../support/bounded-run.ts";
import { sendSignal } from "../support/frozen.ts";
import { holdLock } from "../support/held-lock.ts";
import { publishersAt } from "../support/project.ts";
import { watchedProject } from "../support/watched-project.ts";

const watched = watchedProject({ config: { publishers: publishersAt(200, 4) } }, async () => {
  oldConfig = configNow();
});
const { project } = watched;
let oldConfig = "";

const configNow = (): string => readFileSync(project.stackFile, "utf8");

/** Freezes a publisher's dummy: its host is taken to be gone. Disposed, it thaws. */
function frozen(dummy: string): Disposable {
  const process = project.processes().get(dummy);
  assert.ok(process, `${dummy} runs`);
  sendSignal(process, "SIGSTOP");
  return { [Symbol.dispose]: () => sendSignal(process, "SIGCONT") };
}

async function failover(to: string): Promise<FlipResult> {
  const words = ["failover", "--to", to, "--reason", "its host is gone", "--json"];
  return JSON.parse((await endsWith(0, project.natsby(words))).stdout);
}

test("what would give up the wrong one is refused, and nothing is written", async () => {
  for (const [words, said] of [
    [["--to", "publisher0", "--reason", "x"], /publisher0 is heard already/],
    [["--to", "publsher1", "--reason", "x"], /did you mean publisher1\?/],
  ] as const) {
    assert.match((await endsWith(3, project.natsby(["failover", ...words]))).stderr, said);
  }
  await endsWith(64, project.natsby(["failover", "--to", "publisher1"]));
  assert.equal(configNow(), oldConfig);
});

test("the active one frozen: another is heard; thawed, it is kept out, and not one old message is heard", async () => {
  {
    using _ = frozen("dummy-nats0");
    const { epoch, fenced, after: heard, next } = await failover("publisher1");
    assert.deepEqual([epoch, fenced, heard, next], [1, ["publisher0"], "publisher1", []]);
    await watched.witness.hears("publisher1");
  }
  await sleep(1_000);
  await watched.nothingDoubled();
  const status = await project.status();
  assert.deepEqual(
    status.problems.map(({ code }) => code),
    ["fenced-back"],
  );
  await watched.noChange();
});

test("done again: already", async () => {
  assert.equal((await failover("publisher1")).outcome, "already");
});

test("the active one dead before anybody listened: what it sent last is not known, nor is what came twice of it", async () => {
  sendSignal(project.processes().get("dummy-nats1") ?? assert.fail(), "SIGKILL");
  const { after: heard, upstreams, notes } = await failover("publisher2");
  assert.equal(heard, "publisher2");
  for (const { doubled, lost, gapMs } of upstreams) assert.deepEqual([doubled, lost, gapMs], [null, null, null]);
  assert.match(notes.join(), /doubles cannot be excluded on test: nothing of it was heard of the old publisher/);
  await watched.hears("publisher2");
  await endsWith(0, project.natsby(["rejoin", "publisher1"]));
  await endsWith(0, project.natsby(["switchover", "--to", "publisher1"]));
  await watched.witness.hears("publisher1");
});

test("the stack's lock is held: the failover is done all the same, and what is left is said", async () => {
  {
    await using _lock = await holdLock(project);
    using _ = frozen("dummy-nats1");
    const { after: heard, next, config } = await failover("publisher2");
    assert.deepEqual([heard, config], ["publisher2", "written"]);
    assert.match(next.join(), /pulumi up/);
    await watched.witness.hears("publisher2");
  }
  await watched.witness.hears("publisher2");
  await endsWith(0, project.up());
  await watched.nothingDoubled();
});

test("the backend is away: the secret is read without it, and the failover is done", async () => {
  const [state, away] = [join(project.path, ".natsby/state"), join(project.path, ".natsby/away")];
  renameSync(state, away);
  try {
    using _ = frozen("dummy-nats2");
    const { after: heard, next } = await failover("publisher3");
    assert.equal(heard, "publisher3");
    assert.match(next.join(), /pulumi up/);
  } finally {
    renameSync(away, state);
  }
  await endsWith(0, project.up());
  await watched.noChange();
  await watched.hears("publisher3");
});

test("rejoin takes one back, detached; one that does not answer stays out", async () => {
  {
    using _ = frozen("dummy-nats1");
    assert.match(
      (await endsWith(3, project.natsby(["rejoin", "publisher1"]))).stderr,
      /dummy-nats1: .* is frozen: the fence stays/,
    );
  }
  const { stdout } = await endsWith(0, project.natsby(["rejoin", "publisher0", "--reason", "mended", "--json"]));
  const { epoch, fenced, after: heard } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([epoch, fenced, heard], [6, ["publisher1", "publisher2"], "publisher3"]);
  const { publishers, verdict } = await project.status();
  assert.equal(publishers.find(({ name }) => name === "publisher0")?.role, "standby");
  assert.equal(verdict, "drift", "the others run again, and are kept out");
  await endsWith(0, project.natsby(["switchover", "--to", "publisher0"]));
  await watched.hears("publisher0");
});

test("a checkout from before all this is refused, and adopt is its way out", async () => {
  const newest = configNow();
  writeFileSync(project.stackFile, oldConfig);
  assert.match((await project.up()).output, /natsby exit 3: .*epoch 0/);
  assert.match(
    (await endsWith(3, project.natsby(["failover", "--to", "publisher3", "--reason", "x"]))).stderr,
    /stale/,
  );
  const { stdout } = await endsWith(0, project.natsby(["adopt"]));
  assert.match(stdout, /^epoch: 0 -> 6$/m);
  assert.match(stdout, /^fenced: \[\] -> \[publisher1, publisher2\]$/m);
  await watched.noChange();
  assert.match((await endsWith(0, project.natsby(["adopt"]))).stdout, /^already/);
  for (const line of newest.split("\n")) assert.ok(configNow().includes(line.trim()), line);
});
