// natsby roll: a change that restarts servers, without silence: standbys and upstreams, a flip, then who was heard.

import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import { planRoll, type RollPlan } from "../../infra/core/roll.ts";
import { readApplied } from "../../infra/hosts/applied.ts";
import { readRoll, writeRoll } from "../../infra/hosts/roll-file.ts";
import { prepareImages } from "../docker/prepare-images.ts";
import { type Output, processOutput } from "../render/output.ts";
import { showProgress } from "../toolchain/show-progress.ts";
import { bringNatsServer, natsServerFor } from "../toolchain/stack-versions.ts";
import { changeConfig } from "../verbs/change-config.ts";
import { commitWords } from "../verbs/commit-words.ts";
import { reasonFlag, stackFlag } from "../verbs/flags.ts";
import { flip } from "../verbs/flip.ts";
import { lookAgain, lookAt, type OpenStack, openStack } from "../verbs/open-stack.ts";
import { refusePaused } from "../verbs/refuse-paused.ts";
import { endInOrder } from "../verbs/told-to-stop.ts";
import { toolsFor } from "../verbs/tools.ts";
import { type Up, up } from "../verbs/up.ts";
import { status } from "./status.ts";
import { defineVerb } from "./verb.ts";

/** What was typed. */
export type RollFlags = {
  readonly toVersion?: string;
  readonly back: boolean;
  readonly reason?: string;
  readonly stack?: string;
};

/** The command of the CLI. */
export const verb = defineVerb<RollFlags>({
  brief: "Bring a change that restarts servers, and let nobody notice",
  details: [
    "For what stands in the stack's config and is not running yet: first the upstreams, one at a time, and the standbys;",
    "then a flip to a standby; then the publisher that was heard. Stopped half-way, the same command goes on.",
  ].join("\n"),
  examples: [
    ["natsby roll", "After an edit of the config that restarts publishers or dummies"],
    ["natsby roll --to-version 2.15.3 --back", "Another nats-server, and the same publisher heard in the end"],
  ],
  parameters: {
    flags: {
      toVersion: {
        kind: "parsed",
        parse: String,
        brief: "Version of nats-server to write into the config first",
        placeholder: "version",
        optional: true,
      },
      back: { kind: "boolean", brief: "Flip back in the end", default: false, withNegated: false },
      reason: { ...reasonFlag, optional: true },
      stack: stackFlag,
    },
    aliases: { s: "stack" },
  },
  run: (flags) => roll(flags),
});

/** One stage of a roll. */
interface Stage {
  readonly words: string;
  run(): Promise<Up>;
}

/** Rolls. Each stage looks afresh; the first that does not end well ends it. */
export async function roll(flags: RollFlags, output: Output = processOutput()): Promise<ExitCode> {
  const { reason = "roll" } = flags;
  const opened = await withVersion(await openStack(flags.stack), flags.toVersion);
  refusePaused(opened.deployed);
  const { topology, file } = opened;
  const placed = (await readApplied(opened.hosts)).map(({ plan }) => plan);
  const plan = planRoll(topology, await lookAt(opened, topology), placed);
  const begunWith = await readRoll(opened.hosts);
  const first = flags.back ? (begunWith ?? plan.active) : null;
  if (first !== null && begunWith === null && plan.to !== null) await writeRoll(opened.hosts, first);
  endInOrder();
  const stages = stagesOf(opened, plan, { ...flags, reason }, first);
  for (const [index, { words, run }] of stages.entries()) {
    output.tell(`stage ${index + 1} of ${stages.length}: ${words}\n`);
    const { exitCode, words: problem } = await run();
    if (exitCode === exitCodes.done) continue;
    output.tell(`natsby: stage ${index + 1} did not end well: ${problem}\n  natsby status, then natsby roll goes on\n`);
    return exitCode;
  }
  await writeRoll(opened.hosts, null);
  const after = await lookAgain(topology.stack);
  output.print(`rolled: stack ${topology.stack}, ${first ?? plan.active} was heard, now ${after.activePublisher}\n\n`);
  const commit = await commitWords(file.path, `Roll: ${reason}`);
  if (commit !== null) output.print(`next:\n  ${commit}\n\n`);
  return status({ json: false, credentials: false, stack: topology.stack }, output);
}

/** @param first who is to be heard in the end; null: whoever is. */
function stagesOf(
  { hosts, topology }: OpenStack,
  { active, to, restarts }: RollPlan,
  flags: RollFlags,
  first: string | null,
): readonly Stage[] {
  const { stack } = topology;
  const reason = flags.reason ?? null;
  const upNow = async (hold?: string) =>
    up(await toolsFor(), { stack, hosts, reason, ...(hold === undefined ? {} : { hold }) });
  const flipTo = async (name: string, hold?: string) => {
    const asked = { to: name, reason, ...(hold === undefined ? {} : { hold }) };
    return (await flip(await openStack(stack), asked)).ended;
  };
  const heard = to ?? active;
  const back =
    first === null || first === heard ? [] : [{ words: `flip back: ${heard} -> ${first}`, run: () => flipTo(first) }];
  if (to === null) return [{ words: `everything: ${active} is not restarted by it`, run: () => upNow() }, ...back];
  return [
    { words: `upstreams one at a time, and standbys; ${active} is not touched`, run: () => upNow(active) },
    { words: `flip: ${active} -> ${to}`, run: () => flipTo(to, active) },
    { words: `${active}: ${restarts.join(", ")}`, run: () => upNow() },
    ...back,
  ];
}

/** Brings that nats-server, and writes its version into the config. */
async function withVersion(opened: OpenStack, version: string | undefined): Promise<OpenStack> {
  if (version === undefined || version === opened.topology.natsServerVersion) return opened;
  using progress = showProgress(process.stderr);
  await bringNatsServer(version, progress, process.env);
  natsServerFor(version);
  if (opened.topology.engines !== undefined) await prepareImages([version], progress);
  const changed = await changeConfig(opened, { natsServer: { version } });
  return { ...opened, ...changed };
}
