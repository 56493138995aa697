// How far the clocks of two publishers are apart, by when the same number was heard of each, and whether a publisher went back in its
// own numbers. Pure; whoever listened gives the times, all of one clock of its own.

/** One message as it was heard. */
export interface Numbered {
  readonly subject: string;
  /** Null where it has none. */
  readonly stamp: number | null;
  readonly at: number;
}

/** Two publishers that number by their clocks. */
export interface ClocksApart {
  /** Milliseconds that the other came later with the newest number heard of both: its clock is behind, or its way longer. */
  readonly ms: number;
  /** How much that changed since the oldest number heard of both: a clock that was stepped, where it is much. */
  readonly changedMs: number;
}

/** Compares two that were listened to at the same time; null where no number was heard of both. */
export function clocksApart(one: readonly Numbered[], other: readonly Numbered[]): ClocksApart | null {
  const times = new Map(one.flatMap((heard) => (heard.stamp === null ? [] : [[keyOf(heard), heard.at] as const])));
  const apart = other.flatMap((heard) => {
    const at = heard.stamp === null ? undefined : times.get(keyOf(heard));
    return at === undefined ? [] : [heard.at - at];
  });
  const [oldest, newest] = [apart[0], apart.at(-1)];
  return oldest === undefined || newest === undefined ? null : { ms: newest, changedMs: newest - oldest };
}

/** Messages that are not newer than one heard before on the same subject: heard twice, or old. */
export function countRepeats(heard: readonly Numbered[]): number {
  const newest = new Map<string, number>();
  let repeats = 0;
  for (const { subject, stamp } of heard) {
    if (stamp === null) continue;
    const before = newest.get(subject);
    if (before !== undefined && stamp <= before) repeats++;
    else newest.set(subject, stamp);
  }
  return repeats;
}

/** Less than this is how a busy machine hears, not what a clock did. */
const steppedMs = 100;

export const isStepped = (apart: ClocksApart | null): boolean =>
  apart !== null && Math.abs(apart.changedMs) >= steppedMs;

const keyOf = ({ subject, stamp }: Numbered): string => `${stamp} ${subject}`;
