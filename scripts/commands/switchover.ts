// natsby switchover: the planned flip. Both sides are reachable; the config is set, `pulumi up` flips, and a refusal puts the config back.

import { UserError } from "../../infra/core/errors.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { decideSwitchover } from "../../infra/core/switchover.ts";
import type { Once } from "../../infra/core/topology.ts";
import { type Output, processOutput } from "../render/output.ts";
import { commitWords } from "../verbs/commit-words.ts";
import { nameFlag, reasonFlag, stackFlag } from "../verbs/flags.ts";
import { flip } from "../verbs/flip.ts";
import { lookAgain, lookAt, openStack } from "../verbs/open-stack.ts";
import { refusePaused } from "../verbs/refuse-paused.ts";
import { endOf, tell } from "../verbs/tell.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type SwitchoverFlags = {
  readonly to: string;
  readonly from?: string;
  readonly reason?: string;
  readonly acceptDegraded: boolean;
  readonly acceptSilent: boolean;
  readonly json: boolean;
  readonly stack?: string;
};

const risk = (brief: string) => ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

/** The command of the CLI. */
export const verb = defineVerb<SwitchoverFlags>({
  brief: "Make another publisher heard: a planned flip, both sides reachable",
  details: [
    "Refuses (3) where who is heard is not --from, where the target is not healthy, or an upstream does not answer. Then",
    "sets activePublisher in the stack's config and runs `pulumi up`. A flip that is refused or rolled back leaves the",
    "config as it was. A publisher whose host is gone is flipped away from with `natsby failover`.",
  ].join("\n"),
  examples: [
    ["natsby switchover --to publisher1", "Flip, and show gap, lost and doubled at every upstream"],
    ["natsby switchover --to publisher1 --from publisher0", "Only if publisher0 is the one that is heard"],
    ['natsby switchover --to publisher1 --accept-degraded --reason "server1 is in repair"', "Do without an upstream"],
  ],
  parameters: {
    flags: {
      to: nameFlag("Publisher that is to be heard"),
      from: { ...nameFlag("Publisher that is heard now: else nothing is done"), optional: true },
      reason: { ...reasonFlag, optional: true },
      acceptDegraded: risk("Flip although an upstream does not answer; needs --reason"),
      acceptSilent: risk("Flip although the target publishes nothing; needs --reason"),
      json: jsonFlag,
      stack: stackFlag,
    },
    aliases: { s: "stack" },
  },
  run: (flags) => switchover(flags),
});

/** Flips. */
export async function switchover(flags: SwitchoverFlags, output: Output = processOutput()): Promise<ExitCode> {
  const startedAt = performance.now();
  const { to, from = null, reason = null, acceptDegraded, acceptSilent } = flags;
  refuseUnreasoned(flags);
  const opened = await openStack(flags.stack);
  const { topology, deployed } = opened;
  const before = await lookAt(opened, topology);
  const asked = { to, from, acceptDegraded, acceptSilent };
  const decision = decideSwitchover(before, topology.activePublisher, deployed.deployedActive, asked);
  const same = { verb: "switchover", startedAt, to, reason, before } as const;
  if (decision.kind === "already") {
    const nothing = { exitCode: exitCodes.done, entry: null, config: "unchanged", problem: null, next: [] } as const;
    return tell({ ...same, ...nothing, outcome: "already", after: before }, flags.json, output);
  }
  refusePaused(deployed);
  output.tell(`switchover: ${decision.from ?? "nobody"} -> ${to}\n`);
  const { ended, config } = await flip(opened, { to, reason, risk: riskOf(flags) });
  const commit = await commitWords(opened.file.path, `Make ${to} heard${reason === null ? "" : `: ${reason}`}`);
  const left = config === "stays armed" ? ["pulumi up    # goes on; natsby status shows who is heard"] : [];
  const next = [...left, ...(commit === null ? [] : [commit])];
  const after = await lookAgain(topology.stack);
  return tell({ ...same, ...endOf(ended), config, next, after }, flags.json, output);
}

/** One risk a run: the config's `once` holds one. */
function riskOf({ acceptDegraded, acceptSilent }: SwitchoverFlags): Once["flag"] | null {
  if (acceptDegraded) return "accept-degraded";
  return acceptSilent ? "accept-silent" : null;
}

function refuseUnreasoned({ acceptDegraded, acceptSilent, reason }: SwitchoverFlags): void {
  if (acceptDegraded && acceptSilent) {
    throw new UserError("one risk at a time: --accept-degraded or --accept-silent", {
      code: "refused",
      exitCode: exitCodes.usage,
    });
  }
  if ((acceptDegraded || acceptSilent) && reason === undefined) {
    throw new UserError("a risk is accepted with a reason", {
      code: "no-reason",
      exitCode: exitCodes.usage,
      hint: 'add --reason "…": it goes into the history',
    });
  }
}
