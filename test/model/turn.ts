// One turn of a run of the model: go on, be refused by the guard, fail as the step table says, or end. Knows no step.

import { type OnFailure, steps } from "../../scripts/cutover/steps.ts";
import {
  type Bits,
  change,
  type Event,
  everyUpstream,
  indices,
  type Run,
  readPins,
  reload,
  remove,
  type World,
} from "./world.ts";

/** Ways to break the model: each is a guard of the design that the exploration must miss. */
export type Broken =
  | "attach before quiet"
  | "quiet skips an upstream"
  | "pins in before detach"
  | "no ticket check"
  | "reload counted as a detach"
  | "pins file counted as a fence";

/** What an action sees: the world, which run acts, and what is broken on purpose. */
export interface Turn {
  readonly world: World;
  readonly run: Run;
  readonly broken: Broken | null;
}

/** Steps of the table that touch nothing of this world, and why. */
export const withoutEffect: Readonly<Record<string, string>> = {
  connect: "opens connections",
  stage: "writes beside the files in force",
  mesh: "upstreams neither join nor leave here",
  journal: "no decision of the model reads it",
  "pins out": "no dummy leaves the config here",
};

/** The names in the order in which a run walks through them. */
function order(broken: Broken | null): readonly string[] {
  const names = steps.map(({ name }) => name).filter((name) => !(name in withoutEffect));
  const moved = (name: string, before: string) =>
    names.filter((one) => one !== name).flatMap((one) => (one === before ? [name, one] : [one]));
  if (broken === "attach before quiet") return moved("attach", "quiet");
  if (broken === "pins in before detach") return moved("pins in", "detach");
  return names;
}

/** A reload is asked for without the guard: it only reads what stands there. */
export function readUnread(turn: Turn): readonly Event[] {
  return indices(turn.run.unread).flatMap((upstream) =>
    become({ ...turn, world: readPins(turn.world, upstream) }, `reloads upstream ${upstream}`, {
      unread: remove(turn.run.unread, upstream),
    }),
  );
}

export function reloaded(turn: Turn, index: number, run: Partial<Run>): readonly Event[] {
  const world = change(turn.world, index, (one) => reload(one, turn.world.up));
  return become({ ...turn, world }, `reloads dummy ${index}`, run);
}

/** A write on a host: refused where a newer run was there. */
export function guarded(turn: Turn, says: string, to: (world: World) => World, run: Partial<Run>): readonly Event[] {
  if (!turn.run.newest && turn.broken !== "no ticket check") return [end(turn.world, "is refused: overtaken")];
  const world = to(turn.world);
  return become({ ...turn, world, run: world.runs[0] ?? turn.run }, says, run);
}

/** What a failure means for this step stands in the table. */
export function fail(turn: Turn, says: string): readonly Event[] {
  const { run } = turn;
  const means: OnFailure | undefined = steps.find(({ name }) => name === run.step)?.onFailure;
  const rollBack = means === "roll back" && !run.stays;
  return tooLate(become(turn, says, rollBack ? { step: "back off", todo: 0, unread: 0 } : tidy(run)));
}

export const tooLate = (events: readonly Event[]): readonly Event[] =>
  events.map((event) => ({ ...event, gaveUp: true }));
export const tidy = (_: Run): Partial<Run> => ({ step: "tidy up", todo: 0, unread: 0 });
export const next = (turn: Turn, says: string, run: Partial<Run> = {}) =>
  become(turn, says, { ...toNext(turn, run), ...run });

/** What the next step has to do is known when it begins. */
export function toNext({ world, run, broken }: Turn, changed: Partial<Run> = {}): Partial<Run> {
  const all = order(broken);
  const step = all[all.indexOf(run.step) + 1] ?? "tidy up";
  const begins: Readonly<Record<string, Bits>> = {
    fence: everyUpstream(world),
    detach: changed.attached ?? run.attached,
    quiet: everyUpstream(world),
  };
  return { step, todo: begins[step] ?? 0, unread: 0 };
}

/** The acting run goes on, changed. */
export function become({ world, run }: Turn, says: string, changed: Partial<Run>): readonly Event[] {
  return [{ says, world: { ...world, runs: [{ ...run, ...changed }, ...world.runs.slice(1)] } }];
}

/** The acting run is over. */
export const end = (world: World, says: string): Event => ({ says, world: { ...world, runs: world.runs.slice(1) } });
