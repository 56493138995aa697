// Pulumi's command for the cutover: request on stdin, a line a step on stderr, one short line on stdout, details in the journal.

import { execFile } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { promisify } from "node:util";
import type { CutoverPlan } from "../../infra/core/cutover-plan.ts";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import type { FinishedEntry, UpstreamRecord } from "../../infra/core/history.ts";
import { dummyPlan, upstreamPlan } from "../../infra/core/plan.ts";
import type { Once } from "../../infra/core/topology.ts";
import { isServer, readApplied } from "../../infra/hosts/applied.ts";
import { newGuard } from "../../infra/hosts/guard.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import { readJournal, rotateJournal, writeJournal } from "../../infra/hosts/journal.ts";
import { readOwner } from "../../infra/hosts/owner-file.ts";
import { hostsOf } from "../../infra/hosts/stack-hosts.ts";
import { type Request, runCommand } from "../apply/request.ts";
import { natsServerOf } from "../stack-tools.ts";
import type { Context } from "./context.ts";
import { tidyUp } from "./follow-up.ts";
import { wasHeard } from "./fresh.ts";
import { type Ending, runSteps } from "./machine.ts";
import { clockNotes, measure } from "./measure.ts";
import { Peer, type PeerPlan } from "./peer.ts";
import { ProgressLines } from "./progress-lines.ts";
import { Session } from "./session.ts";

const started = performance.now();
await runCommand<CutoverPlan>(async (request) => {
  const session = new Session();
  await using hosts = await hostsOf(request.plan.topology, request.sshPrivateKeys ?? {});
  const context = await contextOf(request, hosts);
  const peers = [...context.upstreams, ...context.dummies];
  const ending = await runSteps(context, session, new ProgressLines((text) => process.stderr.write(text)));
  const upstreams = measureAll(context, ending);
  await tidyUp(context, ending.result);
  await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  await record(context, await entryOf(context, ending, upstreams));
  for (const note of context.notes) process.stderr.write(`note: ${note}\n`);
  if (ending.problem !== null) {
    const { code, exitCode, hint, problem } = ending;
    throw new UserError(problem, { exitCode, ...(code && { code }), ...(hint !== null && { hint }) });
  }
  return summary(context, upstreams);
});

/** A full disk must not turn a cutover that is proved into one that failed. */
async function record(context: Context, entry: FinishedEntry): Promise<void> {
  try {
    await context.journaling;
    await writeJournal(context.hosts, entry);
    await rotateJournal(context.hosts);
  } catch (error) {
    context.notes.push(`the journal could not be written: ${messageOf(error)}`);
  }
}

async function contextOf({ plan, clusterSecret }: Request<CutoverPlan>, hosts: Hosts): Promise<Context> {
  const { topology } = plan;
  const reach = { clusterSecret, subjects: topology.subjects, stamp: topology.stamp };
  const all = (await plansOf(plan, hosts)).map((server) => new Peer(server, hosts.of(server.plan), reach));
  const isFenced = ({ plan: { name, publisher } }: Peer) => topology.fenced.includes(publisher ?? name);
  const peers = all.filter((peer) => !isFenced(peer));
  const dummies = peers.filter((peer) => peer.plan.kind === "dummy");
  const target = dummies.find((peer) => peer.plan.publisher === topology.activePublisher);
  if (target === undefined) throw new Error(`no dummy of ${topology.activePublisher}`);
  const journal = await readJournal(hosts);
  return {
    plan,
    topology,
    clusterSecret,
    endsRotation:
      typeof clusterSecret === "string" && (await readOwner(target.host, topology.dataDir))?.next !== undefined,
    hosts,
    upstreams: peers.filter((peer) => peer.plan.kind === "upstream"),
    dummies,
    fenced: all.filter(isFenced),
    target,
    journal,
    claim: newGuard,
    claimed: [],
    seen: { links: new Map(), dummies: new Map() },
    from: null,
    before: null,
    once: plan.once ?? onceIn(process.env.NATSBY_ONCE, journal),
    unasked: [],
    open: [],
    comparedAt: null,
    stamps: new Map(),
    stampsProblem: null,
    attachedAt: null,
    staged: new Set(),
    pinned: new Map(),
    stopped: new Set(),
    quiet: null,
    journaling: Promise.resolve(),
    notes: [],
  };
}

/** What Pulumi carries along stays there when it is spent. */
function onceIn(text: string | undefined, journal: Context["journal"]): Once | null {
  const once = JSON.parse(text || "null") as Once | null;
  return once === null || journal.some(({ ticket }) => ticket >= once.ticket) ? null : once;
}

/** The config's servers, and those that are still on the host though the config dropped them: they may be linked too. */
async function plansOf({ topology }: CutoverPlan, hosts: Hosts): Promise<readonly PeerPlan[]> {
  const configured = [
    ...topology.upstreams.map((upstream) => upstreamPlan(topology, upstream)),
    ...topology.publishers.map((publisher) => dummyPlan(topology, publisher)),
  ];
  const applied = new Map((await readApplied(hosts)).filter(isServer).map((one) => [one.plan.name, one]));
  const names = new Set(configured.map(({ name }) => name));
  const dropped = [...applied.values()].map(({ plan }) => plan).filter(({ name }) => !names.has(name));
  const natsServer = natsServerOf(topology);
  return [...configured, ...dropped].map((plan) => {
    // On a host of its own there are those that were brought there, and no other.
    const placed = plan.host === undefined ? undefined : applied.get(plan.name)?.natsServer;
    return { plan, natsServer: placed ?? natsServer };
  });
}

function measureAll(context: Context, { result }: Ending): readonly UpstreamRecord[] {
  const { target, before, attachedAt, upstreams, dummies, notes } = context;
  const published = target.tap?.heard ?? [];
  const publishedBefore = dummies.find(({ plan }) => plan.publisher === before)?.tap?.heard ?? [];
  notes.push(
    ...clockNotes({ name: target.plan.publisher, heard: published }, { name: before, heard: publishedBefore }),
  );
  return upstreams.map(({ name, tap }) =>
    measure({
      upstream: name,
      heard: tap?.heard ?? [],
      published,
      publishedBefore,
      before,
      lastKnown: wasHeard(context) ? new Set(context.stamps.keys()) : null,
      after: result === "active" ? target.plan.publisher : null,
      attachedAt,
    }),
  );
}

async function entryOf(context: Context, ending: Ending, upstreams: readonly UpstreamRecord[]): Promise<FinishedEntry> {
  const { before, claim, topology, notes } = context;
  return {
    state: "finished",
    ticket: claim.ticket,
    epoch: claim.epoch,
    at: new Date().toISOString(),
    from: before,
    to: topology.activePublisher,
    result: ending.result,
    exitCode: ending.exitCode,
    problem: ending.problem,
    // Not from the request: that is an input of Pulumi's, and a reason is no reason to run again.
    reason: process.env.NATSBY_REASON || null,
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
function summary({ before, claim, target, attachedAt }: Context, upstreams: readonly UpstreamRecord[]): string {
  const active = target.plan.publisher;
  if (attachedAt === null) return `ticket ${claim.ticket}: ${active} is active, already`;
  const counted = upstreams.map(({ upstream, gapMs, lost, doubled, clockMs }) => {
    return `${upstream} gap ${gapMs ?? "?"} ms lost ${lost ?? "?"} doubled ${doubled ?? "?"} clock ${clockMs ?? "?"} ms`;
  });
  return `ticket ${claim.ticket}: ${before ?? "nobody"} -> ${active}; ${counted.join("; ")}`;
}
