// Looks at the running servers at the start of a program, and gives the resource that repairs a difference a reason to run.

import type * as pulumi from "@pulumi/pulumi";
import { lastActive, lastAttached, unfinished } from "../core/history.ts";
import { judge } from "../core/judge.ts";
import { type LeftAlone, leftAlone, leftAloneVariable, ownerOf } from "../core/left-alone.ts";
import type { Observation } from "../core/observation.ts";
import { dummyPlan, upstreamPlan } from "../core/plan.ts";
import type { Problem, ProblemCode } from "../core/problems.ts";
import type { Once, Topology } from "../core/topology.ts";
import { type Applied, isServer, readApplied } from "../hosts/applied.ts";
import type { Host, RunningProcess } from "../hosts/host.ts";
import { askAll, type Hosts, localHosts } from "../hosts/hosts.ts";
import { readJournal } from "../hosts/journal.ts";
import { type Owner, readOwner } from "../hosts/owner-file.ts";
import { observe } from "../observe/observe.ts";
import type { Recorded } from "./recorded.ts";
import { refuseRisks } from "./refusals.ts";
import { refuseStaleCommit } from "./stale-commit.ts";

/** Why a resource must run, by the resource's name. */
export type Drift = ReadonlyMap<string, string>;

const token = "NATSBY_REPAIR";

/** What a look at the stack is to know besides. */
export interface DriftOptions {
  /** Who gets no reason to run. @default who was given up */
  readonly alone?: LeftAlone;
  /** A risk that was accepted for the run that comes. @default none */
  readonly once?: Once | null;
  /** `instanceOf` the config's secret, where it has one only. @default not told */
  readonly instance?: string | undefined;
  /** @default all on this machine */
  readonly hosts?: Hosts;
}

/**
 * Compares what runs with what the stack last recorded, not with the config: a wanted flip is no drift.
 * @throws UserError where going on would be dangerous: a stale epoch, a restart of the active publisher.
 */
export async function findDrift(
  topology: Topology,
  outputs: Recorded | null,
  { alone = leftAlone(topology), once = null, instance, hosts = localHosts(topology.dataDir) }: DriftOptions = {},
): Promise<Drift> {
  const applied = await readApplied(hosts);
  if (outputs === null && applied.length === 0) return new Map();
  const natsServer = applied.find(({ natsServer }) => natsServer !== undefined)?.natsServer ?? null;
  const [observation, journal] = await Promise.all([observe(topology, { natsServer, hosts }), readJournal(hosts)]);
  await refuseStaleCommit(journal, once);
  const recorded = outputs ?? recordedOnHost(applied, lastActive(journal) ?? topology.activePublisher);
  const deployed = { deployedActive: recorded.activePublisher, unfinished: unfinished(journal) };
  const { problems } = judge(topology, observation, deployed);
  const attached = lastAttached(journal);
  const [owner, running] = await Promise.all([ownerOn(hosts), runningOn(hosts)]);
  const missing = notThere(topology, hosts, applied, running);
  const rotation = { instance, owner, attached };
  refuseRisks(topology, { problems, observation, applied, recorded, missing, alone, rotation });
  const found = problems.flatMap((problem) =>
    repairsOf(problem, problems).map((resource) => [resource, problem.text] as const),
  );
  const edited = await editedByHand(topology, applied, problems);
  const dead = deadProcesses(running, recorded);
  const left = new Set([...alone.keys(), ...doneWithout(observation, once), ...away(topology, hosts, running)]);
  const mended = recorded.resources.filter((resource) => !left.has(ownerOf(resource) ?? ""));
  const known = new Set([...mended, "cutover-run", contract]);
  const all = [...edited, ...dead, ...found].filter(([resource]) => known.has(resource));
  return new Map(all.toReversed());
}

/** Upstreams that a run does without, by a risk accepted: a repair of theirs that fails would keep the cutover from running at all. */
function doneWithout({ upstreams }: Observation, once: Once | null): readonly string[] {
  if (once?.flag !== "accept-degraded" && once?.flag !== "accept-unfenced") return [];
  return upstreams.filter(({ reachable }) => reachable !== true).map(({ name }) => name);
}

/** A first run that failed half-way leaves no outputs, and what it had started may have died since. */
function recordedOnHost(applied: readonly Applied[], activePublisher: string): Recorded {
  const resources = applied.map((one) => `${one.plan.name}-${isServer(one) ? "server" : "process"}`);
  return { activePublisher, epoch: 0, lastCutover: null, resources };
}

/** Every input of a command resource: with all of them ignored the engine has nothing to update. */
const inputs = ["create", "update", "delete", "environment", "stdin", "addPreviousOutputInEnv", "triggers"];

/**
 * The transform that leaves resources as they are: registered, so that nothing deletes them, and never changed. Where the state
 * was lost the engine creates them all the same: that command learns from its environment to do nothing.
 */
export function leaving(alone: LeftAlone): pulumi.ResourceTransform {
  return ({ name, type, props, opts }) => {
    const why = alone.get(ownerOf(name) ?? "");
    if (why === undefined) return undefined;
    if (type.startsWith("docker:")) return { props, opts: { ...opts, ignoreChanges: Object.keys(props) } };
    if (type !== "command:local:Command") return undefined;
    const environment = { ...props.environment, [leftAloneVariable]: why };
    return { props: { ...props, environment }, opts: { ...opts, ignoreChanges: inputs } };
  };
}

