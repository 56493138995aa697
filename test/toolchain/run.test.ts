// scripts/run: what Pulumi's commands call, from anywhere and with next to nothing in the environment.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { onPath, projectRoot } from "../../scripts/toolchain/paths.ts";
import { oldNode, rightNode } from "../support/project-copy.ts";
import { script, type Temporary, temporary } from "../support/temporary.ts";

const shells = ["sh", "dash", "bash"].filter((shell) => onPath(shell)[0]);

/** A project that has only the launcher and scripts that say what they were given. */
function project(folder: Temporary, withNode: boolean): string {
  mkdirSync(join(folder.path, "scripts/deep"), { recursive: true });
  copyFileSync(join(projectRoot, "scripts/run"), join(folder.path, "scripts/run"));
  const says = "const given: object = { args: process.argv.slice(2), cache: process.env.NODE_COMPILE_CACHE };";
  for (const name of ["say", "deep/say"]) {
    writeFileSync(
      join(folder.path, `scripts/${name}.ts`),
      `${says}\nconsole.log(JSON.stringify(given));\nprocess.exitCode = 6;\n`,
    );
  }
  if (withNode) {
    mkdirSync(join(folder.path, "node_modules/.bin"), { recursive: true });
    symlinkSync(rightNode, join(folder.path, "node_modules/.bin/node"));
  }
  return join(folder.path, "scripts/run");
}

/** Runs in the root folder with nothing in the environment but what is given. */
const run = (shell: string, args: readonly string[], env: Record<string, string> = {}, cwd = "/") =>
  spawnSync(onPath(shell)[0] ?? shell, args, { env, cwd, encoding: "utf8" });

for (const shell of shells) {
  test(`${shell}: the project's own Node runs the script, with arguments and exit code, from any folder`, () => {
    using folder = temporary("it's a $project");
    const launcher = project(folder, true);
    const args = ["", "two words", "$HOME `x` '\"", "--flag"];
    for (const [path, cwd] of [
      [launcher, "/"],
      ["../scripts/run", join(folder.path, "node_modules")],
      ["run", join(folder.path, "scripts")],
    ] as const) {
      const { stdout, status, stderr } = run(shell, [path, "say", ...args], { PATH: "/usr/bin:/bin" }, cwd);
      assert.equal(stderr, "");
      assert.deepEqual(JSON.parse(stdout).args, args);
      assert.equal(status, 6);
    }
    assert.equal(run(shell, [launcher, "deep/say"]).status, 6, "no PATH at all");
  });

  test(`${shell}: without the project's Node the first on PATH that is new enough is taken`, () => {
    using folder = temporary("a b");
    const launcher = project(folder, false);
    const old = script(join(folder.path, "old/node"), oldNode() ? `exec ${oldNode()} "$@"` : "exit 1");
    script(join(folder.path, "new er/node"), `exec '${rightNode}' "$@"`);
    const PATH = `/none:${join(old, "..")}:${join(folder.path, "new er")}`;
    assert.equal(run(shell, [launcher, "say"], { PATH }).status, 6);
    const { status, stdout, stderr } = run(shell, [launcher, "say"], { PATH: join(old, "..") });
    assert.deepEqual([status, stdout], [3, ""]);
    assert.match(
      stderr,
      /^natsby: Node 22\.18 or later is needed, in .*node_modules or on PATH; type: npm ci --ignore-scripts\n$/,
    );
  });
}

test("compiled code is kept in natsby's cache, without a home in the project", () => {
  using folder = temporary();
  const launcher = project(folder, true);
  const cacheWith = (env: Record<string, string>): string => JSON.parse(run("sh", [launcher, "say"], env).stdout).cache;
  assert.equal(cacheWith({}), join(folder.path, ".natsby/cache/compiled"));
  assert.equal(cacheWith({ HOME: folder.path }), join(folder.path, ".cache/natsby/compiled"));
  assert.equal(cacheWith({ HOME: "/x", XDG_CACHE_HOME: folder.path }), join(folder.path, "natsby/compiled"));
  assert.equal(cacheWith({ HOME: "/x", NATSBY_CACHE: join(folder.path, "c") }), join(folder.path, "c/compiled"));
  assert.equal(cacheWith({ NODE_COMPILE_CACHE: join(folder.path, "mine") }), join(folder.path, "mine"));
});

test("a script that does not exist is a wrong command line", () => {
  using folder = temporary();
  const launcher = project(folder, true);
  for (const args of [[launcher], [launcher, "none"]]) {
    const { status, stderr } = run("sh", args);
    assert.equal(status, 64);
    assert.match(stderr, /scripts\/run needs the name of a script/);
  }
});
