// natsby history: who was heard when, and why: the journals on the hosts with Pulumi's own history. Changes nothing.

import { messageOf } from "../../infra/core/errors.ts";
import { type HistoryJson, historyRows, type PulumiUpdate, parseUpdates } from "../../infra/core/history-list.ts";
import { readWholeJournal } from "../../infra/hosts/journal.ts";
import { askPulumi, pulumiTool } from "../pulumi-tool.ts";
import { historyLines } from "../render/history-lines.ts";
import { type Output, processOutput } from "../render/output.ts";
import { loadStack, stackFlag } from "../stack.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { wholeNumber } from "./flags.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type HistoryFlags = { readonly json: boolean; readonly limit: number; readonly stack?: string };

/** The command of the CLI. */
export const verb = defineVerb<HistoryFlags>({
  brief: "Show every cutover: who, why, gap, lost, doubled; failures too",
  details: "Newest first. `no end` is a run that was killed, or is under way.",
  examples: [
    ["natsby history", "The last 20"],
    ["natsby history --json --limit 1", "The last one with every step, for programs"],
  ],
  parameters: {
    flags: {
      json: jsonFlag,
      limit: {
        kind: "parsed",
        parse: wholeNumber("cutovers", 100_000),
        brief: "How many at most",
        placeholder: "number",
        default: "20",
      },
      stack: stackFlag,
    },
    aliases: { s: "stack" },
  },
  run: (flags) => history(flags),
});

/** Prints it. */
export async function history({ json, limit, stack }: HistoryFlags, output: Output = processOutput()): Promise<void> {
  const { hosts, topology } = await loadStack(stack);
  const [entries, asked] = await Promise.all([readWholeJournal(hosts), updatesOf(topology.stack, limit)]);
  const answer: HistoryJson = {
    schema: 1,
    stack: topology.stack,
    withoutPulumi: asked.problem,
    cutovers: historyRows(entries, asked.updates, limit),
  };
  output.print(json ? `${JSON.stringify(answer, null, 2)}\n` : historyLines(answer, output.paint));
}

const askMs = 10_000;

/** What the hosts know is shown even where Pulumi cannot be asked. */
async function updatesOf(
  stack: string,
  limit: number,
): Promise<{ updates: readonly PulumiUpdate[]; problem: string | null }> {
  const tool = pulumiTool();
  if (tool === null) return { updates: [], problem: "a tool is missing: natsby doctor" };
  try {
    const words = ["stack", "history", "--json", "-s", stack, "--page-size", String(2 * limit), "--non-interactive"];
    const { code, stdout, stderr, timedOut } = await askPulumi(tool, words, projectRoot, askMs);
    if (code === 0) return { updates: parseUpdates(stdout), problem: null };
    const told = timedOut ? `no answer within ${askMs / 1_000} s` : stderr.trim().replace(/^error: /, "");
    return { updates: [], problem: told };
  } catch (error) {
    return { updates: [], problem: messageOf(error) };
  }
}
