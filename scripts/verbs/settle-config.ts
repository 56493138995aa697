// What becomes of the stack's config once a verb's run ended: kept, or put back as it was. Somebody else's change is never undone.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { type HistoryEntry, unfinished } from "../../infra/core/history.ts";
import type { ConfigChanges } from "../../infra/core/stack-config-edit.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { changeFile, replaceFile, type StackFile } from "./stack-file.ts";

/** What happened to the config. */
export type ConfigEnd =
  | "written"
  /** As it was before: the flip was refused or rolled back. */
  | "put back"
  /** Asks for the new state still: somebody may be heard or nobody, and the next `pulumi up` goes on. */
  | "stays armed"
  /** Somebody else changed it meanwhile. */
  | "changed meanwhile";

/** A run that ended. */
export interface Attempt {
  readonly exitCode: ExitCode;
  readonly hosts: Hosts;
  /** The highest ticket before it. */
  readonly ticket: number;
  /** Who was to be heard. */
  readonly to: string;
}

/** Whether the run changed nothing that stays, so that the config should be what it was. */
export async function changedNothing({ exitCode, hosts, ticket, to }: Attempt): Promise<boolean> {
  const armed: readonly ExitCode[] = [exitCodes.notProved, exitCodes.nobodyActive];
  if (exitCode === exitCodes.done || armed.includes(exitCode)) return false;
  const journal = await readJournal(hosts);
  if (journal.some((entry) => entry.ticket > ticket && isProved(entry, to))) return false;
  const begun = unfinished(journal);
  return begun === null || begun.ticket <= ticket;
}

/**
 * Who was asked for is heard, whatever failed after it: the config that asks for it is the right one. A newer run may have been
 * in between that attached somebody else: that is its config's to say.
 */
const isProved = (entry: HistoryEntry, to: string): boolean =>
  entry.state === "finished" && entry.result === "active" && entry.to === to;

/** Puts the config back. */
export const putBack = (file: StackFile, text: string): Promise<ConfigEnd> =>
  unlessChanged(() => replaceFile(file, text), "put back");

/** Changes keys of it, `once` away among them. */
export const settle = (file: StackFile, changes: ConfigChanges, end: ConfigEnd): Promise<ConfigEnd> =>
  unlessChanged(() => changeFile(file, changes), end);

async function unlessChanged(work: () => Promise<unknown>, end: ConfigEnd): Promise<ConfigEnd> {
  try {
    await work();
    return end;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "config-changed") throw error;
    process.stderr.write(`note: ${messageOf(error)}\n`);
    return "changed meanwhile";
  }
}
