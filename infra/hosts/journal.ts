// The journal file of a stack on a host. Only adds to it; keeps it bounded by moving a full one aside.

import { rename, stat } from "node:fs/promises";
import { type HistoryEntry, lastActive, parseHistory } from "../core/history.ts";
import { stackFiles } from "../core/layout.ts";
import type { Host } from "./host.ts";

const maxBytes = 4 * 1024 * 1024;

/** The journal of the stack in `dataDir`. */
export const journalPath = (dataDir: string): string => `${dataDir}/${stackFiles.history}`;

/** Where a full journal lies. */
const olderPath = (dataDir: string): string => `${journalPath(dataDir)}.1`;

/** Reads it, oldest entry first: what was moved aside too, while the rest does not say who was last active. */
export async function readJournal(host: Pick<Host, "read">, dataDir: string): Promise<readonly HistoryEntry[]> {
  const entries = parseHistory((await host.read(journalPath(dataDir))) ?? "");
  if (lastActive(entries) !== null) return entries;
  return [...parseHistory((await host.read(olderPath(dataDir))) ?? ""), ...entries];
}

/** Adds an entry and syncs it. */
export async function writeJournal(host: Pick<Host, "append">, dataDir: string, entry: HistoryEntry): Promise<void> {
  await host.append(journalPath(dataDir), JSON.stringify(entry));
}

/** Moves a journal past 4 MiB aside: called when no cutover is under way. */
export async function rotateJournal(dataDir: string): Promise<void> {
  const path = journalPath(dataDir);
  const size = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  if (size > maxBytes) await rename(path, olderPath(dataDir));
}
