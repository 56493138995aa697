// What one cutover knows while it runs: the wish, who can be asked, and what was seen and done so far.

import type { CutoverPlan } from "../../infra/core/cutover-plan.ts";
import type { HistoryEntry, QuietEntry } from "../../infra/core/history.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Once, Topology } from "../../infra/core/topology.ts";
import type { Claim, Host } from "../../infra/hosts/host.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import type { Newest } from "../../infra/observe/tap.ts";
import type { Look } from "./look.ts";
import type { Peer } from "./peer.ts";

/** State of one cutover. Steps read and write it; nothing else does. */
export interface Context {
  readonly plan: CutoverPlan;
  readonly topology: Topology;
  readonly clusterSecret: ClusterSecret;
  /** The config has one secret again, and the host's files still have two. */
  readonly endsRotation: boolean;
  readonly hosts: Hosts;
  /** Configured ones, and such as still run though the config dropped them. */
  upstreams: readonly Peer[];
  readonly dummies: readonly Peer[];
  /** Dummies and upstreams that were given up: known by name, never contacted. */
  readonly fenced: readonly Peer[];
  /** The dummy to be attached. */
  readonly target: Peer;
  /** The journal as it stood at the start. */
  readonly journal: readonly HistoryEntry[];
  claim: Claim;
  /** The hosts that took the claim: all that can be reached. */
  claimed: readonly Host[];
  /** The first look; later ones are returned by the step that took them. */
  seen: Look;
  /** The only dummy that was linked at the start: what a rollback puts back. */
  from: Peer | null;
  /** The publisher that was heard at the start, given up or not; null: nobody, or more than one. */
  before: string | null;
  /** The risk that this run may take: `once` of the config, where it was meant for this run's ticket. */
  once: Once | null;
  /** Upstreams that cannot be asked, and that this run goes on without. */
  unasked: readonly Peer[];
  /** Those of them that may still take the link of a server that was given up. */
  open: readonly string[];
  /** When the old publisher's dummy heard the newest stamp that the target's had heard too; null where they could not be compared. */
  comparedAt: number | null;
  /** Newest message heard of the old publisher, per subject, once it is quiet. */
  stamps: ReadonlyMap<string, Newest>;
  /** Why the stamps may be too old: an upstream that did not say that it sent all it had; null where all did. */
  stampsProblem: string | null;
  /** `performance.now()` just before the target was told to attach; null while it was not. */
  attachedAt: number | null;
  /** Dummies whose wanted role file is staged and tested: inside the gap it only has to be put in place. */
  readonly staged: Set<Peer>;
  /** The servers whose own key is pinned at each upstream, as last read or written by this run; null: a broken file. */
  pinned: ReadonlyMap<string, readonly string[] | null>;
  /** Processes that were stopped and must be started again, detached. */
  readonly stopped: Set<Peer>;
  /** What was heard last, once it is known: its line of the journal. */
  quiet: QuietEntry | null;
  /** Lines of the journal that are still being written. */
  journaling: Promise<unknown>;
  /** Things a user should know. */
  readonly notes: string[];
}

/** Whether a person accepted this risk for this very run; noted, so that the journal has it. */
export function accepts({ once, notes }: Context, flag: Once["flag"]): boolean {
  if (once?.flag !== flag) return false;
  const note = `${flag} was accepted for this run: ${once.reason}`;
  if (!notes.includes(note)) notes.push(note);
  return true;
}

/** Names of the upstreams that this run goes on without and that may live: nobody is attached there. */
export const silentOf = ({ unasked }: Context): readonly string[] =>
  unasked.filter(({ absent }) => !absent).map(({ name }) => name);

/** Leaves upstreams out of everything that follows: what is proved is proved at the others. */
export function goOnWithout(context: Context, names: readonly string[]): void {
  const left = <T>(all: ReadonlyMap<string, T>) => new Map([...all].filter(([name]) => !names.includes(name)));
  const leaving = context.upstreams.filter(({ name }) => names.includes(name));
  context.unasked = [...context.unasked, ...leaving];
  for (const { name } of leaving.filter(({ absent }) => !absent))
    context.notes.push(`nobody is attached at ${name}, which does not answer: run \`pulumi up\` once it does`);
  context.upstreams = context.upstreams.filter(({ name }) => !names.includes(name));
  context.pinned = left(context.pinned);
  context.seen = { ...context.seen, links: left(context.seen.links) };
}

/** The upstreams that the config names: where the active publisher must be heard. */
export const wantedUpstreams = ({ upstreams, topology }: Context): readonly Peer[] =>
  upstreams.filter((upstream) => topology.upstreams.some(({ name }) => name === upstream.name));
