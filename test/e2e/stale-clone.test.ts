// Two people, each with a git clone of their own, one backend, one stack. One fails over; the other one's clone is stale, and finds its way out.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { endsWith } from "../support/bounded-run.ts";
import { cloneOf, type Project, patient, publishersAt } from "../support/project.ts";
import { loadTimesOf } from "../support/servers.ts";
import { watchedProject } from "../support/watched-project.ts";

const backend = mkdtempSync(join(tmpdir(), "natsby-backend-"));
const env = { PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "of both", PULUMI_STACK: "local" };
const watched = watchedProject({ env, config: { ...patient, publishers: publishersAt(200, 3) } }, async () => {
  await git(project, "add", "--force", project.stackFile);
  await git(project, "commit", "--quiet", "--message", "the stack");
  clones.push(cloneOf(project), cloneOf(project));
});
const { project } = watched;
const clones: Project[] = [];
after(async () => {
  for (const clone of clones) await clone[Symbol.asyncDispose]();
  rmSync(backend, { recursive: true });
});

const git = (where: Project, ...words: readonly string[]) => endsWith(0, where.run(["git", ...words]));
const cloned = (n: number): Project => clones[n] ?? assert.fail("not cloned");
const configIn = ({ stackFile }: Project): string => readFileSync(stackFile, "utf8");

/** A verb that flips, and the line that it says to type. */
async function flipAndCommit(...words: readonly string[]): Promise<void> {
  const { stdout } = await endsWith(0, project.natsby([...words, "--json"]));
  const { next } = JSON.parse(stdout) as FlipResult;
  await endsWith(0, project.shell(next));
  assert.equal((await git(project, "status", "--porcelain")).stdout, "");
}

/** Refused by `pulumi preview` and by `pulumi up`, and no server has read anything. */
async function refused(where: Project, said: RegExp): Promise<void> {
  const loaded = await loadTimesOf(await project.status());
  for (const words of [["preview"], ["up", "--yes", "--skip-preview"]]) {
    const { code, output } = await where.pulumi(words);
    assert.notEqual(code, 0);
    assert.match(output, said);
  }
  assert.deepEqual(await loadTimesOf(await project.status()), loaded);
}

/** `natsby adopt`, with every line under `next:` typed: the commit, and a look. */
async function adopt(where: Project): Promise<string> {
  const { stdout } = await endsWith(0, where.natsby(["adopt"]));
  const lines = (stdout.split("\nnext:\n")[1] ?? assert.fail(stdout)).trim().split("\n");
  assert.match(lines[0] ?? "", /git commit -m 'Adopt what the servers say: publisher\d is heard'/);
  await endsWith(0, where.shell(['eval "$(npx natsby env)"', ...lines]));
  return stdout;
}

test("a clone from before a failover: up refuses its epoch, adopt writes what the servers say, and up plans no change", async () => {
  await flipAndCommit("failover", "--to", "publisher1", "--reason", "host 0 is gone");
  await watched.hears("publisher1");
  const stale = cloned(0);
  await refused(stale, /natsby exit 3: .*epoch 0/);
  const said = await adopt(stale);
  for (const line of ["activePublisher: publisher0 -> publisher1", "epoch: 0 -> 1", "fenced: [] -> [publisher0]"])
    assert.ok(said.includes(line), said);
  assert.equal(configIn(stale), configIn(project), "as the other one's, to the byte");
  await endsWith(0, stale.pulumi(["preview", "--expect-no-changes"]));
  assert.match((await endsWith(0, stale.up())).output, /unchanged/);
  assert.match((await endsWith(0, stale.natsby(["adopt"]))).stdout, /^already/);
  await watched.hears("publisher1");
});

test("a clone whose commit lies behind what was deployed since is refused for that, and adopts all the same", async () => {
  await flipAndCommit("switchover", "--to", "publisher2");
  await watched.hears("publisher2");
  const behind = cloned(1);
  // It knows of the commit that was deployed, and has not taken it.
  await git(behind, "fetch", "--quiet");
  await refused(behind, /natsby exit 3: this checkout \([0-9a-f]{12}\) lies behind what was deployed last/);
  assert.match(await adopt(behind), /activePublisher: publisher0 -> publisher2/);
  await endsWith(0, behind.pulumi(["preview", "--expect-no-changes"]));
  await watched.hears("publisher2");
});

test("the clone that adopted flips; now the first one is stale, and takes the newer config from git", async () => {
  const theirs = cloned(1);
  await endsWith(0, theirs.natsby(["rejoin", "publisher0"]));
  await endsWith(0, theirs.natsby(["switchover", "--to", "publisher0"]));
  await watched.hears("publisher0");
  await refused(project, /natsby exit 3: .*epoch 1/);
  await git(theirs, "commit", "--quiet", "--all", "--message", "back to publisher0");
  await git(project, "fetch", "--quiet", theirs.path, "HEAD");
  await git(project, "reset", "--quiet", "--hard", "FETCH_HEAD");
  await watched.noChange();
});
