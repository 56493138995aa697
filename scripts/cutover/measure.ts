// What subscribers heard of a cutover: gap, lost, doubled. Pure: it counts what the taps remember.

import { clocksApart, countRepeats, isStepped } from "../../infra/core/clocks.ts";
import type { UpstreamRecord } from "../../infra/core/history.ts";
import type { Heard } from "../../infra/observe/tap.ts";

/** What was heard where. */
export interface Measured {
  readonly upstream: string;
  readonly heard: readonly Heard[];
  /** At the new publisher's own dummy: everything it published. */
  readonly published: readonly Heard[];
  /** At the old publisher's own dummy; nothing where nobody listened there. */
  readonly publishedBefore: readonly Heard[];
  /** Publishers before and after; null: nobody. */
  readonly before: string | null;
  readonly after: string | null;
  /** Subjects of which the old publisher's last message is known; null where nobody was ever heard before. */
  readonly lastKnown: ReadonlySet<string> | null;
  /** When the new one was attached; null: it was all the time. */
  readonly attachedAt: number | null;
}

/** Counts at one upstream. */
export function measure(measured: Measured): UpstreamRecord {
  const { upstream, heard, published, before, after, attachedAt } = measured;
  const doubled = countDoubled(measured);
  if (attachedAt === null) return { upstream, before, after, gapMs: null, lost: null, doubled, clockMs: null };
  const old = heard.filter(({ at }) => at < attachedAt);
  const first = heard.find(({ at }) => at >= attachedAt);
  const last = old.at(-1);
  const gapMs = last === undefined || first === undefined ? null : Math.round((first.at - last.at) * 10) / 10;
  const lost = countLost(old, heard.slice(old.length), published);
  const apart = clocksApart(old, published);
  return { upstream, before, after, gapMs, lost, doubled, clockMs: apart && Math.round(apart.ms * 10) / 10 };
}

/** A publisher, and what was heard at its own dummy. */
interface Own {
  readonly name: string | null;
  readonly heard: readonly Heard[];
}

/** What a user should know of two publishers' clocks, where it makes counting less than certain. */
export function clockNotes(next: Own, old: Own): readonly string[] {
  const wentBack = [old, next].filter(({ name, heard }) => name !== null && countRepeats(heard) > 0);
  const apart = clocksApart(old.heard, next.heard);
  const stepped =
    apart !== null && isStepped(apart)
      ? [
          `the clocks of ${old.name} and ${next.name} moved apart by ${Math.round(apart.changedMs)} ms meanwhile: one was stepped, or this machine was busy`,
        ]
      : [];
  return [
    ...[...new Set(wentBack.map(({ name }) => name))].map(
      (name) => `${name} went back in its own numbers, or gave some twice: what of it would be a double is not known`,
    ),
    ...stepped,
  ];
}

/**
 * Null without stamps, and where a publisher gave a number twice itself, or went back: what of it is whose is not known then.
 * Null too where of the old publisher nothing is known, as of one that died before it was listened to: subscribers may have
 * heard of it what they hear now.
 */
function countDoubled(measured: Measured): number | null {
  const { heard, published, publishedBefore } = measured;
  if (heard.every(({ stamp }) => stamp === null)) return null;
  const repeats = countRepeats(heard);
  if (repeats === 0 && followsUnknown(measured)) return null;
  const isOwn = [published, publishedBefore].some((own) => countRepeats(own) > 0);
  return repeats > 0 && isOwn ? null : repeats;
}

/** Whether nobody knows what the old publisher sent last, of all subjects that the new one is heard on. */
function followsUnknown({ heard, lastKnown, attachedAt }: Measured): boolean {
  if (attachedAt === null || lastKnown === null) return false;
  const old = new Set(heard.filter(({ at }) => at < attachedAt).map(({ subject }) => subject));
  const next = heard.filter(({ at }) => at >= attachedAt);
  return next.length > 0 && next.every(({ subject }) => !old.has(subject) && !lastKnown.has(subject));
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
