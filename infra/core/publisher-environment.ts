// What any program needs to publish: where, as whom, and what it may publish. Pure; holds a secret.

import { folderOf } from "./layout.ts";
import type { PublisherPlan } from "./plan.ts";
import { userOf } from "./secrets.ts";
import { serverPassword } from "./server-keys.ts";

/** Where a publisher finds its subjects, as a JSON list. */
export const subjectsPath = ({ dataDir, name }: Pick<PublisherPlan, "dataDir" | "name">): string =>
  `${folderOf(dataDir, name)}/subjects.json`;

/** The variables of a publisher. The user's own come on top. */
export function publisherEnvironment(plan: PublisherPlan, clusterSecret: string): Record<string, string> {
  return {
    NATS_URL: plan.url,
    NATS_USER: userOf(clusterSecret, plan.name),
    NATS_PASSWORD: serverPassword(clusterSecret, plan, plan.dummy, plan.name),
    NATSBY_PUBLISHER: plan.name,
    NATSBY_SUBJECTS_FILE: subjectsPath(plan),
    NATSBY_RATE: String(plan.rate),
    ...plan.environment,
  };
}
