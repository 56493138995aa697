// One stack from several places: from another clone that shares its backend, from another folder, by an old Node.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { oldestNode } from "../../scripts/toolchain/paths.ts";
import { isAtLeast } from "../../scripts/toolchain/version.ts";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject, type Project, patient } from "../support/project.ts";
import { newFolder } from "../support/working-tree.ts";

const folder = newFolder();
/** What people who share a stack set themselves; `natsby env` leaves it alone. */
const env = { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "theirs" };
const first = makeProject({ name: "first clone", env, config: patient });
const second = makeProject({ name: "second clone", env });
const withTools = 'eval "$(npx natsby env)"';

/** Runs lines after `natsby env` in a clone. */
const typed = (clone: Project, ...lines: readonly string[]) => endsWith(0, clone.shell([withTools, ...lines]));
/** What git carries from one clone to the other. */
const takeConfig = (from: Project, to: Project) => cpSync(from.stackFile, to.stackFile);

before(async () => {
  await typed(first, "natsby init local", "pulumi up --yes --skip-preview");
  takeConfig(first, second);
});
after(async () => {
  await Promise.all([first, second].map((clone) => clone[Symbol.asyncDispose]()));
  rmSync(folder, { recursive: true });
});

test("another clone of the same stack plans no change", async () => {
  const { stdout } = await typed(second, "echo $PULUMI_BACKEND_URL", "pulumi preview --expect-no-changes -s local");
  assert.ok(stdout.startsWith(`${env.PULUMI_BACKEND_URL}\n`), "natsby env keeps the backend that the user named");
});

test("a flip in the other clone is heard, and leaves the first nothing to do but to take its config", async () => {
  const running = first.processes();
  await using witness = await first.witness();
  await witness.hears("publisher0");
  await typed(
    second,
    "pulumi config set activePublisher publisher1 -s local",
    "pulumi up --yes --skip-preview -s local",
  );
  await witness.hears("publisher1");
  for (const { handovers, doubled } of await witness.take()) assert.deepEqual([handovers.length, doubled], [1, 0]);
  takeConfig(second, first);
  await typed(first, "pulumi preview --expect-no-changes");
  assert.deepEqual(first.processes(), running);
});

test("pulumi -C works from anywhere: it plans no change, and it flips", async () => {
  await using witness = await first.witness();
  const root = `"${first.path}"`;
  await typed(
    first,
    "cd /",
    `pulumi -C ${root} preview --expect-no-changes`,
    `pulumi -C ${root} config set activePublisher publisher0`,
    `pulumi -C ${root} up --yes --skip-preview`,
  );
  await witness.hears("publisher0");
  for (const { doubled } of await witness.take()) assert.equal(doubled, 0);
});

test("with an old Node first on PATH everything works, and the shell gets the right one", async (t) => {
  const { stdout } = await endsWith(0, first.shell(["node --version"]));
  if (isAtLeast(stdout.trim().slice(1), oldestNode)) return t.skip("this machine's Node is not old");
  const after = await typed(first, "node --version", "pulumi preview --expect-no-changes");
  assert.ok(isAtLeast(after.stdout.split("\n")[0]?.slice(1) ?? "", oldestNode));
});
