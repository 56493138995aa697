// A verb that is told to stop, it alone, as a pipeline that is cancelled does it: what it runs is told, the state is whole, the rerun completes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { endsWith } from "../support/bounded-run.ts";
import { patient, publishersAt } from "../support/project.ts";
import { runWhile, signalAlone, stoppingAt, untilStopped } from "../support/stopped-cutover.ts";
import { watchedProject } from "../support/watched-project.ts";

const watched = watchedProject({ config: { ...patient, publishers: publishersAt(200, 3) } });
const { project } = watched;

const configNow = (): string => readFileSync(project.stackFile, "utf8");

/** Runs a verb, and signals it alone while its cutover has stopped at a point. */
const signalled = (words: readonly string[], signal: NodeJS.Signals, point: string) =>
  runWhile(project, [...words, "--json"], point, (verb, cutover) => signalAlone(verb, signal, cutover));

async function whole(active: string): Promise<void> {
  await watched.hears(active);
  await watched.noChange();
  const { verdict, problems } = await project.status();
  assert.deepEqual([verdict, problems], ["ok", []]);
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  test(`${signal} to a switchover before DETACH: it stops, the config is put back, the lock is free`, async () => {
    const before = configNow();
    const { stdout } = await endsWith(3, signalled(["switchover", "--to", "publisher1"], signal, "after:stage"));
    const { after, config, problem } = JSON.parse(stdout) as FlipResult;
    assert.deepEqual([after, config], ["publisher0", "put back"]);
    assert.match(problem ?? "", /stopped by .+ before anything was changed/);
    assert.equal(configNow(), before);
    await whole("publisher0");
  });
}

test("SIGTERM to a switchover after DETACH: the flip is finished, and stays; what was left of the run is done by the next", async () => {
  const words = ["switchover", "--to", "publisher1"];
  const { stdout } = await endsWith(6, signalled(words, "SIGTERM", "after:detach"));
  const { after, config, problem } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([after, config], ["publisher1", "written"]);
  assert.match(problem ?? "", /^publisher1 is heard, and the rest of pulumi up did not end well/);
  await watched.hears("publisher1");
  await endsWith(0, project.natsby(words));
  await endsWith(0, project.up());
  await whole("publisher1");
});

test("SIGINT to a failover before DETACH: nobody is given up, the config is as it was but for an epoch that was shown", async () => {
  const { stdout } = await endsWith(
    3,
    signalled(["failover", "--to", "publisher2", "--reason", "a try"], "SIGINT", "after:stage"),
  );
  const { after, config, fenced } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([after, config, fenced], ["publisher1", "put back", []]);
  await endsWith(0, project.up());
  await whole("publisher1");
});

test("SIGTERM to a failover after FENCE: it is finished, the rest is said, and done by the next up", async () => {
  const words = ["failover", "--to", "publisher2", "--reason", "its host is gone"];
  const { stdout } = await endsWith(0, signalled(words, "SIGTERM", "after:fence"));
  const { after, config, next } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([after, config], ["publisher2", "written"]);
  assert.match(next.join(), /pulumi up/);
  await watched.hears("publisher2");
  await endsWith(0, project.up());
  await endsWith(0, project.natsby(["rejoin", "publisher1"]));
  await whole("publisher2");
});

test("SIGKILL to a switchover, Pulumi living on: the flip is finished, and the same command completes", async () => {
  const words = ["switchover", "--to", "publisher0"];
  const verb = project.startNatsby(words, { env: stoppingAt("after:detach") });
  const cutover = await untilStopped(project);
  // The wrapper and natsby: Pulumi has a group of its own.
  verb.signal("SIGKILL", "group");
  await verb.ended;
  process.kill(cutover, "SIGCONT");
  await watched.witness.hears("publisher0", 20_000);
  const again = await project.natsby(words);
  assert.ok([0, 7].includes(again.code ?? -1), again.output);
  await endsWith(0, project.pulumi(["cancel", "--yes"]));
  await endsWith(0, project.up());
  await whole("publisher0");
});
