// The table of one cutover: who was heard before and after at each upstream, with gap, lost and doubled. 80 columns.

import type { FinishedEntry } from "./history.ts";

/** Renders the table, a header line first. */
export function cutoverTable({ upstreams, notes, ticket, ms }: FinishedEntry): string {
  const rows = upstreams.map(({ upstream, before, after, gapMs, lost, doubled }) => [
    upstream,
    before ?? "nobody",
    after ?? "nobody",
    gapMs === null ? "-" : `${gapMs.toFixed(1)} ms`,
    String(lost ?? "-"),
    String(doubled ?? "-"),
  ]);
  const table = aligned([["upstream", "heard before", "heard after", "gap", "lost", "doubled"], ...rows]);
  return [
    `cutover, ticket ${ticket}, ${(ms / 1000).toFixed(2)} s`,
    ...table,
    ...notes.map((note) => `note: ${note}`),
  ].join("\n");
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
