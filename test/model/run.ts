// The model's cutover: what each step of scripts/cutover/steps.ts does to the world, one atomic action at a time. It decides only by what it has seen.

import { lookAround, put, startAgain } from "./acts.ts";
import { backOff, backQuiet, putBack, tidyUp } from "./rollback.ts";
import { type Broken, become, end, fail, guarded, next, readUnread, reloaded, type Turn, toNext } from "./turn.ts";
import {
  add,
  type Bits,
  type Dummy,
  type Event,
  everyUpstream,
  has,
  indices,
  kill,
  linked,
  remove,
  type World,
  which,
} from "./world.ts";

type Actions = (turn: Turn) => readonly Event[];

/** What the steps of the table do, by name; after them what a run does that failed, and its end. */
export const effects: Readonly<Record<string, Actions>> = {
  claim,
  observe,
  preflight,
  fence,
  detach,
  quiet,
  "pins in": pinsIn,
  fresh: (turn) => [...next(turn, "is fresh"), ...fail(turn, "is not fresh")],
  attach,
  prove,
  record: (turn) => guarded(turn, "still has the newest ticket", (world) => world, { step: "tidy up" }),
  "back off": backOff,
  "back quiet": backQuiet,
  "put back": putBack,
  "tidy up": tidyUp,
};

/** Everything that the run number `index` can do next. */
export function actions(world: World, index: number, broken: Broken | null): readonly Event[] {
  const run = world.runs[index];
  const effect = run === undefined ? undefined : effects[run.step];
  if (run === undefined || effect === undefined) throw new Error(`no such step: ${run?.step}`);
  // The acting run is always the first: see `become`.
  const runs = [run, ...world.runs.filter((_, at) => at !== index)];
  return effect({ world: { ...world, runs }, run, broken }).map((event) => ({
    ...event,
    says: `run of dummy ${run.config.active}, epoch ${run.config.epoch}: ${run.step}: ${event.says}`,
  }));
}

function claim(turn: Turn): readonly Event[] {
  const { world, run } = turn;
  const { epoch, fenced } = run.config;
  const { guard } = world;
  if (epoch < guard.epoch || (epoch === guard.epoch && fenced !== guard.fenced))
    return [end(world, "is refused: stale")];
  const runs = world.runs.map((one) => (one === run ? one : { ...one, newest: false }));
  const claimed = { ...world, runs, guard: { epoch, fenced }, proved: world.proved & fenced };
  return next({ ...turn, world: claimed }, "takes a ticket", { newest: true });
}

function observe(turn: Turn): readonly Event[] {
  const { world, run, broken } = turn;
  const { active, fenced } = run.config;
  const all = everyUpstream(world);
  const target = world.dummies[active] as Dummy;
  const stays = target.links !== 0;
  const contacted = which(world, (_, index) => !has(fenced, index));
  const links = linked(world) & contacted;
  const attached = which(world, (one, index) => !isDetached(one) && !(index === active && stays)) & contacted;
  const settled = broken === "reload counted as a detach" ? contacted : which(world, (one) => isSettled(one, all));
  const wanted = target.links === all && target.dials && target.file;
  const from = indices(links).length === 1 ? (indices(links)[0] ?? -1) : -1;
  return next(turn, "looks", { attached, settled: settled & attached, from, stays, wanted });
}

/** From OBSERVE to DETACH files are staged and tested: handshakes that were under way before, a matter of milliseconds, have ended. */
function preflight(turn: Turn): readonly Event[] {
  const { world, run } = turn;
  if (world.dummies.some(({ late }) => late !== 0)) return [];
  const target = world.dummies[run.config.active];
  // Where somebody was given up the upstreams that run are fenced first, and FENCE says which one does not.
  if (run.asks !== everyUpstream(world) && run.config.fenced === 0)
    return [end(world, "refuses: an upstream does not answer")];
  return target?.process === "runs"
    ? next(turn, "nothing is in the way")
    : [end(world, "refuses: the target is silent")];
}

/** File and running config are two things: only the reload cuts, and an upstream may not have read what is there. */
function fence(turn: Turn): readonly Event[] {
  const { world, run, broken } = turn;
  const { fenced } = run.config;
  if (fenced === 0) return next(turn, "nobody is fenced");
  const isOut = (upstream: number) => indices(fenced).every((one) => !has(world.dummies[one]?.admitted ?? 0, upstream));
  const write = indices(run.todo & run.asks).flatMap((upstream) => {
    const todo = remove(run.todo, upstream);
    const unread = add(run.unread, upstream);
    if (isOut(upstream) && broken === "pins file counted as a fence") return become(turn, "has it already", { todo });
    if (isOut(upstream)) return become(turn, "has it on disk", { todo, unread });
    return guarded(turn, `takes pins out at upstream ${upstream}`, (now) => pin(now, upstream, fenced, remove), {
      todo,
      unread,
    });
  });
  if (write.length + run.unread > 0) return [...write, ...readUnread(turn)];
  return run.asks === everyUpstream(world) ? next(turn, "fenced") : fail(turn, "an upstream cannot be told");
}

