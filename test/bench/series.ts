// Flips of several kinds, taken in turn on one running stack, each seen by the witness.

import { setTimeout as sleep } from "node:timers/promises";
import type { Watched } from "./bench-stack.ts";
import type { Flip } from "./flip-kinds.ts";

/** What the witness counted at one upstream during one flip. */
export interface FlipAt {
  readonly upstream: string;
  /** Null where it was not exactly one publisher after the other. */
  readonly gapMs: number | null;
  readonly lost: number;
  readonly doubled: number;
  readonly old: number;
}

/** One flip. */
export interface FlipSeen {
  readonly kind: string;
  /** How long the whole of it took, its preparations included. */
  readonly ms: number;
  readonly upstreams: readonly FlipAt[];
}

/** A new link must be whole before it is taken off again, or it may stay (facts of nats-server: reload on, then off). */
const pauseMs = 200;

/** Flips to and fro, `count` times with each kind in turn. */
export async function flipInTurn(
  watched: Watched,
  kinds: Readonly<Record<string, Flip>>,
  count: number,
  say: (line: string) => void,
): Promise<readonly FlipSeen[]> {
  const { active, other } = await pairOf(watched);
  let [from, to] = [active, other];
  const seen: FlipSeen[] = [];
  for (let round = 0; round < count; round++) {
    for (const [kind, flip] of Object.entries(kinds)) {
      seen.push(await flipOnce(watched, { kind, flip, from, to }));
      [from, to] = [to, from];
    }
    say(`${round + 1} of ${count}: ${lastOfEach(seen, Object.keys(kinds))}`);
  }
  return seen;
}

async function pairOf({ stack, witness }: Watched): Promise<{ active: string; other: string }> {
  const active = (await witness.glance())[0]?.hearing ?? stack.topology.activePublisher;
  const other = stack.topology.publishers.find(({ name }) => name !== active)?.name;
  if (other === undefined) throw new Error("one publisher alone cannot flip");
  return { active, other };
}

async function flipOnce(
  { stack, witness }: Watched,
  { kind, flip, from, to }: { kind: string; flip: Flip; from: string; to: string },
): Promise<FlipSeen> {
  await witness.take();
  const started = performance.now();
  await flip(stack, from, to);
  const ms = performance.now() - started;
  await witness.hears(to);
  await sleep(pauseMs);
  const upstreams = (await witness.take()).map(({ server, handovers, lost, doubled, old }): FlipAt => {
    const [handover, ...more] = handovers;
    return { upstream: server, gapMs: more.length > 0 ? null : (handover?.gapMs ?? null), lost, doubled, old };
  });
  return { kind, ms, upstreams };
}

function lastOfEach(seen: readonly FlipSeen[], kinds: readonly string[]): string {
  const shown = seen.slice(-kinds.length).map(({ kind, upstreams }) => {
    return `${kind} ${upstreams.map(({ gapMs }) => gapMs?.toFixed(1) ?? "?").join("/")} ms`;
  });
  return shown.join(", ");
}

/** All gaps of one kind, one a flip and upstream. */
export const gapsOf = (seen: readonly FlipSeen[], kind: string): readonly number[] =>
  seen
    .filter((flip) => flip.kind === kind)
    .flatMap(({ upstreams }) => upstreams.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs])));

/** The longest gap of each flip of one kind, over all upstreams. */
export const worstGapsOf = (seen: readonly FlipSeen[], kind: string): readonly number[] =>
  seen
    .filter((flip) => flip.kind === kind)
    .map(({ upstreams }) => Math.max(...upstreams.map(({ gapMs }) => gapMs ?? 0)));

/** Every flip's count of something, over all upstreams. */
export const countsOf = (
  seen: readonly FlipSeen[],
  kind: string,
  what: "doubled" | "old" | "lost",
): readonly number[] =>
  seen.filter((flip) => flip.kind === kind).flatMap(({ upstreams }) => upstreams.map((at) => at[what]));
