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
    ...clockLines(upstreams),
    ...notes.map((note) => `note: ${note}`),
  ].join("\n");
}

/** The difference of two clocks is in the gap; it is the same at every upstream but for how fast each is heard. */
function clockLines(upstreams: FinishedEntry["upstreams"]): readonly string[] {
  const known = upstreams.flatMap(({ before, after, clockMs }) =>
    clockMs == null ? [] : [{ before, after, clockMs }],
  );
  const [most] = known.toSorted((a, b) => Math.abs(b.clockMs) - Math.abs(a.clockMs));
  if (most === undefined || most.after === null) return [];
  const side = most.clockMs < 0 ? "ahead of" : "behind";
  return [`clock: ${most.after} is ${Math.abs(most.clockMs).toFixed(1)} ms ${side} ${most.before}`];
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
