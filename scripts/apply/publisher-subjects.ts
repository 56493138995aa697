// The file in a publisher's folder that says what it publishes on: a change of subjects restarts nobody.

import type { PublisherPlan } from "../../infra/core/plan.ts";
import { subjectsPath } from "../../infra/core/publisher-environment.ts";
import type { Host } from "../../infra/hosts/host.ts";
import type { ListsMode } from "./server-files.ts";

/** Far longer than a file takes to be written. */
const turnMs = 10_000;

/** Writes them: before a cutover with those that are about to go, after it exactly as planned. Two that do it at once take turns. */
export function writeSubjects(host: Host, plan: PublisherPlan, mode: ListsMode): Promise<void> {
  const path = subjectsPath(plan);
  return host.inTurn(path, turnMs, () => write(host, path, plan, mode));
}

async function write(host: Host, path: string, plan: PublisherPlan, mode: ListsMode): Promise<void> {
  const present = mode === "grow" ? listIn(await host.read(path)) : [];
  const kept = present.filter((subject) => !plan.subjects.includes(subject));
  const text = `${JSON.stringify([...plan.subjects, ...kept])}\n`;
  if (text !== (await host.read(path))) await host.write(path, text, 0o600);
}

function listIn(text: string | null): readonly string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((subject) => typeof subject === "string") : [];
  } catch {
    return [];
  }
}
