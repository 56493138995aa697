// The history for people: a line a cutover, and below it why, by whom, and what went wrong. Fits 80 columns.

import type { HistoryJson, HistoryRow } from "../../infra/core/history-list.ts";
import { tableOf, wrap } from "./columns.ts";
import type { Output } from "./output.ts";

/** The text of `natsby history`. */
export function historyLines({ stack, cutovers, withoutPulumi }: HistoryJson, paint: Output["paint"]): string {
  const heads = ["#", "AT (UTC)", "FROM", "TO", "RESULT", "GAP", "LOST", "DOUBLED"];
  const [head = "", ...rows] = tableOf(heads, cutovers.map(cells));
  const body = cutovers.flatMap((row, index) => [rows[index] ?? "", ...details(row)]);
  const none = cutovers.length === 0 ? [`stack ${stack} has no history yet`] : [paint("dim", head)];
  const said = withoutPulumi === null ? [] : ["", ...wrap("", `Pulumi's own history is not in it: ${withoutPulumi}`)];
  return [...none, ...body, ...said].map((line) => `${line}\n`).join("");
}

function cells({ ticket, at, from, to, result, upstreams }: HistoryRow): readonly string[] {
  const of = (numbers: readonly (number | null)[]) => numbers.filter((number) => number !== null);
  const worst = (numbers: readonly (number | null)[]) => (of(numbers).length === 0 ? "-" : Math.max(...of(numbers)));
  const gap = worst(upstreams.map(({ gapMs }) => gapMs));
  return [
    ticket === 0 ? "-" : String(ticket),
    at.slice(5, 16).replace("T", " "),
    from ?? "nobody",
    to,
    result,
    gap === "-" ? gap : `${gap} ms`,
    String(worst(upstreams.map(({ lost }) => lost))),
    String(worst(upstreams.map(({ doubled }) => doubled))),
  ];
}

function details({ epoch, reason, problem, who, commit, update, notes }: HistoryRow): readonly string[] {
  const facts = [
    ...(reason === null ? [] : [`"${reason}"`]),
    ...(who === null ? [] : [who]),
    ...(epoch === 0 ? [] : [`epoch ${epoch}`]),
    ...(commit === null ? [] : [`commit ${commit.slice(0, 7)}`]),
    ...(update === null ? [] : [`pulumi ${update.kind} ${update.result}`]),
  ];
  return [
    ...(facts.length === 0 ? [] : wrap("    ", facts.join(", "))),
    ...(problem === null ? [] : wrap("    ", problem)),
    ...notes.flatMap((note) => wrap("    note: ", note, "    ")),
  ];
}
