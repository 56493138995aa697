// Pulumi's command for the cutover: request on stdin, a line a step on stderr, one short line on stdout, details in the journal.

import { execFile } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { promisify } from "node:util";
import type { CutoverPlan } from "../../infra/core/cutover-plan.ts";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import type { FinishedEntry, UpstreamRecord } from "../../infra/core/history.ts";
import { dummyPlan, type ServerPlan, upstreamPlan } from "../../infra/core/plan.ts";
import { isServer, readApplied } from "../../infra/hosts/applied.ts";
import { newGuard } from "../../infra/hosts/guard.ts";
import { readJournal, rotateJournal, writeJournal } from "../../infra/hosts/journal.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { type Request, runCommand } from "../apply/request.ts";
import { natsServerPath } from "../toolchain/paths.ts";
import type { Context } from "./context.ts";
import { tidyUp } from "./follow-up.ts";
import { type Ending, runSteps } from "./machine.ts";
import { measure } from "./measure.ts";
import { Peer } from "./peer.ts";
import { Session } from "./session.ts";

const started = performance.now();
await runCommand<CutoverPlan>(async (request) => {
  const session = new Session();
  const context = await contextOf(request);
  const ending = await runSteps(context, session, (line) => process.stderr.write(`${line}\n`));
  const upstreams = measureAll(context, ending);
  await tidyUp(context, ending.result);
  await Promise.all([...context.upstreams, ...context.dummies].map((peer) => peer[Symbol.asyncDispose]()));
  await record(context, await entryOf(context, ending, upstreams));
  for (const note of context.notes) process.stderr.write(`note: ${note}\n`);
  if (ending.problem !== null) {
    const { exitCode, hint, problem } = ending;
    throw new UserError(problem, { exitCode, ...(hint === null ? {} : { hint }) });
  }
  return summary(context, upstreams);
});

/** A full disk must not turn a cutover that is proved into one that failed. */
async function record(context: Context, entry: FinishedEntry): Promise<void> {
  const { dataDir } = context.topology;
  try {
    await context.journaling;
    await writeJournal(context.host, dataDir, entry);
    await rotateJournal(dataDir);
  } catch (error) {
    context.notes.push(`the journal could not be written: ${messageOf(error)}`);
  }
}

async function contextOf({ plan, clusterSecret }: Request<CutoverPlan>): Promise<Context> {
  const { topology } = plan;
  const host = localHost(topology.dataDir);
  const reach = { clusterSecret, subjects: topology.subjects, stamp: topology.stamp };
  const peers = (await plansOf(plan)).map((server) => new Peer(server, reach));
  const dummies = peers.filter((peer) => peer.plan.kind === "dummy");
  const target = dummies.find((peer) => peer.plan.publisher === topology.activePublisher);
  if (target === undefined) throw new Error(`no dummy of ${topology.activePublisher}`);
  return {
    plan,
    topology,
    clusterSecret,
    host,
    natsServer: natsServerPath(),
    upstreams: peers.filter((peer) => peer.plan.kind === "upstream"),
    dummies,
    target,
    journal: await readJournal(host, topology.dataDir),
    claim: newGuard,
    seen: { links: new Map(), dummies: new Map() },
    from: null,
    comparedAt: null,
    stamps: new Map(),
    stampsProblem: null,
    attachedAt: null,
    staged: new Set(),
    pinned: new Map(),
    stopped: new Set(),
    journaling: Promise.resolve(),
    notes: [],
  };
}

/** The config's servers, and those that are still on the host though the config dropped them: they may be linked too. */
async function plansOf({ topology }: CutoverPlan): Promise<readonly ServerPlan[]> {
  const configured = [
    ...topology.upstreams.map((upstream) => upstreamPlan(topology, upstream)),
    ...topology.publishers.map((publisher) => dummyPlan(topology, publisher)),
  ];
  const applied = (await readApplied(topology.dataDir)).filter(isServer).map(({ plan }) => plan);
  const contacted = ({ publisher }: ServerPlan) => publisher === null || !topology.fenced.includes(publisher);
  const dropped = applied.filter(({ name }) => !configured.some((server) => server.name === name));
  return [...configured, ...dropped].filter(contacted);
}

function measureAll(context: Context, { result }: Ending): readonly UpstreamRecord[] {
  const { target, from, attachedAt, upstreams } = context;
  return upstreams.map(({ name, tap }) =>
    measure({
      upstream: name,
      heard: tap?.heard ?? [],
      published: target.tap?.heard ?? [],
      before: from?.plan.publisher ?? null,
      after: result === "active" ? target.plan.publisher : null,
      attachedAt,
    }),
  );
}

async function entryOf(context: Context, ending: Ending, upstreams: readonly UpstreamRecord[]): Promise<FinishedEntry> {
  const { claim, from, topology, notes } = context;
  return {
    state: "finished",
    ticket: claim.ticket,
    epoch: claim.epoch,
    at: new Date().toISOString(),
    from: from?.plan.publisher ?? null,
    to: topology.activePublisher,
    result: ending.result,
    exitCode: ending.exitCode,
    reason: ending.problem ?? "",
    who: `${userInfo().username}@${hostname()}`,
    commit: await commitOf(),
    ms: Math.round(performance.now() - started),
    steps: ending.records,
    upstreams,
    notes,
  };
}

/** The commit of the checkout that runs, where it is one. */
async function commitOf(): Promise<string | null> {
  const git = promisify(execFile)("git", ["rev-parse", "HEAD"], { timeout: 1_000 });
  return git.then(({ stdout }) => stdout.trim()).catch(() => null);
}

/** The stack output `lastCutover`. */
function summary({ claim, from, target, attachedAt }: Context, upstreams: readonly UpstreamRecord[]): string {
  const active = target.plan.publisher;
  if (attachedAt === null) return `ticket ${claim.ticket}: ${active} is active, already`;
  const counted = upstreams.map(({ upstream, gapMs, lost, doubled }) => {
    return `${upstream} gap ${gapMs ?? "?"} ms lost ${lost ?? "?"} doubled ${doubled ?? "?"}`;
  });
  return `ticket ${claim.ticket}: ${from?.plan.publisher ?? "nobody"} -> ${active}; ${counted.join("; ")}`;
}
