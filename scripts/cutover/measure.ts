// What subscribers heard of a cutover: gap, lost, doubled. Pure: it counts what the taps remember.

import type { UpstreamRecord } from "../../infra/core/history.ts";
import type { Heard } from "../../infra/observe/tap.ts";

/** What was heard where. */
export interface Measured {
  readonly upstream: string;
  readonly heard: readonly Heard[];
  /** At the new publisher's own dummy: everything it published. */
  readonly published: readonly Heard[];
  /** Publishers before and after; null: nobody. */
  readonly before: string | null;
  readonly after: string | null;
  /** When the new one was attached; null: it was all the time. */
  readonly attachedAt: number | null;
}

/** Counts at one upstream. */
export function measure({ upstream, heard, published, before, after, attachedAt }: Measured): UpstreamRecord {
  const doubled = heard.some(({ stamp }) => stamp !== null) ? countRepeats(heard) : null;
  if (attachedAt === null) return { upstream, before, after, gapMs: null, lost: null, doubled };
  const old = heard.filter(({ at }) => at < attachedAt);
  const first = heard.find(({ at }) => at >= attachedAt);
  const last = old.at(-1);
  const gapMs = last === undefined || first === undefined ? null : Math.round((first.at - last.at) * 10) / 10;
  return { upstream, before, after, gapMs, lost: countLost(old, heard.slice(old.length), published), doubled };
}

/** Messages that are not newer than one heard before on the same subject: heard twice, or old. */
export function countRepeats(heard: readonly Heard[]): number {
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

/** Stamps that the new publisher published after the last old one and before the first new one. Null without stamps, or where nobody listened at it. */
function countLost(old: readonly Heard[], next: readonly Heard[], published: readonly Heard[]): number | null {
  const lastOld = new Map(old.map(({ subject, stamp }) => [subject, stamp]));
  const firstNew = new Map(next.toReversed().map(({ subject, stamp }) => [subject, stamp]));
  const listened = new Set(published.map(({ subject }) => subject));
  const known = [...firstNew].filter(
    ([subject, stamp]) => stamp !== null && lastOld.get(subject) != null && listened.has(subject),
  );
  if (known.length === 0) return null;
  const between = published.filter(({ subject, stamp }) => {
    const [after, before] = [lastOld.get(subject), firstNew.get(subject)];
    return stamp !== null && after != null && before != null && stamp > after && stamp < before;
  });
  return new Set(between.map(({ subject, stamp }) => `${subject} ${stamp}`)).size;
}
