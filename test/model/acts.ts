// What several steps of the model's cutover do: look around, put a role file, start a dummy again.

import { become, guarded, type Turn, tidy, tooLate } from "./turn.ts";
import {
  type Bits,
  change,
  type Event,
  everyUpstream,
  has,
  indices,
  kill,
  remove,
  start,
  type World,
  which,
} from "./world.ts";

/** Looks at one of the upstreams left to look at; ends whoever is linked there, and looks at all of them again. */
export function lookAround(turn: Turn, staying: Bits): readonly Event[] {
  const { world, run } = turn;
  const looks = turn.broken === "quiet skips an upstream" ? run.todo & 1 : run.todo;
  if (looks === 0) return become(turn, "skips the rest", { todo: 0 });
  return indices(looks).flatMap((upstream) => {
    if (!has(run.asks, upstream))
      return tooLate(become(turn, `upstream ${upstream} cannot be asked: not proved`, tidy(run)));
    const left = which(world, ({ links }) => has(links, upstream)) & ~staying;
    if (left === 0) return become(turn, `nobody at upstream ${upstream}`, { todo: remove(run.todo, upstream) });
    const todo = everyUpstream(world);
    const again = run.todo === todo ? [] : become(turn, `somebody at upstream ${upstream}`, { todo });
    if ((left & ~run.config.fenced) === 0) return [...again, ...tooLate(become(turn, "is not proved", tidy(run)))];
    const ends = (now: World) => indices(left & ~run.config.fenced).reduce(kill, now);
    const stopped = run.stopped | (left & ~run.config.fenced);
    return [...again, ...guarded(turn, `ends who is linked at upstream ${upstream}`, ends, { todo, stopped })];
  });
}

export const put = (world: World, index: number, file: boolean): World =>
  change(world, index, (one) => ({ ...one, file }));

/** A stopped dummy comes back in the role that its file says: so that is put off first. */
export function startAgain(turn: Turn, index: number): readonly Event[] {
  if (turn.world.dummies[index]?.file)
    return guarded(turn, `puts the file of dummy ${index} off`, (now) => put(now, index, false), {});
  const world = change(turn.world, index, start);
  return become({ ...turn, world }, `starts dummy ${index}`, { stopped: remove(turn.run.stopped, index) });
}
