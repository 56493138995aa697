// What to type so that git has the config too, where it tracks the stack's file. Reads git; commits nothing.

import { dirname, relative } from "node:path";
import { quoted } from "../../infra/core/argv.ts";
import { runProgram } from "../../infra/hosts/run-program.ts";
import { projectRoot } from "../toolchain/paths.ts";

const askMs = 2_000;

/** Null where the file is not tracked, or does not differ from what is committed. */
export async function commitWords(path: string, message: string): Promise<string | null> {
  const git = (...args: string[]) =>
    runProgram(["git", ...args], { cwd: dirname(path), withinMs: askMs }).catch(() => null);
  const tracked = await git("ls-files", "--error-unmatch", path);
  if (tracked?.code !== 0) return null;
  const same = await git("diff", "--quiet", "HEAD", "--", path);
  if (same?.code === 0) return null;
  return `git commit -m ${quoted(message)} ${quoted(relative(projectRoot, path))}`;
}
