// Runs random events against the model until as many were done as were asked for: in runs of a stack each, so that one that fails is
// short enough to be run again, and to shrink.

import { messageOf } from "../../infra/core/errors.ts";
import { drawn } from "./draw.ts";
import { type Event, happen } from "./event.ts";
import { kinds, mend } from "./events.ts";
import type { Model } from "./model.ts";
import { shrunk } from "./shrink.ts";
import { type Done, World } from "./world.ts";

/** What to run. */
export interface LongRun {
  readonly events: number;
  readonly seed: number;
  /** These events alone, once, instead of drawn ones. @default drawn from the seed */
  readonly only?: readonly string[];
  /** The first run: those before it are passed over. @default 0 */
  readonly from?: number;
  /** Told of every event as it ends. */
  onEvent(done: Done, count: number): void;
  /** Told how every run ended, in natsby's own words before it was healed. */
  onEnd?(explained: string): void;
  /** Told of a run that failed, before a shorter list is looked for. */
  onFailure?(error: unknown): void;
  /** Told of each try to find a shorter list. */
  onTry?(list: readonly string[], failed: boolean): void;
  /** Look for a shorter list for so long. @default 0: not at all */
  readonly shrinkMs?: number;
  /** Most events of one run. @default 60 */
  readonly perRun?: number;
  /** How long a frozen server stays so at the most. @default 60_000 */
  readonly longFreezeMs?: number;
  /** The stack and its model. @default a real one */
  start?(tell: (done: Done) => void): Promise<Started>;
}

/** A stack, and what must be true of it. */
export interface Started {
  readonly model: Model;
  readonly real: World;
}

/** A run that failed: what was done in it, and the shortest list found that fails too. */
export class RunFailed extends Error {
  override readonly name = "RunFailed";
  readonly events: readonly string[];

  constructor(run: string, events: readonly string[], options: ErrorOptions) {
    super(`${run}: ${messageOf(options.cause)}\n${events.length} events: ${events.join(", ")}`, options);
    this.events = events;
  }
}

/** @throws RunFailed with the events of the run that failed, the shortest list of them that was found. */
export async function longRun(options: LongRun): Promise<readonly Done[]> {
  const { events, seed, only, from = 0, perRun = 60 } = options;
  const all: Done[] = [];
  const tell = (done: Done): void => {
    all.push(done);
    options.onEvent(done, all.length);
  };
  for (let run = from; all.length < events; run++) {
    // Some may not happen when their turn comes.
    const most = Math.min(perRun, 2 * (events - all.length));
    const failure = await runOnce(only ?? drawn(seed, run, most), options, tell);
    if (failure !== null) options.onFailure?.(failure.error);
    if (failure !== null) throw await shortest(failure, `seed ${seed}, run ${run}`, options);
    if (only !== undefined) break;
  }
  return all;
}

interface Failure {
  /** Names of all that happened, the last one failing. */
  readonly events: readonly string[];
  readonly error: unknown;
}

async function runOnce(
  names: readonly string[],
  { start, onEnd, longFreezeMs }: LongRun,
  tell: (done: Done) => void,
): Promise<Failure | null> {
  const { model, real } = await (start ?? ((told) => World.start(told, longFreezeMs)))(tell);
  await using _ = real;
  const happened: string[] = [];
  try {
    for (const event of names.map(eventNamed)) {
      if (!event.may(model)) continue;
      happened.push(event.name);
      await happen(event, model, real);
    }
    await finish(model, real, onEnd);
    return null;
  } catch (error) {
    return { events: happened, error };
  }
}

/** Whatever state they ended in: natsby says what is wrong with it, and the same few commands lead out of it. */
async function finish(model: Model, world: World, onEnd?: (explained: string) => void): Promise<void> {
  onEnd?.(await world.explained(model));
  await mend(model, world);
  await world.audit(model);
}

/** The failure of the shortest list that was found within the time. */
async function shortest(failure: Failure, run: string, options: LongRun): Promise<RunFailed> {
  const deadline = performance.now() + (options.shrinkMs ?? 0);
  let { error } = failure;
  const fails = async (list: readonly string[]): Promise<boolean> => {
    const again = await runOnce(list, options, () => undefined);
    options.onTry?.(list, again !== null);
    if (again !== null) error = again.error;
    return again !== null;
  };
  const events = await shrunk(failure.events, { fails, isEnough: () => performance.now() > deadline });
  return new RunFailed(run, events, { cause: error });
}

const byName = new Map(kinds.flatMap(([, events]) => events.map((event) => [event.name, event] as const)));

function eventNamed(name: string): Event {
  const event = byName.get(name);
  if (event === undefined) throw new Error(`no event is called "${name}"`);
  return event;
}
