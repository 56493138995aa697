// What was last put on a host for each server and publisher: tells an edit by hand from a change of the config, and finds what the config dropped.

import { createHash } from "node:crypto";
import { folderOf } from "../core/layout.ts";
import type { PublisherPlan, ServerPlan } from "../core/plan.ts";
import type { Host } from "./host.ts";
import { askAll, type Hosts } from "./hosts.ts";

/** Of the files as they were put there. A digest of strong passwords tells nobody what they are. */
export type PlacedDigests = Readonly<Record<"keys" | "lists", string>>;

/** The record in a server's or publisher's folder. Holds no secret. */
export interface Applied<Plan = ServerPlan | PublisherPlan> {
  readonly plan: Plan;
  /** The nats-server that runs it; absent for a publisher. */
  readonly natsServer?: string;
  /** Digests of those of its files that the plan does not show; absent for a publisher. */
  readonly digests?: PlacedDigests;
  /** The public name of the secret whose password a publisher runs with; absent for a server. */
  readonly instance?: string;
}

const recordName = "applied.json";

/** Writes the record, last of all. */
export async function writeApplied(host: Host, { plan, ...more }: Applied): Promise<void> {
  const path = `${folderOf(plan.dataDir, plan.name)}/${recordName}`;
  await host.write(path, `${JSON.stringify({ plan, ...more } satisfies Applied)}\n`, 0o600);
}

/** Every record of the stack, of the hosts that can be reached; a broken one counts as none. */
export async function readApplied({ all, dataDir }: Pick<Hosts, "all" | "dataDir">): Promise<readonly Applied[]> {
  if (all.length === 0) return [];
  return (await askAll(all, (host) => readAt(host, dataDir))).flat();
}

async function readAt(host: Host, dataDir: string): Promise<readonly Applied[]> {
  const names = await host.list(dataDir);
  const found = await host.look(names.map((name) => `${folderOf(dataDir, name)}/${recordName}`));
  return found.flatMap((one) => {
    try {
      const record = JSON.parse((one.kind === "file" && one.text) || "null") as Applied | null;
      return typeof record?.plan?.name === "string" ? [record] : [];
    } catch {
      return [];
    }
  });
}

/** Whether the record is a server's. */
export const isServer = (applied: Applied): applied is Applied<ServerPlan> => "kind" in applied.plan;

/** The digest of a text, as it stands in a record. */
export const textDigest = (text: string): string => createHash("sha256").update(text).digest("hex");
