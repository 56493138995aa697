// What a failover gives up, and whether it may begin: pure, by what the upstreams and the target show. Nothing is asked of the dead host.

import { UserError } from "./errors.ts";
import { heardOf, heardWords, silentUpstreams } from "./heard.ts";
import { refuseUnknown } from "./known-name.ts";
import type { StatusJson } from "./status.ts";
import { named, refuseFenced, refuseUnhealthy } from "./switchover.ts";

/** What was typed. */
export interface FailoverAsked {
  readonly to: string;
  readonly reason: string;
  /** Upstreams that are given up too. */
  readonly giveUp: readonly string[];
  /** Accept an upstream at which the fence cannot be proved. */
  readonly acceptUnfenced: boolean;
}

/** What the config and the hosts held before. */
export interface FailoverFacts {
  readonly activePublisher: string;
  readonly epoch: number;
  readonly fenced: readonly string[];
  /** The publisher that the journal says was last proved active. */
  readonly last: string | null;
  /** The highest epoch that the host has seen. */
  readonly epochSeen: number;
}

/** What the config becomes. */
export interface FailoverPlan {
  readonly kind: "already" | "failover";
  /** Who is given up; null where nobody is known to have been heard. */
  readonly givenUp: string | null;
  readonly config: { readonly activePublisher: string; readonly epoch: number; readonly fenced: readonly string[] };
}

/** Decides. @throws UserError exit 3 that says what was seen and what to type. */
export function planFailover(status: StatusJson, facts: FailoverFacts, asked: FailoverAsked): FailoverPlan {
  const names = status.publishers.map(({ name }) => name);
  refuseUnknown(asked.to, names, "publisher");
  for (const upstream of asked.giveUp) refuseUnknown(upstream, upstreamNames(status), "upstream");
  if (facts.fenced.includes(asked.to)) refuseFenced({ ...status, fenced: facts.fenced }, asked.to);
  refuseStale(facts);
  const heard = heardOf(status, silentUpstreams(status));
  if (heard.who === "doubled") {
    throw new UserError(`more than one may be heard: ${heardWords(heard)}`, {
      code: "doubled-now",
      hint: "`pulumi up` mends it: it detaches all but the configured one; then look again",
    });
  }
  const givenUp = heard.who === "one" ? heard.publisher : facts.last;
  const fenced = [...new Set([...facts.fenced, ...(givenUp === null ? [] : [givenUp]), ...asked.giveUp])].toSorted();
  if (givenUp === asked.to) return alreadyOrRefused(facts, asked);
  if (giveUpAll(status, asked.giveUp)) throw new UserError("every upstream would be given up", { code: "refused" });
  refuseUnhealthy(named(status, asked.to), false);
  return {
    kind: "failover",
    givenUp,
    config: { activePublisher: asked.to, epoch: epochFor(facts, asked, fenced), fenced },
  };
}

/** A verb that was killed after it wrote the config goes on with what it wrote. */
function epochFor(
  { activePublisher, epoch, fenced, epochSeen }: FailoverFacts,
  { to }: FailoverAsked,
  wanted: readonly string[],
): number {
  const begun = activePublisher === to && epoch >= epochSeen && fenced.toSorted().join() === wanted.join();
  return begun ? epoch : Math.max(epoch, epochSeen) + 1;
}

function alreadyOrRefused({ activePublisher, epoch, fenced }: FailoverFacts, { to }: FailoverAsked): FailoverPlan {
  if (activePublisher === to && fenced.length > 0)
    return { kind: "already", givenUp: null, config: { activePublisher, epoch, fenced } };
  throw new UserError(`${to} is heard already, or was last: there is nobody to fail over from`, {
    code: "target-active",
    hint: "look with `natsby status`; `pulumi up` starts again what does not run",
  });
}

function refuseStale({ epoch, epochSeen }: FailoverFacts): void {
  if (epochSeen <= epoch) return;
  throw new UserError(`this config has epoch ${epoch}, the host has seen epoch ${epochSeen}: it is stale`, {
    code: "stale-epoch",
    hint: "take the newer config: `git pull`; or `natsby adopt` writes what the servers say",
  });
}

const upstreamNames = ({ upstreams }: StatusJson): readonly string[] => upstreams.map(({ name }) => name);

const giveUpAll = (status: StatusJson, giveUp: readonly string[]): boolean =>
  upstreamNames(status).every((name) => giveUp.includes(name) || status.fenced.includes(name));
