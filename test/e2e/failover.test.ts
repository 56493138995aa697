// natsby failover, rejoin and adopt as they are typed, with a raw subscriber at each upstream: nothing twice, nothing old, ever.

import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { signalProcess } from "../../infra/hosts/processes.ts";
import { endsWith } from "../support/bounded-run.ts";
import { holdLock } from "../support/held-lock.ts";
import { makeProject, publishersAt } from "../support/project.ts";
import type { Witness } from "../support/witness.ts";

const project = makeProject({ config: { publishers: publishersAt(200, 4) } });
let witness: Witness;
let oldConfig = "";

before(async () => {
  await project.bringUp();
  witness = await project.witness();
  await witness.hears("publisher0");
  await witness.take();
  oldConfig = configNow();
});
after(async () => {
  await witness?.[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const configNow = (): string => readFileSync(project.stackFile, "utf8");

/** Freezes a publisher's dummy: its host is taken to be gone. Disposed, it thaws. */
function frozen(dummy: string): Disposable {
  const process = project.processes().get(dummy);
  assert.ok(process, `${dummy} runs`);
  signalProcess(process, "SIGSTOP");
  return { [Symbol.dispose]: () => signalProcess(process, "SIGCONT") };
}

async function failover(to: string): Promise<FlipResult> {
  const words = ["failover", "--to", to, "--reason", "its host is gone", "--json"];
  return JSON.parse((await endsWith(0, project.natsby(words))).stdout);
}

async function nothingDoubled(): Promise<void> {
  for (const { server, doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0], server);
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
    await witness.hears("publisher1");
  }
  await sleep(1_000);
  await nothingDoubled();
  const status = await project.status();
  assert.deepEqual(
    status.problems.map(({ code }) => code),
    ["fenced-back"],
  );
  await endsWith(0, project.pulumi(["preview", "--expect-no-changes"]));
});

test("done again: already", async () => {
  assert.equal((await failover("publisher1")).outcome, "already");
});

test("the active one dead before anybody listened: what it sent last is not known, nor is what came twice of it", async () => {
  signalProcess(project.processes().get("dummy-nats1") ?? assert.fail(), "SIGKILL");
  const { after: heard, upstreams, notes } = await failover("publisher2");
  assert.equal(heard, "publisher2");
  for (const { doubled, lost, gapMs } of upstreams) assert.deepEqual([doubled, lost, gapMs], [null, null, null]);
  assert.match(notes.join(), /doubles cannot be excluded on test: nothing of it was heard of the old publisher/);
  await witness.hears("publisher2");
  await nothingDoubled();
  await endsWith(0, project.natsby(["rejoin", "publisher1"]));
  await endsWith(0, project.natsby(["switchover", "--to", "publisher1"]));
  await witness.hears("publisher1");
});

test("the stack's lock is held: the failover is done all the same, and what is left is said", async () => {
  {
    await using _lock = await holdLock(project);
    using _ = frozen("dummy-nats1");
    const { after: heard, next, config } = await failover("publisher2");
    assert.deepEqual([heard, config], ["publisher2", "written"]);
    assert.match(next.join(), /pulumi up/);
    await witness.hears("publisher2");
  }
  await witness.hears("publisher2");
  await endsWith(0, project.up());
  await nothingDoubled();
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
  await endsWith(0, project.pulumi(["preview", "--expect-no-changes"]));
  await witness.hears("publisher3");
  await nothingDoubled();
});

test("rejoin takes one back, detached; one that does not answer stays out", async () => {
  {
    using _ = frozen("dummy-nats1");
    assert.match(
      (await endsWith(3, project.natsby(["rejoin", "publisher1"]))).stderr,
      /does not answer, so the fence stays/,
    );
  }
  const { stdout } = await endsWith(0, project.natsby(["rejoin", "publisher0", "--reason", "mended", "--json"]));
  const { epoch, fenced, after: heard } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([epoch, fenced, heard], [6, ["publisher1", "publisher2"], "publisher3"]);
  const { publishers, verdict } = await project.status();
  assert.equal(publishers.find(({ name }) => name === "publisher0")?.role, "standby");
  assert.equal(verdict, "drift", "the others run again, and are kept out");
  await endsWith(0, project.natsby(["switchover", "--to", "publisher0"]));
  await witness.hears("publisher0");
  await nothingDoubled();
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
  await endsWith(0, project.pulumi(["preview", "--expect-no-changes"]));
  assert.match((await endsWith(0, project.natsby(["adopt"]))).stdout, /^already/);
  for (const line of newest.split("\n")) assert.ok(configNow().includes(line.trim()), line);
});