/** Role file off, then a reload where that is enough, else the end of the process. */
function detach(turn: Turn): readonly Event[] {
  const { world, run } = turn;
  const place = indices(run.todo).flatMap((index) =>
    guarded(turn, `puts the file of dummy ${index} off`, (now) => put(now, index, false), {
      todo: remove(run.todo, index),
      unread: add(run.unread, index),
    }),
  );
  const read = indices(run.unread).flatMap((index) => {
    const unread = remove(run.unread, index);
    const { process } = world.dummies[index] as Dummy;
    if (process === "dead") return become(turn, `dummy ${index} does not run`, { unread });
    if (has(run.settled, index) && process === "runs") return reloaded(turn, index, { unread });
    return guarded(turn, `ends dummy ${index}`, (now) => kill(now, index), {
      unread,
      stopped: add(run.stopped, index),
    });
  });
  return place.length + read.length > 0 ? [...place, ...read] : next(turn, "done");
}

/** Looks at one upstream after the other, in any order; whoever is seen where it should not be has its process ended, and all is looked at again. */
function quiet(turn: Turn): readonly Event[] {
  const { world, run } = turn;
  const staying = run.stays ? add(0, run.config.active) : 0;
  if (run.todo !== 0) return lookAround(turn, staying);
  const proved = world.proved | (run.config.fenced & world.guard.fenced);
  const seen = { ...world, clean: true, proved: run.newest ? proved : world.proved };
  return next({ ...turn, world: seen }, "nobody is linked");
}

/** Lets in who reads back detached in this very run. */
function pinsIn(turn: Turn): readonly Event[] {
  const { world, run, broken } = turn;
  const { active, fenced } = run.config;
  const all = everyUpstream(world);
  if (has(run.stopped, active)) return startAgain(turn, active);
  if (run.letIn === 0) {
    const missing = which(world, (one, index) => one.admitted !== all && !has(fenced, index));
    const open = which(world, (one, index) => !readsDetached(turn, one, index)) & missing;
    if (missing === 0) return next(turn, "nobody is missing");
    if (has(open, active) && broken !== "pins in before detach") return fail(turn, "the target is not detached");
    const letIn = broken === "pins in before detach" ? missing : missing & ~open;
    return letIn === 0 ? next(turn, "nobody is let in") : become(turn, "finds them detached", { letIn, todo: all });
  }
  if (run.todo & ~run.asks) return fail(turn, "an upstream cannot be told");
  const write = indices(run.todo).flatMap((upstream) =>
    guarded(turn, `lets in at upstream ${upstream}`, (now) => pin(now, upstream, run.letIn, add), {
      todo: remove(run.todo, upstream),
      unread: add(run.unread, upstream),
    }),
  );
  return write.length + run.unread > 0 ? [...write, ...readUnread(turn)] : next(turn, "done", { letIn: 0 });
}

function attach(turn: Turn): readonly Event[] {
  const { active } = turn.run.config;
  if (turn.run.wanted) return next(turn, "is attached already");
  if (!turn.run.placed)
    return guarded(turn, "puts its file in place", (now) => put(now, active, true), { placed: true });
  return turn.world.dummies[active]?.process === "runs"
    ? reloaded(turn, active, toNext(turn))
    : fail(turn, "no answer");
}

function prove(turn: Turn): readonly Event[] {
  const all = everyUpstream(turn.world);
  const target = turn.world.dummies[turn.run.config.active];
  const done = target?.links === all && turn.run.asks === all ? next(turn, "is linked at every upstream") : [];
  return [...done, ...fail(turn, "gives up")];
}

/** A frozen one does not say that it does not dial. */
const isDetached = ({ file, dials, links, process }: Dummy): boolean =>
  !file && !dials && links === 0 && process !== "frozen";
const answers = ({ process }: Dummy): boolean => process === "runs";
const readsDetached = ({ run }: Turn, one: Dummy, index: number): boolean =>
  (has(run.stopped, index) ? !one.file : isDetached(one)) || (index === run.config.active && run.stays);

/** Whether a reload takes it off for good: every link is there and asked for, or none is there and none asked for. */
function isSettled(one: Dummy, all: Bits): boolean {
  if (!answers(one)) return false;
  if (one.links === 0) return !one.dials && !one.file;
  return one.file && one.dials && one.links === all && one.admitted === all;
}

function pin(world: World, upstream: number, who: Bits, to: (bits: Bits, index: number) => Bits): World {
  const dummies = world.dummies.map((one, index) =>
    has(who, index) ? { ...one, admitted: to(one.admitted, upstream) } : one,
  );
  return { ...world, dummies };
}
