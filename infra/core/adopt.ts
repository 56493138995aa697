// What the servers and hosts say, as the config would say it: the way out of a stale checkout. Pure; it invents nothing.

import { UserError } from "./errors.ts";
import { heardOf, heardWords } from "./heard.ts";
import type { StatusJson } from "./status.ts";

/** The keys that a failover, a rejoin and a flip change. */
export interface AdoptedConfig {
  readonly activePublisher: string;
  readonly epoch: number;
  readonly fenced: readonly string[];
}

/** What a host keeps of the runs that it saw. */
export type HostSaw = Pick<AdoptedConfig, "epoch" | "fenced">;

/** One value that changes. */
export interface Adopted {
  readonly key: keyof AdoptedConfig;
  readonly before: string;
  readonly after: string;
}

/** What is to be written, and what is to be said. */
export interface AdoptPlan {
  readonly config: AdoptedConfig;
  readonly changes: readonly Adopted[];
  readonly notes: readonly string[];
}

/**
 * Compares.
 * @param last the publisher last proved active: taken where nobody is heard
 * @throws UserError exit 3 where who is heard is not known, or more than one is.
 */
export function planAdopt(config: AdoptedConfig, status: StatusJson, guard: HostSaw, last: string | null): AdoptPlan {
  const heard = heardOf(status);
  if (heard.who === "unknown" || heard.who === "doubled") {
    throw new UserError(
      `who is heard is not known: ${heard.who === "unknown" ? `${heard.upstreams.join(", ")} did not say` : heardWords(heard)}`,
      {
        code: "who-unknown",
        hint: "`natsby status` shows what is seen; adopt when exactly one is",
      },
    );
  }
  const active = heard.who === "one" ? heard.publisher : last;
  if (active === null) {
    throw new UserError("nobody is heard, and no journal says who was", {
      code: "who-unknown",
      hint: "`natsby status`",
    });
  }
  const adopted = { activePublisher: active, epoch: guard.epoch, fenced: guard.fenced.toSorted() };
  const known = [...status.publishers, ...status.upstreams].map(({ name }) => name);
  const strange = [active, ...guard.fenced].filter((name) => !known.includes(name));
  return {
    config: adopted,
    changes: changesOf(config, adopted),
    notes: [
      ...(heard.who === "nobody" ? [`nobody is heard now; ${active} was last`] : []),
      ...strange.map((name) => `this config has no ${name}: it lacks more than natsby can adopt`),
    ],
  };
}

function changesOf(before: AdoptedConfig, after: AdoptedConfig): readonly Adopted[] {
  const shown = ({ activePublisher, epoch, fenced }: AdoptedConfig) =>
    ({ activePublisher, epoch: String(epoch), fenced: `[${fenced.toSorted().join(", ")}]` }) as const;
  const [old, now] = [shown(before), shown(after)];
  return (["activePublisher", "epoch", "fenced"] as const).flatMap((key) =>
    old[key] === now[key] ? [] : [{ key, before: old[key], after: now[key] }],
  );
}
