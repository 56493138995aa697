// What an observation means against what the stack deployed: a verdict and the problems behind it. Pure, and says what it does not know.

import type { HistoryEntry } from "./history.ts";
import type { Case } from "./judge-case.ts";
import { linkProblems } from "./judge-links.ts";
import { dummyProblems, publisherProblems } from "./judge-roles.ts";
import { serverProblems, upstreamProblems } from "./judge-servers.ts";
import type { Observation, ServerSeen } from "./observation.ts";
import { describePause, type Pause } from "./pause.ts";
import type { Severity } from "./problem-definition.ts";
import { type Problem, problem, severityOf } from "./problems.ts";
import type { Topology } from "./topology.ts";

/** One word for the whole stack. */
export type Verdict = "ok" | "degraded" | "drift" | "doubled" | "silent" | "unknown";

/** What an observation means. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The worst first. */
  readonly problems: readonly Problem[];
  /** The publisher that should be heard: what was last deployed, not what the config may ask for next. */
  readonly active: string;
}

/** What the stack's own record says. */
export interface Deployed {
  /** The publisher last proved active; null where there is no record: then the config's is taken. */
  readonly deployedActive: string | null;
  /** The cutover that began and did not end. @default null */
  readonly unfinished?: HistoryEntry | null;
  /** The pause that is in force. @default null */
  readonly pause?: Pause | null;
}

/** Mildest first: the worst problem's severity is the verdict. */
const verdicts: readonly Severity[] = ["note", "drift", "degraded", "unknown", "silent", "doubled"];

/** Judges what was seen. */
export function judge(topology: Topology, observation: Observation, deployed: Deployed): Judgement {
  const active = deployed.deployedActive ?? topology.activePublisher;
  const found = nothingRuns(topology, observation)
    ? [stopped(topology)]
    : [...seenProblems({ topology, observation, active }), ...strays(observation)];
  const problems = [...found, ...epochProblems(topology, observation), ...notes(topology, deployed, active)];
  const rank = (one: Problem) => verdicts.indexOf(severityOf(one.code));
  problems.sort((a, b) => rank(b) - rank(a));
  const worst = problems[0] === undefined ? "note" : severityOf(problems[0].code);
  return { verdict: worst === "note" || worst === "stopped" ? "ok" : worst, problems, active };
}

function seenProblems(seen: Case): readonly Problem[] {
  const { upstreams, dummies } = seen.observation;
  const contacted = <T extends { readonly name: string }>(servers: readonly T[], publisher: (server: T) => string) =>
    servers.filter((server) => !seen.topology.fenced.includes(publisher(server)));
  return [
    ...contacted(upstreams, ({ name }) => name).flatMap((upstream) => [
      ...serverProblems(seen, upstream, "upstream-down"),
      ...upstreamProblems(seen, upstream),
    ]),
    ...contacted(dummies, ({ publisher }) => publisher).flatMap((dummy) => [
      ...serverProblems(seen, dummy, "dummy-down"),
      ...dummyProblems(seen, dummy),
      ...publisherProblems(seen, dummy),
    ]),
    ...linkProblems(seen),
    ...returned(seen),
  ];
}

/** Seen only where somebody looked: a host that was given up and is back, kept out by its fence. */
function returned({ topology, observation }: Case): readonly Problem[] {
  const dummies = observation.dummies.map((dummy) => ({ server: dummy as ServerSeen, owner: dummy.publisher }));
  const upstreams = observation.upstreams.map((upstream) => ({ server: upstream as ServerSeen, owner: upstream.name }));
  return [...upstreams, ...dummies]
    .filter(({ server, owner }) => topology.fenced.includes(owner) && server.reachable === true)
    .map(({ server, owner }) => problem("fenced-back", owner, `${owner} is fenced, and ${server.name} runs again`));
}

/** After `natsby stop`, or before the first start: one sentence instead of a list. */
function nothingRuns({ fenced }: Topology, { upstreams, dummies, strays }: Observation): boolean {
  const contacted = dummies.filter(({ publisher }) => !fenced.includes(publisher));
  const servers = [...upstreams.filter(({ name }) => !fenced.includes(name)), ...contacted];
  const gone = servers.every(({ reachable, foreign, pids }) => reachable === false && foreign === null && !pids.length);
  return gone && strays.length === 0 && contacted.every(({ publisherPids }) => publisherPids?.length === 0);
}

const stopped = ({ stack }: Topology): Problem => problem("stopped", stack, `nothing of stack ${stack} runs here`);

function strays({ strays }: Observation): readonly Problem[] {
  return strays.map(({ name, pid }) =>
    problem("stray-process", name, `${name} (pid ${pid}) runs, and the config has no ${name}`, { pid }),
  );
}

function epochProblems(topology: Topology, { upstreams, dummies }: Observation): readonly Problem[] {
  const contacted = dummies.filter(({ publisher }) => !topology.fenced.includes(publisher));
  const asked = upstreams.filter(({ name }) => !topology.fenced.includes(name));
  const epochs = [...asked, ...contacted].flatMap(({ name, metadata }) => {
    const epoch = Number(metadata.natsby_epoch ?? Number.NaN);
    return Number.isInteger(epoch) ? [{ name, epoch }] : [];
  });
  const say = (code: "stale-config" | "epoch-behind", found: typeof epochs) =>
    found.length === 0
      ? []
      : [problem(code, topology.stack, `the config says epoch ${topology.epoch}; running: ${list(found)}`)];
  const list = (found: typeof epochs) => found.map(({ name, epoch }) => `${name} ${epoch}`).join(", ");
  return [
    ...say(
      "stale-config",
      epochs.filter(({ epoch }) => epoch > topology.epoch),
    ),
    ...say(
      "epoch-behind",
      epochs.filter(({ epoch }) => epoch < topology.epoch),
    ),
  ];
}

function notes(topology: Topology, { unfinished, pause }: Deployed, active: string): readonly Problem[] {
  const { activePublisher: asked, stack } = topology;
  return [
    ...(pause ? [problem("paused", stack, describePause(pause))] : []),
    ...(active === asked
      ? []
      : [problem("flip-pending", stack, `config asks for ${asked}; deployed is ${active}`, { asked, active })]),
    ...(unfinished
      ? [problem("cutover-unfinished", stack, `a cutover to ${unfinished.to} began at ${unfinished.at} and has no end`)]
      : []),
  ];
}
