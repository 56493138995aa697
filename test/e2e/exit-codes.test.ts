// How switchover and failover end where the flip does not: each of natsby's exit codes by a real fault, what becomes of the config, and the way on.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { endsWith } from "../support/bounded-run.ts";
import { publishersAt } from "../support/project.ts";
import { runWhile } from "../support/stopped-cutover.ts";
import { watchedProject } from "../support/watched-project.ts";

/** Long enough for a busy machine, and short where a fault makes them run out. */
const timeouts = { observe: 5_000, connect: 3_000, request: 3_000, detach: 2_000, attach: 3_000, fresh: 3_000 };

const watched = watchedProject({ config: { timeouts, publishers: publishersAt(200, 3) } }, async () => {
  await git("add", "--force", project.stackFile);
  await git("commit", "--quiet", "--message", "the stack");
});
const { project } = watched;
const git = (...words: readonly string[]) => endsWith(0, project.run(["git", ...words]));

const configNow = (): string => readFileSync(project.stackFile, "utf8");
const switchover = (to: string) => ["switchover", "--to", to, "--reason", "a try", "--json"];
const failover = (to: string) => ["failover", "--to", to, "--reason", "its host is gone", "--json"];

/** Runs a verb while something happens to the stack, and asserts how it ends. */
async function endsWhile(
  code: number,
  words: readonly string[],
  point: string,
  fault: () => unknown,
): Promise<FlipResult & { readonly stderr: string }> {
  const { stdout, stderr } = await endsWith(code, runWhile(project, words, point, fault));
  const result = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([result.exitCode, result.outcome], [code, "failed"]);
  return { ...result, stderr };
}

async function done(words: readonly string[]): Promise<FlipResult> {
  return JSON.parse((await endsWith(0, project.natsby(words))).stdout);
}

/** The publisher alone is heard, and the stack is as its config says. */
async function whole(active: string): Promise<void> {
  await watched.hears(active);
  await watched.noChange();
  const { verdict, problems } = await project.status();
  assert.deepEqual([verdict, problems], ["ok", []]);
}

test("64: what was not said how, or not said at all, is wrong usage, and nothing is written", async () => {
  const config = configNow();
  for (const words of [
    ["switchover"],
    ["switchover", "--to"],
    ["switchover", "--to", "publisher1", "--form", "publisher0"],
    ["switchover", "--to", "publisher1", "publisher2"],
    ["switchover", "--to", "publisher1", "--accept-silent"],
    ["switchover", "--to", "publisher1", "--reason", " "],
    ["failover", "--to", "publisher1"],
    ["failover", "--reason", "no target"],
  ]) {
    await endsWith(64, project.natsby(words));
  }
  assert.equal(configNow(), config);
});

test("0: a config that git tracks is to be committed, and the line to type does it", async () => {
  const reason = `"host 0" isn't well: $(touch made)`;
  const { next } = await done(["switchover", "--to", "publisher1", "--reason", reason, "--json"]);
  const [line = "", ...more] = next;
  assert.deepEqual(more, []);
  await endsWith(0, project.shell([line]));
  assert.equal((await git("log", "-1", "--format=%s")).stdout.trim(), `Make publisher1 heard: ${reason}`);
  assert.equal((await git("status", "--porcelain")).stdout, "");
  const { stdout } = await endsWith(0, project.natsby(["switchover", "--to", "publisher0"]));
  assert.match(stdout, /\nnext:\n {2}git commit -m 'Make publisher0 heard' stacks\/Pulumi\.local\.yaml\n/);
  await endsWith(0, project.shell([/git commit .*/.exec(stdout)?.[0] ?? ""]));
  await whole("publisher0");
});

test("4: an upstream that froze does not prove the detach: nothing is attached, the config asks for it still", async () => {
  const freeze = () => watched.signal("SIGSTOP", "server1");
  const { after, config, next, problem } = await endsWhile(4, switchover("publisher1"), "before:detach", freeze);
  watched.signal("SIGCONT", "server1");
  assert.deepEqual([after, config], [null, "stays armed"]);
  assert.match(problem ?? "", /server1/);
  assert.match(next[0] ?? "", /^pulumi up /);
  assert.match(next[1] ?? "", /^git commit -m 'Make publisher1 heard: a try' /);
  assert.equal((await done(switchover("publisher1"))).after, "publisher1");
  await whole("publisher1");
});

