// One event of a long run: when it may happen, what it does, and what it does to the model.

import assert from "node:assert/strict";
import type { Ran } from "../support/bounded-run.ts";
import { refusedInTime } from "../support/watched-stack.ts";
import type { Model } from "./model.ts";
import { describe, type World } from "./world.ts";

/** Known by its name: a run is a list of names, and can be run again by them. */
export interface Event {
  readonly name: string;
  may(model: Model): boolean;
  /** Does it, and gives back the exit code where it was a command. */
  act(model: Model, world: World): Promise<number | null>;
}

/** Does one that may happen, and looks at everything after it. */
export async function happen({ name, act }: Event, model: Model, world: World): Promise<void> {
  const started = performance.now();
  const before = describe(model);
  try {
    const code = await act(model, world);
    await world.check(model);
    world.tell({ event: name, code, ms: Math.round(performance.now() - started) });
  } catch (cause) {
    throw new Error(`${name}, when ${before}; then the model says ${describe(model)}`, { cause });
  }
}

/**
 * Runs a cutover to `model.wanted`, and holds it to the codes that the model allows.
 * @param meanwhile done once it has been started. @default nothing
 */
export async function cutOver(model: Model, world: World, meanwhile?: () => Promise<void>): Promise<number | null> {
  const allowed = model.codes;
  const running = world.cutOver(model);
  await meanwhile?.();
  const ran = await running;
  expected(ran, allowed);
  if (ran.code === 3) refusedInTime(ran);
  if (ran.code === 0) model.done();
  if (ran.code !== 0 && ran.code !== 3) {
    model.notProved();
    // It came to a halt half-way: how far is for files and processes to say; that never two are heard, for the witnesses.
    if (!model.network.isWhole) world.lookAgain(model, model.wanted);
    model.ghosts = !model.network.isWhole;
  }
  return ran.code;
}

/** It ended with a code that it may have. */
export function expected({ code, output }: Ran, allowed: readonly number[]): void {
  assert.ok(code !== null && allowed.includes(code), `exit ${code}, may be ${allowed}\n${output}`);
}
