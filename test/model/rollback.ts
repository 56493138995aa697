// What a run of the model does that failed after the detach, and how every run ends: the new one off, proved, the old one on.

import { lookAround, put, startAgain } from "./acts.ts";
import { become, end, guarded, reloaded, type Turn, tidy } from "./turn.ts";
import { add, type Event, everyUpstream, has, indices, kill } from "./world.ts";

/** The rollback ends the new dummy's process: it needs nothing of it, and leaves no handshake. */
export function backOff(turn: Turn): readonly Event[] {
  const { active } = turn.run.config;
  const toQuiet = { step: "back quiet", todo: everyUpstream(turn.world), unread: 0 };
  if (!turn.run.placed) return become(turn, "nothing was placed", toQuiet);
  if (turn.world.dummies[active]?.file) return guarded(turn, "puts its file off", (now) => put(now, active, false), {});
  const stopped = add(turn.run.stopped, active);
  return guarded(turn, "ends it", (now) => kill(now, active), { ...toQuiet, stopped });
}

export function backQuiet(turn: Turn): readonly Event[] {
  if (turn.run.todo !== 0) return lookAround(turn, 0);
  return become(turn, "nobody is linked", turn.run.from < 0 ? tidy(turn.run) : { step: "put back", placed: false });
}

export function putBack(turn: Turn): readonly Event[] {
  const { run } = turn;
  if (has(run.stopped, run.from)) return startAgain(turn, run.from);
  if (!run.placed) return guarded(turn, "puts the old file on", (now) => put(now, run.from, true), { placed: true });
  return reloaded(turn, run.from, tidy(run));
}

/** However it ended, who was stopped is started again, detached. */
export function tidyUp(turn: Turn): readonly Event[] {
  if (turn.run.stopped === 0) return [end(turn.world, "ends")];
  return indices(turn.run.stopped).flatMap((index) => startAgain(turn, index));
}
