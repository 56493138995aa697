// What one cutover knows while it runs: the wish, who can be asked, and what was seen and done so far.

import type { CutoverPlan } from "../../infra/core/cutover-plan.ts";
import type { HistoryEntry } from "../../infra/core/history.ts";
import type { Topology } from "../../infra/core/topology.ts";
import type { Claim, Host } from "../../infra/hosts/host.ts";
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
  readonly upstreams: readonly Peer[];
  readonly dummies: readonly Peer[];
  /** The dummy to be attached. */
  readonly target: Peer;
  /** The journal as it stood at the start. */
  readonly journal: readonly HistoryEntry[];
  claim: Claim;
  /** The first look; later ones are returned by the step that took them. */
  seen: Look;
  /** The dummy that was attached and complete at the start: what a rollback puts back. */
  from: Peer | null;
  /** Newest stamp heard of the old publisher, per subject, once it is quiet. */
  stamps: ReadonlyMap<string, number>;
  /** `performance.now()` when the target was told to attach; null while it was not. */
  attachedAt: number | null;
  /** Dummies whose wanted role file is staged and tested: inside the gap it only has to be put in place. */
  readonly staged: Set<Peer>;
  /** The servers pinned at each upstream, as last read or written by this run. */
  pinned: ReadonlyMap<string, readonly string[] | null>;
  /** Processes that were stopped and must be started again, detached. */
  readonly stopped: Set<Peer>;
  /** Things a user should know. */
  readonly notes: string[];
}
