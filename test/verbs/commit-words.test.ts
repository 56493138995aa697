// The line that brings a changed stack's file into git: only where git tracks it, and whatever a reason says it is one word.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { quoted } from "../../infra/core/argv.ts";
import { commitWords } from "../../scripts/verbs/commit-words.ts";
import { temporary } from "../support/temporary.ts";

const file = "Pulumi.production.yaml";

function repository(folder: string) {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const run = (program: string, ...words: readonly string[]) =>
    execFileSync(program, words, { cwd: folder, env, encoding: "utf8" });
  run("git", "init", "--quiet");
  run("git", "config", "user.name", "test");
  run("git", "config", "user.email", "test@localhost");
  writeFileSync(join(folder, file), "config: {}\n");
  return { run, path: join(folder, file) };
}

test("a file that git does not track, or that is as it was committed, needs no commit", async () => {
  using folder = temporary("repository");
  const { run, path } = repository(folder.path);
  assert.equal(await commitWords(path, "A flip"), null);
  run("git", "add", file);
  assert.match((await commitWords(path, "A flip")) ?? "", /^git commit -m 'A flip' /, "before the first commit too");
  run("git", "commit", "--quiet", "--message", "the stack");
  assert.equal(await commitWords(path, "A flip"), null);
});

test("outside of a repository there is nothing to commit", async () => {
  using folder = temporary("no repository");
  assert.equal(await commitWords(join(folder.path, file), "A flip"), null);
});

test("the line, typed into a shell, commits that file alone, with these very words", async () => {
  using folder = temporary("repository");
  const { run, path } = repository(folder.path);
  run("git", "add", file);
  run("git", "commit", "--quiet", "--message", "the stack");
  appendFileSync(path, "# changed\n");
  writeFileSync(join(folder.path, "another"), "");
  run("git", "add", "another");
  const message = `Make publisher1 heard: "host 0" isn't well, $HOME $(touch made) \`touch made\` !! \\`;
  const line = (await commitWords(path, message)) ?? assert.fail("no line");
  // It names the file as seen from natsby's folder: here it is another one.
  run("sh", "-c", line.replace(/ \S+$/, ` ${file}`));
  assert.equal(run("git", "log", "-1", "--format=%s").trim(), message);
  assert.equal(run("git", "show", "--name-only", "--format=").trim(), file);
  assert.equal(existsSync(join(folder.path, "made")), false);
  assert.equal(await commitWords(path, message), null);
});

test("a plain word stays as it is", () => {
  assert.deepEqual(["stacks/Pulumi.a-b.yaml", "a b", "", "it's"].map(quoted), [
    "stacks/Pulumi.a-b.yaml",
    "'a b'",
    "''",
    "'it'\\''s'",
  ]);
});
