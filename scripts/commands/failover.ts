// natsby failover: the forced flip away from a publisher that cannot be reached. Fence first, by the upstreams alone; Pulumi comes last.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { type FailoverPlan, planFailover } from "../../infra/core/failover.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { ConfigChanges } from "../../infra/core/stack-config-edit.ts";
import type { StatusJson } from "../../infra/core/status.ts";
import { highestGuard } from "../../infra/hosts/hosts.ts";
import { clusterSecretAnyhow } from "../cluster-secret.ts";
import { type Output, processOutput } from "../render/output.ts";
import { sshKeysOf } from "../ssh-keys.ts";
import { changeConfig } from "../verbs/change-config.ts";
import { commitWords } from "../verbs/commit-words.ts";
import { cutOverDirectly } from "../verbs/direct-cutover.ts";
import { backToBefore, nextAfterFailure } from "../verbs/epoch-back.ts";
import { nameFlag, reasonFlag, stackFlag } from "../verbs/flags.ts";
import { lookAgain, lookAt, type OpenStack, openStack } from "../verbs/open-stack.ts";
import { refusePaused } from "../verbs/refuse-paused.ts";
import { type ConfigEnd, settle } from "../verbs/settle-config.ts";
import { endOf, tell } from "../verbs/tell.ts";
import { endInOrder } from "../verbs/told-to-stop.ts";
import { toolsFor } from "../verbs/tools.ts";
import { highestTicket, type Up, up } from "../verbs/up.ts";
import { defineVerb, jsonFlag } from "./verb.ts";

