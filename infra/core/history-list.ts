// The contract of `natsby history --json`, schema 1: the journals' cutovers, newest first, each with the `pulumi up` it ran in. Pure.

import type { ExitCode } from "./exit-codes.ts";
import type { FinishedEntry, HistoryEntry, StepRecord, UpstreamRecord } from "./history.ts";

/** One run of Pulumi, as `pulumi stack history --json` tells it. */
export interface PulumiUpdate {
  readonly kind: string;
  readonly result: string;
  /** RFC 3339. */
  readonly startTime: string;
  readonly endTime: string;
  readonly message: string;
  readonly commit: string | null;
}

/** One cutover. Null where a fact is not known. */
export interface HistoryRow {
  readonly ticket: number;
  readonly epoch: number;
  /** When it ended; of one without an end, when it began. */
  readonly at: string;
  readonly from: string | null;
  readonly to: string;
  /** `no end`: it was killed, or is under way. */
  readonly result: FinishedEntry["result"] | "no end";
  readonly exitCode: ExitCode | null;
  readonly problem: string | null;
  readonly reason: string | null;
  readonly who: string | null;
  readonly commit: string | null;
  readonly ms: number | null;
  readonly upstreams: readonly UpstreamRecord[];
  readonly steps: readonly StepRecord[];
  readonly notes: readonly string[];
  /** The run of Pulumi that it was part of; null where Pulumi knows of none. */
  readonly update: PulumiUpdate | null;
}

/** `natsby history --json`. */
export interface HistoryJson {
  readonly schema: 1;
  readonly stack: string;
  /** Why Pulumi's own history is not in it; null where it is. */
  readonly withoutPulumi: string | null;
  /** Newest first. */
  readonly cutovers: readonly HistoryRow[];
}

/** Pulumi tells whole seconds. */
const slackMs = 1_000;

/** The newest `limit` cutovers of these entries, by tickets; a run that was refused before it had one stands by its time. */
export function historyRows(
  entries: readonly HistoryEntry[],
  updates: readonly PulumiUpdate[],
  limit: number,
): readonly HistoryRow[] {
  const finished = entries.filter((entry) => entry.state === "finished");
  const ended = new Set(finished.map(({ ticket }) => ticket));
  const open = entries.filter((entry) => entry.state === "begun" && !ended.has(entry.ticket));
  return [...finished.map((entry) => rowOf(entry)), ...open.map(openRow)]
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.ticket - a.ticket)
    .slice(0, limit)
    .map((row) => ({ ...row, update: updates.find((update) => isIn(row.at, update)) ?? null }));
}

/** An older natsby left some facts out: they are not known. */
function rowOf(
  entry: Partial<FinishedEntry> & Pick<FinishedEntry, "ticket" | "epoch" | "at" | "to" | "result">,
): HistoryRow {
  const { ticket, epoch, at, to, result, from = null, exitCode = null, problem = null, reason = null } = entry;
  const { who = null, commit = null, ms = null, upstreams = [], steps = [], notes = [] } = entry;
  const facts = { exitCode, problem, reason, who, commit, ms, upstreams, steps, notes };
  return { ticket, epoch, at, from, to, result, ...facts, update: null };
}

function openRow({ ticket, epoch, at, from, to }: HistoryEntry): HistoryRow {
  const unknown = {
    exitCode: null,
    problem: null,
    reason: null,
    who: null,
    commit: null,
    ms: null,
    update: null,
  } as const;
  return { ticket, epoch, at, from, to, result: "no end", ...unknown, upstreams: [], steps: [], notes: [] };
}

const isIn = (at: string, { startTime, endTime }: PulumiUpdate): boolean =>
  Date.parse(at) >= Date.parse(startTime) - slackMs && Date.parse(at) <= Date.parse(endTime) + slackMs;

/** What Pulumi printed. @throws where it is no list: a bug, or another Pulumi. */
export function parseUpdates(text: string): readonly PulumiUpdate[] {
  const all = JSON.parse(text) as readonly Record<string, unknown>[];
  return all.map((update) => {
    const { "git.head": commit } = (update.environment ?? {}) as Record<string, unknown>;
    const word = (key: string) => String(update[key] ?? "");
    return {
      kind: word("kind"),
      result: word("result"),
      startTime: word("startTime"),
      endTime: word("endTime"),
      message: word("message"),
      commit: typeof commit === "string" ? commit : null,
    };
  });
}
