// What the config becomes when one that was given up is taken back, and whether it may be: pure, by what was seen of it.

import { UserError } from "./errors.ts";
import { refuseUnknown } from "./known-name.ts";
import type { StatusJson } from "./status.ts";

/** What the config and the hosts hold. */
export interface RejoinFacts {
  readonly epoch: number;
  readonly fenced: readonly string[];
  /** What the host has seen. */
  readonly seen: { readonly epoch: number; readonly fenced: readonly string[] };
}

/** What is to be done. */
export type RejoinPlan =
  | { readonly kind: "rejoin"; readonly config: { readonly epoch: number; readonly fenced: readonly string[] } }
  /** The config says so already, the hosts do not: one that was killed goes on. */
  | { readonly kind: "go on" };

/**
 * Decides about a publisher or an upstream.
 * @param status a look that contacted `name` too
 * @throws UserError exit 3: not fenced, out of reach, or a stale config
 */
export function planRejoin(status: StatusJson, { epoch, fenced, seen }: RejoinFacts, name: string): RejoinPlan {
  const known = [...status.publishers, ...status.upstreams].map((one) => one.name);
  refuseUnknown(name, known, "publisher or upstream");
  if (seen.epoch > epoch) {
    throw new UserError(`this config has epoch ${epoch}, the host has seen epoch ${seen.epoch}: it is stale`, {
      code: "stale-epoch",
      hint: "take the newer config: `git pull`; or `natsby adopt` writes what the servers say",
    });
  }
  if (!fenced.includes(name)) {
    if (epoch > seen.epoch && seen.fenced.includes(name)) return { kind: "go on" };
    throw new UserError(`${name} is not fenced: there is nothing to take back`, {
      code: "not-fenced",
      hint: fenced.length === 0 ? "nobody is fenced: `natsby status`" : `fenced: ${fenced.join(", ")}`,
    });
  }
  refuseUnreachable(status, name);
  return { kind: "rejoin", config: { epoch: epoch + 1, fenced: fenced.filter((one) => one !== name) } };
}

/** One that runs must answer; one without a process can be started. A frozen one is neither. */
function refuseUnreachable(status: StatusJson, name: string): void {
  const server = [...status.publishers, ...status.upstreams].find((one) => one.name === name);
  if (server === undefined || server.reachable === true || (server.reachable === false && server.pid === null)) return;
  const pid = server.pid === null ? "" : ` (pid ${server.pid})`;
  const about = "dummy" in server ? server.dummy : name;
  const seen = status.problems.find((problem) => problem.code === "server-unknown" && problem.about === about);
  throw new UserError(`${seen?.text ?? `${about}${pid} does not answer`}: the fence stays`, {
    code: "host-unreachable",
    hint: `see to its host first: \`natsby logs ${name}\`; a frozen process goes on with kill -CONT${pid && ` ${server.pid}`}; one that was set up anew: \`natsby hosts scan\``,
  });
}

/** A list of the config with another generation of one entry: a new key, where the old one may be stolen. */
export function withNewKey(list: readonly unknown[], name: string): readonly unknown[] {
  return list.map((entry) => {
    const known = entry as { readonly name: string; readonly generation?: number | string };
    return known.name === name ? { ...known, generation: Number(known.generation ?? 0) + 1 } : entry;
  });
}
