// Copies this project's working tree as it stands into a folder, as a git checkout without a remote.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../../scripts/toolchain/paths.ts";

/** A folder for a checkout: readable by every user, as a folder of somebody's own would be. */
export function newFolder(below: string = tmpdir()): string {
  const folder = mkdtempSync(join(realpathSync(below), "natsby e2e-"));
  chmodSync(folder, 0o755);
  return folder;
}

/** Copies what git knows and what is new, but nothing that it ignores; node_modules is the real one. */
export function copyWorkingTree(to: string): void {
  const options = { cwd: projectRoot, encoding: "utf8", maxBuffer: 1e8 } as const;
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], options);
  mkdirSync(to);
  for (const file of listed.split("\0").filter(Boolean)) {
    const from = join(projectRoot, file);
    // What was deleted and not yet committed is listed, too.
    if (existsSync(from)) cpSync(from, join(to, file), { recursive: true });
  }
  git(to, "init", "--quiet");
  prepare(to);
  git(to, "add", "--all");
  git(to, "commit", "--quiet", "--message", "a clone");
}

/** Clones a checkout's git into a folder; node_modules is the real one here too. */
export function cloneWorkingTree(from: string, to: string): void {
  git(dirname(to), "clone", "--quiet", from, to);
  prepare(to);
}

function prepare(folder: string): void {
  symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
  // `node_modules/` in .gitignore is a folder; here it is a link to one.
  writeFileSync(join(folder, ".git/info/exclude"), "node_modules\n");
  git(folder, "config", "user.name", "test");
  git(folder, "config", "user.email", "test@localhost");
}

const git = (cwd: string, ...words: readonly string[]) =>
  execFileSync("git", words, { cwd, stdio: "pipe", env: gitEnv() });

/** git by its own defaults: no user's hooks, signing or ignored files. */
const gitEnv = () => ({ ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" });
