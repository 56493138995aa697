// What was last put on this host for each server and publisher: tells an edit by hand from a change of the config, and finds what the config dropped.

import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { folderOf } from "../core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import { readText, writeText } from "./local.ts";

/** The record in a server's or publisher's folder. Holds no secret. */
export interface Applied<Plan = ServerPlan | PublisherPlan> {
  readonly plan: Plan;
  /** SHA-256 over the files that were placed. */
  readonly files: string;
}

const recordName = "applied.json";

/** Writes the record, last of all. */
export async function writeApplied(plan: ServerPlan | PublisherPlan, files: string): Promise<void> {
  const path = `${folderOf(plan.dataDir, plan.name)}/${recordName}`;
  await writeText(path, `${JSON.stringify({ plan, files } satisfies Applied)}\n`, 0o600);
}

/** Every record of the stack in `dataDir`; a broken one counts as none. */
export async function readApplied(dataDir: string): Promise<readonly Applied[]> {
  const names = await readdir(dataDir).catch(() => [] as string[]);
  const texts = await Promise.all(
    names.map((name) => readText(`${folderOf(dataDir, name)}/${recordName}`).catch(() => null)),
  );
  return texts.flatMap((text) => {
    try {
      return text === null ? [] : [JSON.parse(text) as Applied];
    } catch {
      return [];
    }
  });
}

/** Whether the record is a server's. */
export const isServer = (applied: Applied): applied is Applied<ServerPlan> => "kind" in applied.plan;

/** Digest over texts in the order of their names; a missing one counts as such. */
export function filesDigest(files: Readonly<Record<string, string | null>>): string {
  const hash = createHash("sha256");
  for (const name of Object.keys(files).sort()) hash.update(`${name}\0${files[name] ?? "\0missing"}\0`);
  return hash.digest("hex");
}