test("5: the new one cannot be attached and the old one is dead: nobody is heard, said so, and pulumi up goes on", async () => {
  const { after, config, problem, next } = await endsWhile(5, switchover("publisher2"), "before:attach", () => {
    watched.signal("SIGKILL", "dummy-nats1");
    watched.signal("SIGSTOP", "dummy-nats2");
  });
  assert.deepEqual([after, config], [null, "stays armed"]);
  assert.match(problem ?? "", /^NOBODY ACTIVE: /);
  assert.match(next[0] ?? "", /^pulumi up /);
  await endsWith(0, project.up());
  await whole("publisher2");
});

test("6: the new one cannot be attached: rolled back, and the config is what it was, to the byte", async () => {
  const before = configNow();
  const freeze = () => watched.signal("SIGSTOP", "dummy-nats0");
  const { after, config, problem } = await endsWhile(6, switchover("publisher0"), "before:attach", freeze);
  assert.deepEqual([after, config], ["publisher2", "put back"]);
  assert.match(problem ?? "", /^rolled back: publisher2 is heard again/);
  assert.equal(configNow(), before);
  await whole("publisher2");
});

test("7: somebody else failed over meanwhile: the older run writes no more, and leaves the newer config alone", async () => {
  let newer = "";
  const { config, after, problem, stderr } = await endsWhile(7, switchover("publisher0"), "before:attach", async () => {
    const { after, next } = await done(failover("publisher1"));
    assert.equal(after, "publisher1");
    assert.match(next.join(), /pulumi up/, "the other run holds the stack's lock");
    newer = configNow();
  });
  assert.deepEqual([config, after], ["changed meanwhile", "publisher1"]);
  assert.match(problem ?? "", /has seen epoch 1; this run has epoch 0, so it is older and may not write/);
  assert.match(stderr, /was changed by somebody else meanwhile/);
  assert.equal(configNow(), newer);
  await endsWith(0, project.up());
  await watched.hears("publisher1");
  await endsWith(0, project.natsby(["rejoin", "publisher2"]));
  await whole("publisher1");
});

test("failover 4: an upstream that cannot be told may take the old one: nothing is attached, and the same command goes on", async () => {
  watched.signal("SIGSTOP", "server1");
  const { stdout } = await endsWith(4, project.natsby(failover("publisher0")));
  watched.signal("SIGCONT", "server1");
  const { after, config, problem, next } = JSON.parse(stdout) as FlipResult;
  assert.deepEqual([after, config], [null, "stays armed"]);
  assert.match(problem ?? "", /server1 cannot be told to keep out dummy-nats1, and may still take its link/);
  assert.match(next[0] ?? "", /the same command again goes on/);
  assert.equal((await done(failover("publisher0"))).after, "publisher0");
  await endsWith(0, project.natsby(["rejoin", "publisher1"]));
  await whole("publisher0");
});

test("failover 5: the new one cannot be attached, and the old one was given up: nobody is heard", async () => {
  const freeze = () => watched.signal("SIGSTOP", "dummy-nats2");
  const { after, config, problem, next } = await endsWhile(5, failover("publisher2"), "before:attach", freeze);
  assert.deepEqual([after, config], [null, "stays armed"]);
  assert.match(problem ?? "", /^NOBODY ACTIVE: publisher0 was given up/);
  assert.match(next[0] ?? "", /the same command again goes on/);
  assert.equal((await done(failover("publisher2"))).after, "publisher2");
  await endsWith(0, project.natsby(["rejoin", "publisher0"]));
  await whole("publisher2");
});

test("failover 7: a second one overtakes the first: it alone is heard, and the config is its own", async () => {
  const { config, after, problem } = await endsWhile(7, failover("publisher0"), "before:attach", async () => {
    assert.equal((await done(failover("publisher1"))).after, "publisher1");
  });
  assert.deepEqual([config, after], ["changed meanwhile", "publisher1"]);
  assert.match(problem ?? "", /so it is older and may not write/);
  await endsWith(0, project.up());
  await watched.hears("publisher1");
  await endsWith(0, project.natsby(["rejoin", "publisher2"]));
  await whole("publisher1");
});
