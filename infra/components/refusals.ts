// What a program refuses before anything is touched, because going on would silence or double the active publisher.

import { UserError } from "../core/errors.ts";
import { linksToUpstreams } from "../core/links.ts";
import type { Observation } from "../core/observation.ts";
import { dummyPlan, type PublisherPlan, publisherPlan, type ServerPlan } from "../core/plan.ts";
import type { Problem } from "../core/problems.ts";
import { publisherOf, type Topology } from "../core/topology.ts";
import type { Applied } from "../hosts/applied.ts";
import type { Recorded } from "./recorded.ts";

/** What was seen. */
export interface Seen {
  readonly problems: readonly Problem[];
  readonly observation: Observation;
  readonly applied: readonly Applied[];
  readonly recorded: Recorded;
}

/** @throws UserError exit 3. */
export function refuseRisks(topology: Topology, seen: Seen): void {
  refuseStale(topology, seen);
  refuseActiveRestart(topology, seen);
}

function refuseStale({ epoch }: Topology, { problems, recorded }: Seen): void {
  const stale = problems.find(({ code }) => code === "stale-config");
  if (stale === undefined && recorded.epoch <= epoch) return;
  throw new UserError(
    stale?.text ?? `the config says epoch ${epoch}, the stack was last deployed with ${recorded.epoch}`,
    {
      code: "stale-epoch",
      hint: "a failover came after this config: take the newer one with `git pull`",
    },
  );
}

/** Judged by who IS linked, not by who should be. */
function refuseActiveRestart(topology: Topology, { observation, applied }: Seen): void {
  if (topology.allowActiveRestart) return;
  const linked = linksToUpstreams(observation).find(({ peer }) => peer.kind === "dummy")?.peer.name;
  const heard = observation.dummies.find(({ name }) => name === linked)?.publisher;
  if (heard === undefined || !topology.publishers.some(({ name }) => name === heard)) return;
  const publisher = publisherOf(topology, heard);
  const changes = [dummyPlan(topology, publisher), publisherPlan(topology, publisher)].flatMap((wanted) => {
    const placed = applied.find(({ plan }) => plan.name === wanted.name)?.plan;
    return placed === undefined ? [] : changedOf(placed, wanted).map((field) => `${wanted.name}: ${field}`);
  });
  if (changes.length === 0) return;
  throw new UserError(`this change restarts ${publisher.name}, which is heard now (${changes.join(", ")})`, {
    code: "active-restart",
    hint: `flip first: pulumi config set activePublisher <another>, pulumi up; then make this change. Or accept the silence: pulumi config set allowActiveRestart true`,
  });
}

function changedOf(placed: ServerPlan | PublisherPlan, wanted: ServerPlan | PublisherPlan): readonly string[] {
  const before = restartFields(placed);
  return Object.entries(restartFields(wanted)).flatMap(([field, value]) => (before[field] === value ? [] : [field]));
}

/** What cannot be changed by a reload. */
function restartFields(plan: ServerPlan | PublisherPlan): Record<string, string> {
  const fields =
    "kind" in plan
      ? { address: plan.address, clientPort: plan.clientPort, monitorPort: plan.monitorPort, version: plan.version }
      : { command: plan.command, environment: plan.environment, rate: plan.rate, url: plan.url };
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)]));
}
