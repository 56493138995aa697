// The file in a publisher's folder that says what it publishes on: a change of subjects restarts nobody.

import { folderOf } from "../../infra/core/layout.ts";
import type { PublisherPlan } from "../../infra/core/plan.ts";
import { readText, writeText } from "../../infra/hosts/local.ts";
import type { ListsMode } from "./server-files.ts";

/** Where a publisher finds its subjects, as a JSON list. */
export const subjectsPath = ({ dataDir, name }: Pick<PublisherPlan, "dataDir" | "name">): string =>
  `${folderOf(dataDir, name)}/subjects.json`;

/** Writes them: before a cutover with those that are about to go, after it exactly as planned. */
export async function writeSubjects(plan: PublisherPlan, mode: ListsMode): Promise<void> {
  const path = subjectsPath(plan);
  const present = mode === "grow" ? listIn(await readText(path)) : [];
  const kept = present.filter((subject) => !plan.subjects.includes(subject));
  const text = `${JSON.stringify([...plan.subjects, ...kept])}\n`;
  if (text !== (await readText(path))) await writeText(path, text, 0o600);
}

function listIn(text: string | null): readonly string[] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((subject) => typeof subject === "string") : [];
  } catch {
    return [];
  }
}
