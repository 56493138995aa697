// natsby adopt: what the servers and hosts say becomes the stack's config. Changes nothing that runs, and commits nothing.

import { planAdopt } from "../../infra/core/adopt.ts";
import { highestGuard } from "../../infra/hosts/hosts.ts";
import { type Output, processOutput } from "../render/output.ts";
import { stackFlag } from "../stack.ts";
import { commitWords } from "../verbs/commit-words.ts";
import { lookAt, openStack } from "../verbs/open-stack.ts";
import { changeFile } from "../verbs/stack-file.ts";
import { defineVerb } from "./verb.ts";

/** What was typed. */
export type AdoptFlags = { readonly stack?: string };

/** The command of the CLI. */
export const verb = defineVerb<AdoptFlags>({
  brief: "Write what the servers say into the config: the way out of a stale checkout",
  details: [
    "Takes who is heard, the epoch and who is fenced from the servers and hosts, and writes them into the stack's config.",
    "Where git has the newer config, `git pull` is better. Refuses (3) where who is heard is not known.",
  ].join("\n"),
  examples: [["natsby adopt", "After `pulumi up` refused a stale config; then pulumi up again"]],
  parameters: { flags: { stack: stackFlag }, aliases: { s: "stack" } },
  run: (flags) => adopt(flags),
});

/** Adopts. */
export async function adopt({ stack }: AdoptFlags, output: Output = processOutput()): Promise<void> {
  const opened = await openStack(stack);
  const { topology, deployed, file } = opened;
  const guard = await highestGuard(opened.hosts);
  const status = await lookAt(opened, { ...topology, fenced: guard.fenced });
  const { config, changes, notes } = planAdopt(topology, status, guard, deployed.deployedActive);
  for (const note of notes) output.tell(`note: ${note}\n`);
  if (changes.length === 0) return output.print("already: the config says what the servers say\n");
  await changeFile(file, Object.fromEntries(changes.map(({ key }) => [key, config[key]])));
  for (const { key, before, after } of changes) output.print(`${key}: ${before} -> ${after}\n`);
  const commit = await commitWords(file.path, `Adopt what the servers say: ${config.activePublisher} is heard`);
  const next = [...(commit === null ? [] : [commit]), "pulumi preview    # shows what is left to do"];
  output.print(`\nnext:\n${next.map((line) => `  ${line}\n`).join("")}`);
}
