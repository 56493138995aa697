// Walks breadth-first through every world that can come of some first ones, in every order of events. Finds the shortest way to what must not be.

import { actions, effects } from "./run.ts";
import type { Broken } from "./turn.ts";
import {
  accidents,
  add,
  type Bits,
  type Config,
  change,
  type Event,
  everyUpstream,
  handshakes,
  has,
  indices,
  keyOf,
  linked,
  type Run,
  start,
  startUpstream,
  type World,
} from "./world.ts";

/** What an exploration came to. */
export interface Explored {
  readonly states: number;
  /** What must not be, with every event that led there; null: nothing was found. */
  readonly found: readonly string[] | null;
}

const names = Object.keys(effects);
const mostRuns = 2;

/** Walks through everything. Unless something is broken on purpose, it asks of each world too whether somebody can be heard again. */
export function explore(first: World, broken: Broken | null = null): Explored {
  const seen = new Map<string, number>();
  const ways: { readonly from: number; readonly says: string }[] = [];
  const worlds = new Set<string>();
  let frontier: (readonly [number, World])[] = [];
  const way = (from: number, last: string): readonly string[] => {
    const says: string[] = [last];
    for (let at = from; at > 0; at = ways[at]?.from ?? 0) says.unshift(ways[at]?.says ?? "");
    return says;
  };
  const reach = (world: World, from: number, says: string, next: (readonly [number, World])[]) => {
    const key = keyOf(world, names);
    if (seen.has(key)) return;
    seen.set(key, ways.length);
    next.push([ways.length, world]);
    ways.push({ from, says });
  };
  reach(first, 0, "", frontier);
  while (frontier.length > 0) {
    const next: (readonly [number, World])[] = [];
    for (const [from, world] of frontier) {
      const stuck = broken === null ? stuckFrom(world, worlds) : null;
      if (stuck !== null) return { states: seen.size, found: [...way(from, ""), ...stuck] };
      for (const event of events(world, broken)) {
        const wrong = wrongAfter(world, event.world);
        if (wrong !== null) return { states: seen.size, found: [...way(from, event.says), wrong] };
        reach(event.world, from, event.says, next);
      }
    }
    frontier = next;
  }
  return { states: seen.size, found: null };
}

/** Everything that can happen: to the servers, to each run, and what operators type. */
function events(world: World, broken: Broken | null): readonly Event[] {
  const ofRuns = world.runs.flatMap((run, index): readonly Event[] => {
    const runs = world.runs.filter((one) => one !== run);
    return [
      ...actions(world, index, broken),
      { says: `the run of dummy ${run.config.active} at ${run.step} is killed`, world: { ...world, runs } },
    ];
  });
  const typed = world.commands === 0 || world.runs.length === mostRuns ? [] : commands(world);
  return [...handshakes(world), ...accidents(world), ...ofRuns, ...typed];
}

/** `pulumi up` with the config as it is, flips, failovers, and the return of who was given up. */
function commands(world: World): readonly Event[] {
  const { active, epoch, fenced } = world.config;
  const others = world.dummies.map((_, index) => index).filter((index) => index !== active && !has(fenced, index));
  return [
    typed(world, "up", world.config),
    ...others.map((to) => typed(world, `switchover to ${to}`, { active: to, epoch, fenced })),
    ...others.map((to) =>
      typed(world, `failover to ${to}`, { active: to, epoch: epoch + 1, fenced: add(fenced, active) }),
    ),
    ...(fenced === 0 ? [] : [typed(world, "rejoin", { active, epoch: epoch + 1, fenced: 0 })]),
  ];
}

function typed(world: World, says: string, config: Config): Event {
  const runs = [...world.runs, newRun(config, world.up)];
  return { says: `typed: ${says}`, world: { ...world, config, runs, commands: world.commands - 1 } };
}

const newRun = (config: Config, asks: Bits): Run => ({
  step: "claim",
  config,
  newest: true,
  asks,
  ...{
    todo: 0,
    unread: 0,
    attached: 0,
    settled: 0,
    from: -1,
    stays: false,
    wanted: false,
    stopped: 0,
    letIn: 0,
    placed: false,
  },
});

/** What must never happen: two linked where one was, a fenced one linked whose fence was proved. */
function wrongAfter(before: World, after: World): string | null {
  const two = (world: World) => indices(linked(world)).length > 1;
  if (after.clean && two(after) && !two(before)) return "TWO ARE LINKED";
  const back = after.proved & linked(after) & after.guard.fenced;
  return back === 0 || (before.proved & linked(before)) !== 0 ? null : "A FENCED DUMMY IS LINKED";
}

/** Whether no command, undisturbed, leads from here to exactly one linked. Asked once of each world, whoever was at work in it. */
function stuckFrom(world: World, asked: Set<string>): readonly string[] | null {
  const left: World = { ...world, runs: [], faults: 0, commands: 1, proved: 0, clean: false };
  const key = keyOf(left, names);
  if (asked.has(key)) return null;
  asked.add(key);
  // What is under way has ended when somebody types: the worlds in which it has are asked too.
  if (left.dummies.some(({ late }) => late !== 0)) return null;
  if (left.dummies.every(({ process }, index) => process === "frozen" || has(left.config.fenced, index))) return null;
  const tried = commands(left).map((event) => ({ event, fails: failsAlone(upstreamsAndDummiesRun(event.world)) }));
  return tried.every(({ fails }) => fails !== null)
    ? [
        "EVERYBODY LETS GO, AND NO COMMAND HELPS:",
        ...tried.flatMap(({ event, fails }) => [event.says, ...(fails ?? [])]),
      ]
    : null;
}

/** What `pulumi up` does before the cutover: starts what does not run, has upstreams read their files. */
function upstreamsAndDummiesRun(world: World): World {
  const { fenced } = world.runs[0]?.config ?? world.config;
  const started = world.dummies.reduce(
    (now, _, index) => (has(fenced, index) ? now : change(now, index, start)),
    world,
  );
  const all = indices(everyUpstream(world)).reduce(startUpstream, started);
  return { ...all, runs: all.runs.map((run) => ({ ...run, asks: all.up })) };
}

/** How a run that nothing disturbs can end with another number of linked dummies than one; null: it cannot. */
function failsAlone(first: World): readonly string[] | null {
  const seen = new Set<string>();
  const from = (world: World): readonly string[] | null => {
    const key = keyOf(world, names);
    if (seen.has(key)) return null;
    seen.add(key);
    const all = [...handshakes(world), ...world.runs.flatMap((_, index) => actions(world, index, null))];
    const going = all.filter(({ gaveUp }) => gaveUp !== true);
    const follow = going.length > 0 ? going : all;
    if (follow.length === 0) return isHeard(world) ? null : ["nobody is linked everywhere, or more than one is"];
    for (const event of follow) {
      const bad = from(event.world);
      if (bad !== null) return [event.says, ...bad];
    }
    return null;
  };
  return from(first);
}

/** Exactly one is linked, at every upstream, and it is alive. */
function isHeard(world: World): boolean {
  const [one, ...more] = indices(linked(world)).map((index) => world.dummies[index]);
  return one !== undefined && more.length === 0 && one.links === everyUpstream(world) && one.process === "runs";
}
