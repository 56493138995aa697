// A flip for people: every publisher before and after it, what subscribers heard of it, and what to type next. Fits 80 columns.

import type { FlipResult } from "../../infra/core/flip-result.ts";
import type { FinishedEntry } from "../../infra/core/history.ts";
import { cutoverTable } from "../../infra/core/history-table.ts";
import type { StatusJson } from "../../infra/core/status.ts";
import { tableOf, wrap } from "./columns.ts";
import type { Output } from "./output.ts";

/** What is shown of a flip. */
export interface Flipped {
  readonly result: FlipResult;
  readonly before: StatusJson;
  readonly after: StatusJson;
  readonly entry: FinishedEntry | null;
}

/** The text of `natsby switchover`, `failover` and `rejoin`. */
export function flipTable({ result, before, after, entry }: Flipped, paint: Output["paint"]): string {
  const [heads = "", ...rows] = tableOf(
    ["PUBLISHER", "BEFORE", "HEARD AT", "AFTER", "HEARD AT"],
    after.publishers.map(({ name }) => [name, ...stateIn(before, name), ...stateIn(after, name)]),
  );
  const next = result.next.flatMap((line, index) => [...(index === 0 ? ["", "next:"] : []), `  ${line}`]);
  const lines = [
    sentence(result, paint),
    "",
    paint("dim", heads),
    ...rows,
    ...(entry === null ? [] : tableLines(entry)),
    ...next,
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** A table's columns must not be folded; notes may. */
function tableLines(entry: FinishedEntry): readonly string[] {
  const lines = cutoverTable(entry).split("\n");
  return ["", ...lines.flatMap((line) => (line.startsWith("note: ") ? wrap("", line, "  ") : [line]))];
}

function stateIn(status: StatusJson, name: string): readonly [string, string] {
  const found = status.publishers.find((one) => one.name === name);
  const seen = found?.attached.seen;
  return [found?.role ?? "-", seen == null ? "?" : seen.join(" ") || "nowhere"];
}

function sentence({ verb, outcome, before, after, to, stack, config }: FlipResult, paint: Output["paint"]): string {
  if (outcome === "already") return `${paint("green", "already")}: stack ${stack}, ${to} is heard`;
  const words = `${before ?? "nobody"} -> ${after ?? "nobody"}`;
  if (outcome === "done" && verb === "rejoin")
    return `${paint("green", "done")}: stack ${stack}, ${to} is back; ${after ?? "nobody"} is heard`;
  if (outcome === "done") return `${paint("green", "done")}: stack ${stack}, ${words}`;
  return `${paint("red", "not done")}: stack ${stack}, heard: ${words}; the config ${configWords[config]}`;
}

const configWords: Readonly<Record<FlipResult["config"], string>> = {
  unchanged: "is unchanged",
  written: "is written",
  "put back": "is put back",
  "stays armed": "asks for it still",
  "changed meanwhile": "was changed by somebody else",
};