/** What was typed. */
export type FailoverFlags = {
  readonly to: string;
  readonly reason: string;
  readonly giveUp?: readonly string[];
  readonly acceptUnfenced: boolean;
  readonly json: boolean;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<FailoverFlags>({
  brief: "Make another publisher heard while the active one cannot be reached",
  details: [
    "Gives the active publisher up: the upstreams refuse its link, with no help from its host, and only then --to is",
    "attached. Writes fenced, epoch and activePublisher into the stack's config first; works while the stack's lock is",
    "held or its backend is away. `natsby rejoin` takes it back later. While both sides answer, use `natsby switchover`.",
  ].join("\n"),
  examples: [
    ['natsby failover --to publisher1 --reason "host of publisher0 is gone"', "Fence publisher0, attach publisher1"],
    ['natsby failover --to publisher1 --give-up server1 --reason "rack 2 burns"', "Do without an upstream for good"],
  ],
  parameters: {
    flags: {
      to: nameFlag("Publisher that is to be heard"),
      reason: reasonFlag,
      giveUp: { ...nameFlag("Upstream that is given up too; may be repeated"), optional: true, variadic: true },
      acceptUnfenced: {
        kind: "boolean",
        brief: "Go on where an upstream cannot be fenced: it may still take the old one",
        default: false,
        withNegated: false,
      },
      json: jsonFlag,
      stack: stackFlag,
    },
    aliases: { s: "stack" },
  },
  run: (flags) => failover(flags),
});

/** `pulumi up` afterwards finds it true; it is not waited for longer than this. */
const upMs = 60_000;

/** Fails over. */
export async function failover(flags: FailoverFlags, output: Output = processOutput()): Promise<ExitCode> {
  const startedAt = performance.now();
  const { to, reason } = flags;
  const opened = await openStack(flags.stack);
  const secret = clusterSecretAnyhow(opened.topology.stack);
  secret.catch(() => undefined);
  const { before, plan } = await decide(opened, flags);
  const same = { verb: "failover", startedAt, to, reason, before } as const;
  if (plan.kind === "already") {
    const nothing = { exitCode: exitCodes.done, entry: null, config: "unchanged", problem: null, next: [] } as const;
    return tell({ ...same, ...nothing, outcome: "already", after: before }, flags.json, output);
  }
  refusePaused(opened.deployed);
  output.tell(`failover: ${plan.givenUp ?? "nobody"} is given up, ${to} is attached\n`);
  const { ended, config } = await flip(opened, plan, flags, await secret);
  const done = ended.exitCode === exitCodes.done;
  const later = done ? await upAfterwards(opened, reason, output) : [];
  const commit = await commitWords(opened.file.path, `Fail over to ${to}: ${reason}`);
  const after = await lookAgain(opened.topology.stack);
  const failed = done ? [] : nextAfterFailure(config, opened.topology.epoch, after.epoch);
  const next = [...later, ...failed, ...(commit === null ? [] : [commit])];
  return tell({ ...same, ...endOf(ended), config, next, after }, flags.json, output);
}

/** Looks without a word to whoever was last heard: a dead host must not be waited for. */
async function decide(opened: OpenStack, flags: FailoverFlags): Promise<{ before: StatusJson; plan: FailoverPlan }> {
  const { topology, deployed } = opened;
  const last = deployed.deployedActive;
  const unasked = [...topology.fenced, ...(flags.giveUp ?? []), ...(last === null || last === flags.to ? [] : [last])];
  const [before, seen] = await Promise.all([
    lookAt(opened, { ...topology, fenced: unasked }),
    highestGuard(opened.hosts.without(unasked)),
  ]);
  const { activePublisher, epoch, fenced } = topology;
  const facts = { activePublisher, epoch, fenced, last, epochSeen: seen.epoch };
  const asked = { ...flags, giveUp: flags.giveUp ?? [] };
  return { before: withoutGuess(before, fenced, last), plan: planFailover(before, facts, asked) };
}

/** Who was passed over for the look only is shown as what it was. */
function withoutGuess(status: StatusJson, fenced: readonly string[], last: string | null): StatusJson {
  const publishers = status.publishers.map((one) =>
    fenced.includes(one.name) || one.name !== last ? one : { ...one, role: "active" as const },
  );
  return { ...status, fenced, publishers };
}

/** Config, then the program itself. */
async function flip(
  opened: OpenStack,
  { config }: FailoverPlan,
  { acceptUnfenced, reason }: FailoverFlags,
  clusterSecret: ClusterSecret,
): Promise<{ ended: Up; config: ConfigEnd }> {
  endInOrder();
  const { file, topology } = opened;
  const sshPrivateKeys = await sshKeysOf(topology.stack);
  const hosts = opened.hosts.without(config.fenced);
  const ticket = await highestTicket(hosts);
  const once = { flag: "accept-unfenced", reason, ticket: ticket + 1 } as const;
  const changes: ConfigChanges = { ...config, ...(acceptUnfenced ? { once } : {}) };
  const { file: written, topology: wanted } = await changeConfig(opened, changes);
  const ended = await cutOverDirectly(hosts, wanted, { clusterSecret, sshPrivateKeys }, reason);
  const back = await backToBefore(ended.exitCode, { before: file, written, hosts, ticket });
  if (back !== null) return { ended, config: back };
  const end = ended.exitCode === exitCodes.done ? "written" : "stays armed";
  return { ended, config: acceptUnfenced ? await settle(written, { once: undefined }, end) : end };
}

/** Whatever becomes of it, the failover is done: what is left is said. */
async function upAfterwards(
  { hosts, topology }: OpenStack,
  reason: string,
  output: Output,
): Promise<readonly string[]> {
  const { stack } = topology;
  output.tell("pulumi up: writes the rest of it and the stack's record\n");
  try {
    const { exitCode, words } = await up(await toolsFor(), { stack, hosts, reason, withinMs: upMs });
    if (exitCode === exitCodes.done) return [];
    output.tell(`note: pulumi up did not end well, the failover stands: ${words}\n`);
  } catch (error) {
    output.tell(`note: pulumi up could not run, the failover stands: ${String(error)}\n`);
  }
  return ["pulumi up    # once the stack's lock is free and its backend is there"];
}
