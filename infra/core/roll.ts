// A rolling change: standbys first, a flip, then who was heard. Pure: where a roll stands is seen, not remembered, so it can be run again.

import { UserError } from "./errors.ts";
import { heardOf, heardWords } from "./heard.ts";
import { dummyPlan, type PublisherPlan, publisherPlan, type ServerPlan } from "./plan.ts";
import { restartsFor } from "./restart-fields.ts";
import type { StatusJson } from "./status.ts";
import type { Publisher, Topology } from "./topology.ts";

/** What is to be done. */
export interface RollPlan {
  /** Who is heard: not touched before the flip. */
  readonly active: string;
  /** What of the active one would restart: nothing means that no flip is needed. */
  readonly restarts: readonly string[];
  /** Who is heard meanwhile; null where no flip is needed. */
  readonly to: string | null;
}

/**
 * Decides by what is seen.
 * @param placed what was last put on the hosts
 * @throws UserError exit 3: not exactly one is heard, or no standby is fit.
 */
export function planRoll(
  topology: Topology,
  status: StatusJson,
  placed: readonly (ServerPlan | PublisherPlan)[],
): RollPlan {
  const heard = heardOf(status);
  if (heard.who !== "one") {
    throw new UserError(`a roll begins with exactly one that is heard; now it is: ${heardWords(heard)}`, {
      code: "who-unknown",
      hint: "`natsby status`; `pulumi up` mends what is not as asked",
    });
  }
  const publisher = topology.publishers.find(({ name }) => name === heard.publisher);
  const restarts = publisher === undefined ? [] : restartsOf(topology, publisher, placed);
  if (restarts.length === 0) return { active: heard.publisher, restarts, to: null };
  return { active: heard.publisher, restarts, to: fitStandby(status, heard.publisher) };
}

function restartsOf(topology: Topology, publisher: Publisher, placed: readonly (ServerPlan | PublisherPlan)[]) {
  return [dummyPlan(topology, publisher), publisherPlan(topology, publisher)].flatMap((wanted) => {
    const before = placed.find(({ name }) => name === wanted.name);
    return before === undefined ? [] : restartsFor(before, wanted).map((field) => `${wanted.name}: ${field}`);
  });
}

function fitStandby({ publishers, fenced }: StatusJson, active: string): string {
  const fit = publishers.find(
    ({ name, reachable, publishing }) =>
      name !== active && !fenced.includes(name) && reachable === true && publishing === true,
  );
  if (fit !== undefined) return fit.name;
  throw new UserError("no standby is healthy and publishing, so nobody could be heard meanwhile", {
    code: "target-unknown",
    hint: "`natsby status`; `natsby logs <publisher>`",
  });
}
