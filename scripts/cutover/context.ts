// What one cutover knows while it runs: the wish, who can be asked, and what was seen and done so far.

import type { CutoverPlan } from "../../infra/core/cutover-plan.ts";
import type { HistoryEntry } from "../../infra/core/history.ts";
import type { Topology } from "../../infra/core/topology.ts";
import type { Claim, Host } from "../../infra/hosts/host.ts";
import type { Newest } from "../../infra/observe/tap.ts";
import type { Look } from "./look.ts";
import type { Peer } from "./peer.ts";

/** State of one cutover. Steps read and write it; nothing else does. */
export interface Context {
  readonly plan: CutoverPlan;
  readonly topology: Topology;
  readonly clusterSecret: string;
  readonly host: Host;
  readonly natsServer: string;
  /** Configured ones, and such as still run though the config dropped them. */
  upstreams: readonly Peer[];
  readonly dummies: readonly Peer[];
  /** The dummy to be attached. */
  readonly target: Peer;
  /** The journal as it stood at the start. */
  readonly journal: readonly HistoryEntry[];
  claim: Claim;
  /** The first look; later ones are returned by the step that took them. */
  seen: Look;
  /** The only dummy that was linked at the start: what a rollback puts back. */
  from: Peer | null;
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
  /** The journal's line that is still being written. */
  journaling: Promise<void>;
  /** Things a user should know. */
  readonly notes: string[];
}

/** The upstreams that the config names: where the active publisher must be heard. */
export const wantedUpstreams = ({ upstreams, topology }: Context): readonly Peer[] =>
  upstreams.filter((upstream) => topology.upstreams.some(({ name }) => name === upstream.name));
