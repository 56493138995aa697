// What subscribers heard, made up for tests of counting: a message every 100 ms, numbered by the time.

import { type HeardMessage, Tally } from "../../infra/core/tally.ts";
import { type Listened, type Own, verificationOf } from "../../infra/core/verification.ts";
import { testTopology } from "./topology.ts";

const topology = testTopology();

/** One message every 100 ms from `from` to `to`, numbered by the time. */
export function stream(publisher: string | null, from: number, to: number, stamped = true): readonly HeardMessage[] {
  const times = Array.from({ length: Math.max(0, (to - from) / 100) }, (_, index) => from + 100 * index);
  return times.map((at) => ({ subject: "test", publisher, stamp: stamped ? at / 100 : null, at }));
}

export function at(upstream: string, ...messages: readonly (readonly HeardMessage[])[]): Listened {
  const tally = new Tally(0, true);
  for (const one of messages.flat().toSorted((a, b) => a.at - b.at)) tally.hear(one);
  return { upstream, tally, reason: null };
}

export function judged(...all: readonly Listened[]) {
  return judgedWith(new Map(), ...all);
}

/** The same where somebody listened at the publishers' own dummies. */
export function judgedWith(own: Own, ...all: readonly Listened[]) {
  const answer = verificationOf(topology, all, { active: "publisher0", seconds: 3, now: 3_000, own });
  return { answer, ok: answer.ok, codes: answer.problems.map(({ code, about }) => `${code} ${about}`) };
}

/** The active publisher, and nobody else. */
export const fine = (upstream: string) => at(upstream, stream("publisher0", 0, 3_000));
