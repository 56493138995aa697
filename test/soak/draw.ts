// The events of a run, drawn from a seed: the same seed gives the same list on every machine, whatever becomes of it. Pure.

import { kinds } from "./events.ts";

/** A kind for each time that it is drawn. */
const lots = kinds.flatMap(([often, events]) => Array<typeof events>(often).fill(events));

/** Names of as many events. One that may not happen when its turn comes is passed over. */
export function drawn(seed: number, run: number, count: number): readonly string[] {
  const next = randomFrom(seed * 10_007 + run);
  const one = <T>(among: readonly T[]): T => among[Math.floor(next() * among.length)] as T;
  return Array.from({ length: count }, () => one(one(lots)).name);
}

/** Numbers from 0 to 1, "mulberry32". */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
