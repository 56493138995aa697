// What of a server's or publisher's plan cannot be changed by a reload: a change of it ends the process and starts it again.

import type { PublisherPlan, ServerPlan } from "./plan.ts";
import { generationOf } from "./server-keys.ts";

/** Names of the fields in which these plans differ, of those that need a restart. */
export function restartsFor(placed: ServerPlan | PublisherPlan, wanted: ServerPlan | PublisherPlan): readonly string[] {
  const before = fieldsOf(placed);
  return Object.entries(fieldsOf(wanted)).flatMap(([field, value]) =>
    before[field] === value || before[field] === undefined ? [] : [field],
  );
}

function fieldsOf(plan: ServerPlan | PublisherPlan): Record<string, string | undefined> {
  const fields = "kind" in plan ? serverFields(plan) : publisherFields(plan);
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)]));
}

/** Its cluster's name, too: a server does not take another one while it runs. A record from before there was one says nothing. */
function serverFields(plan: ServerPlan): object {
  const { address, clientPort, cluster, host, image, monitorPort, version } = plan;
  const generation = generationOf(plan, plan.name);
  return { address, clientPort, cluster, generation, host, image: image ?? null, monitorPort, version };
}

function publisherFields(plan: PublisherPlan): object {
  const { command, environment, host, image, rate, url, user = "" } = plan;
  const generation = generationOf(plan, plan.dummy);
  return { command, environment, generation, host, image: image ?? null, rate, url, user };
}
