// The files of this project as git lists them: what is committed, and what is new and not ignored.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/toolchain/paths.ts";

/** Paths from the project's folder. */
export function projectFiles(): readonly string[] {
  // A checkout that belongs to somebody else is looked at all the same: nothing of it is run by git.
  const git = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", git, { cwd: projectRoot, encoding: "utf8", maxBuffer: 1e8 });
  return listed.split("\0").filter((path) => path !== "" && existsSync(join(projectRoot, path)));
}

/** What stands in one of them. */
export const textOf = (path: string): string => readFileSync(join(projectRoot, path), "utf8");
