// What was last put on this host for each server and publisher: tells an edit by hand from a change of the config, and finds what the config dropped.

import { readdir } from "node:fs/promises";
import { folderOf } from "../core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import { readText, writeText } from "./local.ts";

/** The record in a server's or publisher's folder. Holds no secret. */
export interface Applied<Plan = ServerPlan | PublisherPlan> {
  readonly plan: Plan;
  /** The nats-server that runs it; absent for a publisher. */
  readonly natsServer?: string;
}

const recordName = "applied.json";

/** Writes the record, last of all. */
export async function writeApplied({ plan, ...more }: Applied): Promise<void> {
  const path = `${folderOf(plan.dataDir, plan.name)}/${recordName}`;
  await writeText(path, `${JSON.stringify({ plan, ...more } satisfies Applied)}\n`, 0o600);
}

/** Every record of the stack in `dataDir`; a broken one counts as none. */
export async function readApplied(dataDir: string): Promise<readonly Applied[]> {
  const names = await readdir(dataDir).catch(() => [] as string[]);
  const texts = await Promise.all(
    names.map((name) => readText(`${folderOf(dataDir, name)}/${recordName}`).catch(() => null)),
  );
  return texts.flatMap((text) => {
    try {
      const record = JSON.parse(text ?? "null") as Applied | null;
      return typeof record?.plan?.name === "string" ? [record] : [];
    } catch {
      return [];
    }
  });
}

/** Whether the record is a server's. */
export const isServer = (applied: Applied): applied is Applied<ServerPlan> => "kind" in applied.plan;
