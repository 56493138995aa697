// What was heard, for people: a sentence, a table, and what is wrong with what to type. Fits 80 columns.

import type { PublisherHeard, VerifyJson } from "../../infra/core/verification.ts";
import { tableOf, wrap } from "./columns.ts";
import type { Output } from "./output.ts";

/** The text of `natsby verify`. */
export function verifyTable(answer: VerifyJson, paint: Output["paint"]): string {
  const { upstreams, problems } = answer;
  const rows = upstreams.flatMap(({ name, publishers }) =>
    publishers === null ? [[name, "?", "", "", "", "", ""]] : publishers.map((one) => rowOf(name, one)),
  );
  const [heads = "", ...lines] = tableOf(
    ["UPSTREAM", "PUBLISHER", "ROLE", "HEARD", "DOUBLED", "MISSING", "LONGEST SILENCE"],
    rows,
  );
  const wrong = problems.flatMap(({ text, hint }) => ["", ...wrap("", text, "  "), ...wrap("  > ", hint)]);
  return [
    headline(answer, paint),
    "",
    paint("dim", heads),
    ...lines,
    ...stampLines(answer),
    ...clockLines(answer),
    ...wrong,
  ]
    .map((line) => `${line}\n`)
    .join("");
}

function headline({ ok, stack, activePublisher, seconds }: VerifyJson, paint: Output["paint"]): string {
  const word = ok ? paint("green", "OK") : paint("red", "NOT OK");
  const told = ok ? `${activePublisher} is heard at every upstream` : "see below";
  return `${word}  stack ${stack}, ${seconds} s: ${told}`;
}

function rowOf(upstream: string, one: PublisherHeard): readonly string[] {
  const count = (number: number | null) => (number === null ? "?" : String(number));
  const numbers = [String(one.heard), count(one.doubled), count(one.missing), `${one.longestSilenceMs} ms`];
  return [upstream, one.name ?? "(not named)", one.role, ...numbers];
}

/** Clocks that are further apart than a busy machine makes them look, or that nobody could compare. */
const tellsMs = 20;

function clockLines({ clocks, activePublisher }: VerifyJson): readonly string[] {
  const told = clocks.flatMap(({ publisher, behindMs, stepped }) => {
    if (behindMs === null) return [`${publisher} not known`];
    const words = `${publisher} ${Math.abs(behindMs)} ms ${behindMs < 0 ? "ahead" : "behind"}`;
    return stepped ? [`${words}, and stepped meanwhile`] : Math.abs(behindMs) < tellsMs ? [] : [words];
  });
  return told.length === 0 ? [] : ["", ...wrap("", `clocks against ${activePublisher}: ${told.join("; ")}`, "  ")];
}

function stampLines({ stamps, upstreams }: VerifyJson): readonly string[] {
  const heard = upstreams.some(({ publishers }) => publishers?.some((one) => one.heard > 0));
  if (stamps || !heard) return [];
  const told =
    "Messages have no stamp that can be compared, so doubled and missing ones cannot be counted: set `stamp`.";
  return ["", ...wrap("", told)];
}
