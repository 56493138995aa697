// Looks at the running servers at the start of a program, and gives the resource that repairs a difference a reason to run.

import type * as pulumi from "@pulumi/pulumi";
import { lastActive, unfinished } from "../core/history.ts";
import { judge } from "../core/judge.ts";
import { dummyPlan, upstreamPlan } from "../core/plan.ts";
import type { Problem, ProblemCode } from "../core/problems.ts";
import type { Topology } from "../core/topology.ts";
import { type Applied, isServer, readApplied } from "../hosts/applied.ts";
import { readJournal } from "../hosts/journal.ts";
import { localHost } from "../hosts/local.ts";
import { findProcesses } from "../hosts/processes.ts";
import { observe } from "../observe/observe.ts";
import type { Recorded } from "./recorded.ts";
import { refuseRisks } from "./refusals.ts";

/** Why a resource must run, by the resource's name. */
export type Drift = ReadonlyMap<string, string>;

const token = "NATSBY_REPAIR";

/**
 * Compares what runs with what the stack last recorded, not with the config: a wanted flip is no drift.
 * @throws UserError where going on would be dangerous: a stale epoch, a restart of the active publisher.
 */
export async function findDrift(topology: Topology, outputs: Recorded | null): Promise<Drift> {
  const { dataDir } = topology;
  const applied = await readApplied(dataDir);
  if (outputs === null && applied.length === 0) return new Map();
  const natsServer = applied.find(({ natsServer }) => natsServer !== undefined)?.natsServer ?? null;
  const [observation, journal] = await Promise.all([
    observe(topology, { natsServer }),
    readJournal(localHost(dataDir), dataDir),
  ]);
  const recorded = outputs ?? recordedOnHost(applied, lastActive(journal) ?? topology.activePublisher);
  const deployed = { deployedActive: recorded.activePublisher, unfinished: unfinished(journal) };
  const { problems } = judge(topology, observation, deployed);
  refuseRisks(topology, { problems, observation, applied, recorded });
  const found = problems.flatMap((problem) =>
    repairsOf(problem, problems).map((resource) => [resource, problem.text] as const),
  );
  const edited = await editedByHand(topology, applied, problems);
  const dead = deadProcesses(topology, recorded);
  const known = new Set([...recorded.resources, "cutover-run"]);
  const all = [...edited, ...dead, ...found].filter(([resource]) => known.has(resource));
  return new Map(all.toReversed());
}

/** A first run that failed half-way leaves no outputs, and what it had started may have died since. */
function recordedOnHost(applied: readonly Applied[], activePublisher: string): Recorded {
  const resources = applied.map((one) => `${one.plan.name}-${isServer(one) ? "server" : "process"}`);
  return { activePublisher, epoch: 0, lastCutover: null, resources };
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
  const ownIsWrong = all.some((other) => other.about === about && /^(role-file|pins?)-/.test(other.code));
  if (mendedByServer.has(code) && !ownIsWrong)
    return [`${about}-server`, ...(code === "server-unknown" ? ["cutover-run"] : [])];
  return mendedByCutover.has(code) || ownIsWrong ? ["cutover-run"] : [];
}

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

/** Nothing runs at all after a reboot; a publisher that was killed. */
function deadProcesses(topology: Topology, recorded: Recorded): readonly (readonly [string, string])[] {
  const running = findProcesses(topology.dataDir);
  return recorded.resources.flatMap((resource): (readonly [string, string])[] => {
    const name = resource.replace(/-(server|process)$/, "");
    const process = running.get(name)?.[0];
    if (process === undefined) return [[resource, `no process of ${name}`]];
    return process.frozen ? [[resource, `the process of ${name} (pid ${process.pid}) frozen`]] : [];
  });
}
