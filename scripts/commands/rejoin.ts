// natsby rejoin: takes back one that was given up. It is written detached and proved so before its fence is lifted; nobody is flipped.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { planRejoin, type RejoinPlan, withNewKey } from "../../infra/core/rejoin.ts";
import type { ConfigChanges } from "../../infra/core/stack-config-edit.ts";
import type { StatusJson } from "../../infra/core/status.ts";
import { highestGuard } from "../../infra/hosts/hosts.ts";
import { type Output, processOutput } from "../render/output.ts";
import { changeConfig, listIn } from "../verbs/change-config.ts";
import { commitWords } from "../verbs/commit-words.ts";
import { backToBefore, nextAfterFailure } from "../verbs/epoch-back.ts";
import { reasonFlag, stackFlag } from "../verbs/flags.ts";
import { lookAgain, lookAt, type OpenStack, openStack } from "../verbs/open-stack.ts";
import type { ConfigEnd } from "../verbs/settle-config.ts";
import { endOf, tell } from "../verbs/tell.ts";
import { endInOrder } from "../verbs/told-to-stop.ts";
import { toolsFor } from "../verbs/tools.ts";
import { highestTicket, type Up, up } from "../verbs/up.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type RejoinFlags = {
  readonly newKey: boolean;
  readonly reason?: string;
  readonly json: boolean;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<RejoinFlags, [name: string]>({
  brief: "Take back a publisher or upstream that was given up",
  details: [
    "Refuses (3) while its server runs and does not answer. Then takes it off `fenced`, raises the epoch, and runs",
    "`pulumi up`: it is written detached, that is proved, and only then the upstreams let it in again. One at a time.",
  ].join("\n"),
  examples: [
    ['natsby rejoin publisher0 --reason "host repaired"', "It stands by again; natsby switchover makes it heard"],
    ["natsby rejoin publisher0 --new-key", "Its old key is worth nothing any more"],
  ],
  parameters: {
    flags: {
      newKey: {
        kind: "boolean",
        brief: "Give it a new key: the old one may be stolen",
        default: false,
        withNegated: false,
      },
      reason: { ...reasonFlag, optional: true },
      json: jsonFlag,
      stack: stackFlag,
    },
    aliases: { s: "stack" },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "Publisher or upstream that was given up", parse: String, placeholder: "name" }],
    },
  },
  run: (flags, name) => rejoin(flags, name),
});

/** Takes one back. */
export async function rejoin(flags: RejoinFlags, name: string, output: Output = processOutput()): Promise<ExitCode> {
  const startedAt = performance.now();
  const { reason = null } = flags;
  const opened = await openStack(flags.stack);
  const { before, plan } = await decide(opened, name);
  output.tell(`rejoin: ${name} comes back detached\n`);
  const { ended, config } = await lift(opened, plan, flags, name);
  const done = ended.exitCode === exitCodes.done;
  const commit = await commitWords(opened.file.path, `Take ${name} back${reason === null ? "" : `: ${reason}`}`);
  const after = await lookAgain(opened.topology.stack);
  const failed = done ? [] : nextAfterFailure(config, opened.topology.epoch, after.epoch);
  const next = [...failed, ...(commit === null ? [] : [commit])];
  const same = { verb: "rejoin", startedAt, to: name, reason, before, after } as const;
  return tell({ ...same, ...endOf(ended), config, next }, flags.json, output);
}

/** A look that contacts the one that comes back, and no other that was given up. */
async function decide(opened: OpenStack, name: string): Promise<{ before: StatusJson; plan: RejoinPlan }> {
  const { topology } = opened;
  const others = topology.fenced.filter((one) => one !== name);
  const [status, seen] = await Promise.all([
    lookAt(opened, { ...topology, fenced: others }),
    highestGuard(opened.hosts),
  ]);
  const plan = planRejoin(status, { epoch: topology.epoch, fenced: topology.fenced, seen }, name);
  const publishers = status.publishers.map((one) => (one.name === name ? { ...one, role: "fenced" as const } : one));
  return { before: { ...status, fenced: topology.fenced, publishers }, plan };
}

async function lift(
  opened: OpenStack,
  plan: RejoinPlan,
  { newKey, reason }: RejoinFlags,
  name: string,
): Promise<{ ended: Up; config: ConfigEnd }> {
  const { file, hosts, topology } = opened;
  const { stack } = topology;
  endInOrder();
  const tools = await toolsFor();
  const ticket = await highestTicket(hosts);
  const changes = plan.kind === "go on" ? {} : { ...plan.config, ...(newKey ? newKeyOf(opened, name) : {}) };
  const written = await changeConfig(opened, changes);
  const ended = await up(tools, { stack, hosts, reason: reason ?? null });
  const back = await backToBefore(ended.exitCode, { before: file, written: written.file, hosts, ticket });
  return { ended, config: back ?? (ended.exitCode === exitCodes.done ? "written" : "stays armed") };
}

/** In the list that it stands in. */
function newKeyOf({ file, topology: { publishers, upstreams } }: OpenStack, name: string): ConfigChanges {
  const key = publishers.some((one) => one.name === name) ? "publishers" : "upstreams";
  const standard = (key === "publishers" ? publishers : upstreams).map((one) => ({ name: one.name }));
  return { [key]: withNewKey(listIn(file, key, standard), name) };
}
