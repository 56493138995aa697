// One `pulumi up` for a verb: the cutover's steps are shown as they happen, and its exit code is natsby's, not Pulumi's.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import type { FinishedEntry, HistoryEntry } from "../../infra/core/history.ts";
import { type Hosts, highestGuard } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { natsbyExitIn, runPulumi } from "../pulumi-run.ts";
import { cutoverLines } from "../render/cutover-lines.ts";
import type { Toolchain } from "../toolchain/look.ts";
import { notBegun } from "./told-to-stop.ts";

/** What an `up` is asked for. */
export interface UpAsked {
  readonly stack: string;
  readonly hosts: Hosts;
  /** Goes into the journal, and is no input of any resource. */
  readonly reason: string | null;
  /** The publisher that is not touched: the rest of a `roll` comes later. @default none */
  readonly hold?: string;
  /** @default no bound but those of its commands */
  readonly withinMs?: number;
}

/** How it ended. */
export interface Up {
  readonly exitCode: ExitCode;
  /** The journal's entry of the cutover that it ran; null where it ran none. */
  readonly entry: FinishedEntry | null;
  /** What it said where it failed. */
  readonly words: string;
}

/** Runs it. Never throws because of how it ended. */
export async function up(toolchain: Toolchain, asked: UpAsked): Promise<Up> {
  const stopped = notBegun();
  if (stopped !== null) return stopped;
  const before = await highestTicket(asked.hosts);
  const { stack, reason, hold, withinMs } = asked;
  const options = {
    lines: cutoverLines(),
    env: {
      ...(reason === null ? {} : { NATSBY_REASON: reason }),
      ...(hold === undefined ? {} : { NATSBY_HOLD: hold }),
    },
    ...(withinMs === undefined ? {} : { withinMs }),
  };
  const words = ["up", "--yes", "--skip-preview", "--suppress-outputs", "-s", stack];
  const { code, output, timedOut } = await runPulumi(toolchain, words, options);
  const overtaken = natsbyExitIn(output) === exitCodes.locked;
  const entry = await entryAfter(asked.hosts, before, overtaken ? "superseded" : undefined);
  if (code === 0) return { exitCode: exitCodes.done, entry, words: "" };
  const told = timedOut ? `pulumi up did not end within ${(withinMs ?? 0) / 1000} s` : problemIn(output);
  if (entry?.result !== "active") return { exitCode: exitCodeOf(output, entry), entry, words: told };
  const rest = `${entry.to} is heard, and the rest of pulumi up did not end well: ${told}\n  pulumi up goes on`;
  return { exitCode: exitCodes.incomplete, entry, words: rest };
}

/** The highest ticket that the hosts have seen: by the guard, and by the journal where the guard was lost. */
export async function highestTicket(hosts: Hosts): Promise<number> {
  const [guard, journal] = await Promise.all([highestGuard(hosts), readJournal(hosts)]);
  return Math.max(guard.ticket, ...journal.map(({ ticket }) => ticket), 0);
}

/** The last cutover that ended with a later ticket; of a run that a newer one overtook, its own: the newer one's is another's. */
export async function entryAfter(
  hosts: Hosts,
  ticket: number,
  result?: FinishedEntry["result"],
): Promise<FinishedEntry | null> {
  const isLater = (entry: HistoryEntry): entry is FinishedEntry =>
    entry.state === "finished" && entry.ticket > ticket && (result === undefined || entry.result === result);
  return (await readJournal(hosts)).findLast(isLater) ?? null;
}

function exitCodeOf(output: string, entry: FinishedEntry | null): ExitCode {
  const locked = isLocked(output) ? exitCodes.locked : exitCodes.internal;
  return (natsbyExitIn(output) as ExitCode | null) ?? (entry?.exitCode || locked);
}

const isLocked = (output: string): boolean => /currently locked/.test(output);

/** The cutover's own sentence; else Pulumi's errors. */
function problemIn(output: string): string {
  const own = ownWords(output);
  if (own !== null) return own;
  if (isLocked(output))
    return "another run of pulumi holds the stack's lock\n  pulumi cancel, when no other run is under way";
  const errors = output.split("\n").filter((line) => /^\s*error: /.test(line));
  return errors.map((line) => line.trim().replace(/^error: /, "")).join("; ") || output.trim().slice(-500);
}

/** What natsby's own command or program said inside a failed run, with what to type: as progress, and again as an error. */
export function ownWords(output: string): string | null {
  const all = [...output.matchAll(/natsby exit \d+: (.*(?:\n\s+try: .*)?)/g)].map(([, words = ""]) => words);
  const found = all.find((words) => words.includes("\n")) ?? all[0];
  return found?.replace(/\n\s+try: /, "\n  ") ?? null;
}
