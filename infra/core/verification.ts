// What subscribers at every upstream heard, and what that means. The contract of `natsby verify --json`, schema 1.

import { clocksApart, countRepeats, isStepped, type Numbered } from "./clocks.ts";
import { type Problem, problem } from "./problems.ts";
import type { Count, Tally } from "./tally.ts";
import type { Topology } from "./topology.ts";

/** What came of listening at one upstream. */
export interface Listened {
  readonly upstream: string;
  /** Null where nobody could listen all the time. */
  readonly tally: Tally | null;
  readonly reason: string | null;
}

/** What was heard of each publisher at its own dummy; null where nobody could listen there. */
export type Own = ReadonlyMap<string, readonly Numbered[] | null>;

/** A publisher's clock against the active one's. */
export interface ClockSeen {
  readonly publisher: string;
  /** How much later it gives a number: its clock is behind, or its way longer. Null where no number was heard of both. */
  readonly behindMs: number | null;
  /** Whether that changed while it was listened to: one of the two was stepped. */
  readonly stepped: boolean | null;
}

/** One publisher as it was heard at one upstream. */
export interface PublisherHeard {
  /** Null: messages that do not say whose they are. */
  readonly name: string | null;
  readonly role: "active" | "standby" | "unnamed" | "unknown";
  readonly heard: number;
  readonly doubled: number | null;
  readonly missing: number | null;
  readonly longestSilenceMs: number;
}

/** `natsby verify --json`. */
export interface VerifyJson {
  readonly schema: 1;
  readonly stack: string;
  readonly activePublisher: string;
  readonly seconds: number;
  /** Whether messages have stamps by which doubles can be counted. */
  readonly stamps: boolean;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly clocks: readonly ClockSeen[];
  readonly upstreams: readonly {
    readonly name: string;
    readonly reason: string | null;
    readonly publishers: readonly PublisherHeard[] | null;
  }[];
}

/** When and for whom it was listened. */
export interface Listening {
  readonly active: string;
  readonly seconds: number;
  /** The end, on the tallies' clock. */
  readonly now: number;
  /** @default nobody listened at dummies */
  readonly own?: Own;
}

/** Two publishers heard in turns may be a flip; heard at once for longer than this they are not. */
const overlapMs = 100;

/** Judges what was heard. */
export function verificationOf(topology: Topology, all: readonly Listened[], listening: Listening): VerifyJson {
  const { active, seconds, now, own = new Map() } = listening;
  const repeating = [...own].flatMap(([name, heard]) => (countRepeats(heard ?? []) > 0 ? [name] : []));
  const upstreams = all.map(({ upstream, tally, reason }) => ({
    name: upstream,
    reason,
    publishers: tally === null ? null : publishersAt(topology, tally, active, now),
  }));
  const stamped = upstreams.flatMap(({ publishers }) => publishers ?? []).filter(({ heard }) => heard > 0);
  const problems = [
    ...deaf(all),
    ...all.flatMap((one) => doubledAt(one, now, repeating)),
    ...repeating.map((name) =>
      problem(
        "numbers-repeat",
        name,
        `${name} gave numbers twice or went back at its own dummy: what is doubled of it is not known`,
      ),
    ),
    ...together(all, now),
    ...all.flatMap((one) => silentAt(topology, one, active, now)),
  ];
  return {
    schema: 1,
    stack: topology.stack,
    activePublisher: active,
    seconds,
    stamps: stamped.length > 0 && stamped.every(({ doubled }) => doubled !== null),
    ok: problems.length === 0,
    problems,
    clocks: topology.publishers.flatMap(({ name }) =>
      name === active || !own.has(name) ? [] : [clockOf(own, active, name)],
    ),
    upstreams: upstreams.map((at) => ({
      ...at,
      publishers: at.publishers?.map((one) => knownOf(one, repeating)) ?? null,
    })),
  };
}

function clockOf(own: Own, active: string, publisher: string): ClockSeen {
  const apart = clocksApart(own.get(active) ?? [], own.get(publisher) ?? []);
  if (apart === null) return { publisher, behindMs: null, stepped: null };
  return { publisher, behindMs: Math.round(apart.ms * 10) / 10, stepped: isStepped(apart) };
}

/** A message that came again may be the publisher's own doing; one that does not say whose it is may be anybody's. */
const mayRepeat = (name: string | null, repeating: readonly string[]): boolean =>
  name === null ? repeating.length > 0 : repeating.includes(name);

const knownOf = (one: PublisherHeard, repeating: readonly string[]): PublisherHeard =>
  one.doubled !== 0 && mayRepeat(one.name, repeating) ? { ...one, doubled: null } : one;

function publishersAt(topology: Topology, tally: Tally, active: string, now: number): readonly PublisherHeard[] {
  const known = topology.publishers.map(({ name }) => name);
  const strangers = tally.heardNames.filter((name) => !known.includes(name));
  const names = [...known, ...strangers, ...(tally.hasUnnamed ? [null] : [])];
  return names.map((name) => {
    const { span: _, longestSilenceMs, ...count } = tally.countOf(name, now);
    const role = name === null ? "unnamed" : !known.includes(name) ? "unknown" : name === active ? "active" : "standby";
    return { name, role, ...count, longestSilenceMs: Math.round(longestSilenceMs) };
  });
}

function deaf(all: readonly Listened[]): readonly Problem[] {
  return all
    .filter(({ tally }) => tally === null)
    .map(({ upstream, reason }) =>
      problem("not-listened", upstream, `nobody could listen at ${upstream}: ${reason ?? "no answer"}`),
    );
}

function doubledAt({ upstream, tally }: Listened, now: number, repeating: readonly string[]): readonly Problem[] {
  const names = [...(tally?.heardNames ?? []), null].filter((name) => !mayRepeat(name, repeating));
  const counts = names.map((name) => tally?.countOf(name, now).doubled ?? 0);
  const doubled = counts.reduce((all, one) => all + one, 0);
  return doubled === 0
    ? []
    : [problem("two-heard", upstream, `at ${upstream} ${doubled} messages came twice, or late`)];
}

/** At one upstream or across all: a client may be at several. */
function together(all: readonly Listened[], now: number): readonly Problem[] {
  const spans = new Map<string, NonNullable<Count["span"]>>();
  for (const { tally } of all) {
    for (const name of tally?.heardNames ?? []) {
      const span = tally?.countOf(name, now).span;
      const known = spans.get(name) ?? span;
      if (!span || !known) continue;
      spans.set(name, { first: Math.min(span.first, known.first), last: Math.max(span.last, known.last) });
    }
  }
  const named = [...spans].sort(([, a], [, b]) => a.first - b.first);
  return named.flatMap(([name, { first }], index) => {
    const before = named.slice(0, index).find(([, span]) => span.last - first > overlapMs);
    return before === undefined
      ? []
      : [problem("two-heard", name, `${before[0]} and ${name} are heard at the same time`)];
  });
}

function silentAt(topology: Topology, { upstream, tally }: Listened, active: string, now: number): readonly Problem[] {
  if (tally === null) return [];
  const counts = [tally.countOf(active, now), ...(tally.hasUnnamed ? [tally.countOf(null, now)] : [])];
  if (counts.every(({ heard }) => heard === 0)) {
    return [problem("not-heard", active, `${active} is active, and at ${upstream} nothing of it was heard`)];
  }
  const silence = Math.min(...counts.map(({ longestSilenceMs }) => longestSilenceMs));
  if (silence <= topology.timeouts.silence) return [];
  return [problem("not-heard", active, `at ${upstream} ${active} was silent for ${Math.round(silence)} ms`)];
}
