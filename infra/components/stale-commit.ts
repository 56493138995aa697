// Refuses to deploy from a checkout that lies behind the one that was deployed last. Without git, or outside of a repository, it says nothing.

import { UserError } from "../core/errors.ts";
import type { HistoryEntry } from "../core/history.ts";
import type { Once } from "../core/topology.ts";
import { runProgram } from "../hosts/run-program.ts";

const gitMs = 2_000;

/** @throws UserError exit 3 where HEAD is an ancestor of the commit that was deployed last, and another one. */
export async function refuseStaleCommit(journal: readonly HistoryEntry[], once: Once | null): Promise<void> {
  const deployed = lastCommit(journal);
  if (deployed === null || once?.flag === "accept-stale") return;
  const head = await git("rev-parse", "HEAD");
  if (head?.code !== 0 || head.stdout.trim() === deployed) return;
  const behind = await git("merge-base", "--is-ancestor", "HEAD", deployed);
  if (behind?.code !== 0) return;
  throw new UserError(
    `this checkout (${head.stdout.trim().slice(0, 12)}) lies behind what was deployed last (${deployed.slice(0, 12)})`,
    {
      code: "stale-commit",
      hint: "git pull; or take what runs into this config: natsby adopt; or deploy it all the same, once: --accept-stale",
    },
  );
}

/** Of the cutover with the highest ticket that was proved active. */
function lastCommit(journal: readonly HistoryEntry[]): string | null {
  const active = journal.filter((entry) => entry.state === "finished" && entry.result === "active");
  const last = active.toSorted((a, b) => a.ticket - b.ticket).at(-1);
  return last?.state === "finished" ? last.commit : null;
}

/** Null where there is no git. */
function git(...words: readonly string[]) {
  return runProgram(["git", ...words], { withinMs: gitMs }).catch(() => null);
}
