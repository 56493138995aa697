// What a cutover did, as it stands in the journal on a host: an entry when it begins, one when it ends.

import type { ExitCode } from "./exit-codes.ts";

/** One step of the table as it went. */
export interface StepRecord {
  readonly step: string;
  readonly ms: number;
  /** What it found or did, in words. */
  readonly outcome: string;
}

/** What subscribers at one upstream heard. Null where it could not be counted. */
export interface UpstreamRecord {
  readonly upstream: string;
  /** Publisher heard before and after; null: nobody. */
  readonly before: string | null;
  readonly after: string | null;
  /** Milliseconds between the last message of the old publisher and the first of the new one. */
  readonly gapMs: number | null;
  /** Messages the new publisher's dummy had and this upstream's subscribers did not hear. */
  readonly lost: number | null;
  /** Messages heard twice, or old ones heard after newer ones. Null too where a publisher repeats its own numbers, or nothing is known of the old one. */
  readonly doubled: number | null;
  /** How much later the new publisher gives a number than the old one: its clock is behind, or its way longer. */
  readonly clockMs: number | null;
}

/** Fields of every entry. */
interface Entry {
  readonly ticket: number;
  readonly epoch: number;
  /** RFC 3339. */
  readonly at: string;
  /** Active publisher as observed at the start; null: nobody. */
  readonly from: string | null;
  readonly to: string;
}

/** Written before anything is detached, so that the next run knows. */
export interface BegunEntry extends Entry {
  readonly state: "begun";
}

/** The newest stamps heard of the old publisher, per subject: written once it is quiet. */
export interface QuietEntry extends Entry {
  readonly state: "quiet";
  readonly stamps: Readonly<Record<string, number>>;
}

/** How it ended. */
export interface FinishedEntry extends Entry {
  readonly state: "finished";
  /** `active`: the asked-for publisher is proved active. */
  readonly result: "active" | "refused" | "not proved" | "nobody active" | "rolled back" | "superseded" | "failed";
  readonly exitCode: ExitCode;
  /** What went wrong, in one sentence; null where nothing did. */
  readonly problem: string | null;
  /** Why it was asked for, in the words of who did; null where nobody said. */
  readonly reason: string | null;
  readonly who: string;
  /** Commit of the config, where it is known. */
  readonly commit: string | null;
  readonly ms: number;
  readonly steps: readonly StepRecord[];
  readonly upstreams: readonly UpstreamRecord[];
  /** Things a user should know: subjects without a stamp, doubles that cannot be excluded. */
  readonly notes: readonly string[];
}

export type HistoryEntry = BegunEntry | QuietEntry | FinishedEntry;

/**
 * The ticket that the next cutover takes: higher than any seen. The journal knows tickets too: a guard record that was lost
 * must not make an old run's ticket the highest again.
 */
export const nextTicket = (seen: number, journal: readonly HistoryEntry[]): number =>
  Math.max(seen, highestTicket(journal)) + 1;

/** The highest ticket in a journal; 0 in an empty one. */
export const highestTicket = (journal: readonly HistoryEntry[]): number =>
  Math.max(0, ...journal.map(({ ticket }) => ticket));

/** The entries of a journal, oldest first; a line cut short by a crash is passed over, as is any other that is no entry. */
export function parseHistory(text: string): readonly HistoryEntry[] {
  return text.split("\n").flatMap((line) => {
    try {
      const entry: unknown = line === "" ? null : JSON.parse(line);
      return isEntry(entry) ? [entry] : [];
    } catch {
      return [];
    }
  });
}

/**
 * One journal of those of several hosts: each may lack what came while it was away. By tickets, and within a run as it went on.
 * A single one stays as it is: its lines tell more than tickets do.
 */
export function mergeHistories(journals: readonly (readonly HistoryEntry[])[]): readonly HistoryEntry[] {
  const [first = [], ...others] = journals;
  if (others.length === 0) return first;
  const entries = new Map(journals.flat().map((entry) => [JSON.stringify(entry), entry]));
  return [...entries.values()].sort((a, b) => a.ticket - b.ticket || rank[a.state] - rank[b.state]);
}

const rank = { begun: 0, quiet: 1, finished: 2 } as const;

const isEntry = (value: unknown): value is HistoryEntry =>
  typeof value === "object" && value !== null && "state" in value && "ticket" in value;

/** The publisher that the journal says was last proved active; null before the first. */
export function lastActive(entries: readonly HistoryEntry[]): string | null {
  const active = entries.filter((entry) => entry.state === "finished" && entry.result === "active");
  return newest(active)?.to ?? null;
}

/** The ticket by which the active publisher was attached last; 0 before the first. */
export const lastAttached = (entries: readonly HistoryEntry[]): number =>
  newest(entries.filter((entry) => entry.state === "finished" && entry.result === "active" && entry.from !== entry.to))
    ?.ticket ?? 0;

/**
 * The cutover that began and never ended, if there is one: a later run that was refused, or came too late, ended nothing. By
 * tickets, not by lines: a run that slept writes its lines when it wakes.
 */
export function unfinished(entries: readonly HistoryEntry[]): HistoryEntry | null {
  const ended = newest(entries.filter((entry) => entry.state === "finished" && !changedNothing(entry)));
  return newest(entries.filter((entry) => entry.state !== "finished" && isAfter(entry, ended)));
}

/** The last stamps noted since a publisher was last proved active: what the next one must have heard before it is attached. */
export function lastQuiet(entries: readonly HistoryEntry[]): QuietEntry | null {
  const heard = newest(
    entries.filter(
      (entry) => entry.state === "finished" && (entry.result === "active" || entry.result === "rolled back"),
    ),
  );
  return newest(entries.filter((entry): entry is QuietEntry => entry.state === "quiet" && isAfter(entry, heard)));
}

const changedNothing = ({ result }: FinishedEntry): boolean => result === "refused" || result === "superseded";

const isAfter = (entry: HistoryEntry, other: HistoryEntry | null): boolean => entry.ticket > (other?.ticket ?? -1);

/** Of those with the highest ticket, the last. */
const newest = <T extends HistoryEntry>(entries: readonly T[]): T | null =>
  entries.reduce<T | null>((best, entry) => (best === null || entry.ticket >= best.ticket ? entry : best), null);