/** The transform that carries the reasons: the engine keeps the old token while nothing differs, so a healthy stack plans no change. */
export function repairing(drift: Promise<Drift> | undefined): pulumi.ResourceTransform {
  return async ({ name, type, props, opts }) => {
    if (type !== "command:local:Command" || drift === undefined) return undefined;
    const found = (await drift).get(name);
    const custom = opts as pulumi.CustomResourceOptions;
    if (found === undefined) {
      return { props, opts: { ...custom, ignoreChanges: [...(custom.ignoreChanges ?? []), `environment.${token}`] } };
    }
    const at = new Date().toISOString().slice(11, 19);
    return { props: { ...props, environment: { ...props.environment, [token]: `found ${found} at ${at}` } }, opts };
  };
}

/**
 * Names of the resources that mend a problem. Where a role or pins file is wrong, that is the cutover's to mend: a server's
 * own command would have it loaded.
 */
function repairsOf({ code, about }: Problem, all: readonly Problem[]): readonly string[] {
  if (code === "stopped") return [];
  if (code === "process-twice") return [`${about}-server`, `${about}-process`];
  if (code === "files-differ") return [contract];
  const ownIsWrong = all.some((other) => other.about === about && /^(role-file|pins?)-/.test(other.code));
  if (mendedByServer.has(code) && !ownIsWrong)
    return [`${about}-server`, ...(code === "server-unknown" ? ["cutover-run"] : [])];
  return mendedByCutover.has(code) || ownIsWrong ? ["cutover-run"] : [];
}

/** It alone takes out of a list what should not be there: a server's own command lets lists only grow. */
const contract = "cutover-contract";

const mendedByServer: ReadonlySet<ProblemCode> = new Set([
  "upstream-down",
  "dummy-down",
  "server-unknown",
  "running-differs",
  "files-broken",
]);
const mendedByCutover: ReadonlySet<ProblemCode> = new Set([
  "doubled-link",
  "nobody-linked",
  "link-missing",
  "link-incomplete",
  "mesh-incomplete",
  "foreign-link",
  "fenced-linked",
  "fence-open",
  "wrong-linked",
  "role-file-broken",
  "role-file-differs",
  "role-running-differs",
  "pins-broken",
  "pin-missing",
  "pin-extra",
  "cutover-unfinished",
]);

/** A base config that is not what was placed there; one that the config has changed since is no drift. */
async function editedByHand(
  topology: Topology,
  applied: readonly Applied[],
  problems: readonly Problem[],
): Promise<readonly (readonly [string, string])[]> {
  const plans = [
    ...topology.upstreams.map((upstream) => upstreamPlan(topology, upstream)),
    ...topology.publishers.map((publisher) => dummyPlan(topology, publisher)),
  ];
  return problems.flatMap(({ code, about, text }) => {
    const placed = applied.find(({ plan }) => plan.name === about)?.plan;
    const base = placed !== undefined && "base" in placed ? placed.base : null;
    const asked = plans.find(({ name }) => name === about)?.base;
    return code === "config-differs" && (base === null || base === asked) ? [[`${about}-server`, text] as const] : [];
  });
}

/** Of the hosts that can be reached, the first that says whose it is. */
async function ownerOn({ all, dataDir }: Hosts): Promise<Owner | null> {
  const owners = await askAll(all, (host) => readOwner(host, dataDir));
  return owners.find((owner) => owner !== null) ?? null;
}

/** What runs on each host that can be reached. */
type Running = ReadonlyMap<Host, ReadonlyMap<string, readonly RunningProcess[]>>;

async function runningOn(hosts: Hosts): Promise<Running> {
  return new Map(await askAll(hosts.all, async (host) => [host, await host.processes()] as const));
}

/** Whom nobody knows of, since their host cannot be reached: there is nothing that a command could mend there. */
function away({ publishers, upstreams }: Topology, hosts: Hosts, running: Running): readonly string[] {
  const placed = [...upstreams, ...publishers, ...publishers.map(({ dummy }) => dummy)];
  return placed.filter((one) => !running.has(hosts.of(one))).map(({ name }) => name);
}

/** Dummies of which their host, which answered, knows nothing: no process and no record. */
function notThere(
  { publishers }: Topology,
  hosts: Hosts,
  applied: readonly Applied[],
  running: Running,
): ReadonlySet<string> {
  const recorded = new Set(applied.map(({ plan }) => plan.name));
  const names = publishers
    .map(({ dummy }) => dummy)
    .filter((one) => running.get(hosts.of(one))?.has(one.name) === false);
  return new Set(names.map(({ name }) => name).filter((name) => !recorded.has(name)));
}

/** Nothing runs at all after a reboot; a publisher that was killed. */
function deadProcesses(running: Running, recorded: Recorded): readonly (readonly [string, string])[] {
  const all = new Map([...running.values()].flatMap((found) => [...found]));
  return recorded.resources.flatMap((resource): (readonly [string, string])[] => {
    const name = resource.replace(/-(server|process)$/, "");
    const process = all.get(name)?.[0];
    if (process === undefined) return [[resource, `no process of ${name}`]];
    return process.frozen ? [[resource, `the process of ${name} (pid ${process.pid}) frozen`]] : [];
  });
}
