// The journal of a stack, on the hosts of its dummies. Only adds to it; keeps it bounded by moving a full one aside.

import { type HistoryEntry, lastActive, mergeHistories, parseHistory } from "../core/history.ts";
import { stackFiles } from "../core/layout.ts";
import type { Host } from "./host.ts";
import { askAll, type Hosts, isUnreachable } from "./hosts.ts";

const maxBytes = 4 * 1024 * 1024;

/** The journal of the stack in `dataDir`. */
export const journalPath = (dataDir: string): string => `${dataDir}/${stackFiles.history}`;

/** Where a full journal lies. */
const olderPath = (dataDir: string): string => `${journalPath(dataDir)}.1`;

/**
 * Reads it, oldest entry first: what was moved aside too, while the rest does not say who was last active.
 * @param graceMs as {@link askAll} takes it: for a look, which nothing is decided by alone
 */
export async function readJournal({ journaling, dataDir }: Hosts, graceMs?: number): Promise<readonly HistoryEntry[]> {
  const entries = await readAt(journaling, journalPath(dataDir), graceMs);
  if (lastActive(entries) !== null) return entries;
  return [...(await readAt(journaling, olderPath(dataDir), graceMs)), ...entries];
}

/** All of it, what was moved aside too. */
export async function readWholeJournal({ journaling, dataDir }: Hosts): Promise<readonly HistoryEntry[]> {
  const parts = await Promise.all([olderPath(dataDir), journalPath(dataDir)].map((path) => readAt(journaling, path)));
  return parts.flat();
}

/** What the hosts that can be reached have: one that was away lacks what came meanwhile. */
async function readAt(hosts: readonly Host[], path: string, graceMs?: number): Promise<readonly HistoryEntry[]> {
  return mergeHistories(await askAll(hosts, async (host) => parseHistory((await host.read(path)) ?? ""), graceMs));
}

/** Adds an entry and syncs it, on every host that can be reached. @throws where none of them has it. */
export async function writeJournal(
  { journaling, dataDir }: Pick<Hosts, "journaling" | "dataDir">,
  entry: HistoryEntry,
): Promise<void> {
  await askAll(journaling, (host) => host.append(journalPath(dataDir), JSON.stringify(entry)));
}

/** Moves a journal past 4 MiB aside: called when no cutover is under way. */
export async function rotateJournal({ journaling, dataDir }: Hosts): Promise<void> {
  const path = journalPath(dataDir);
  await Promise.all(
    journaling.map(async (host) => {
      const [found] = await host.look([path]).catch((error: unknown) => {
        if (isUnreachable(error)) return [];
        throw error;
      });
      if (found?.kind === "file" && found.bytes > maxBytes) await host.move(path, olderPath(dataDir));
    }),
  );
}
