// The table at the end of a long run: how often each kind of event was done, with which exit codes, and how long it took.

import { tableOf as columns } from "../../scripts/render/columns.ts";
import type { Done } from "./world.ts";

/** In order of how often they were done. */
export function tableOf(all: readonly Done[], ends: readonly string[]): string {
  const kinds = Map.groupBy(all, ({ event }) => event.replace(/ .*/, ""));
  const rows = [...kinds].sort(([, a], [, b]) => b.length - a.length).map(([kind, done]) => rowOf(kind, done));
  const verdicts = Map.groupBy(ends, (words) => words.split(";")[0] ?? "");
  const counts = [...verdicts].map(([verdict, some]) => `${some.length} ${verdict}`).join(", ");
  return `${columns(["event", "done", "exit codes", "median", "longest"], rows).join("\n")}\n${all.length} events; the runs ended ${counts || "early"}\n`;
}

function rowOf(kind: string, done: readonly Done[]): readonly string[] {
  const codes = Map.groupBy(done, ({ code }) => code);
  const words = [...codes].flatMap(([code, some]) => (code === null ? [] : [`${code}: ${some.length}`]));
  const times = done.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return [kind, String(done.length), words.join(", "), `${times[times.length >> 1]} ms`, `${times.at(-1)} ms`];
}
