// What a Docker engine leaves on its machine, even one that was killed: processes, mounts, cgroups, links, files. All carry its id.

import { execFileSync } from "node:child_process";
import { globSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.ts";

const cgroups = "/sys/fs/cgroup";

/** Takes everything away that the engine `id` with its files in `folder` left. */
export async function removeRemains(id: string, folder: string): Promise<void> {
  const groups = groupsOf(id);
  await until("no process of the engine's containers is left", () => killAll(groups) === 0, 10_000).catch(
    () => undefined,
  );
  for (const mount of mountsBelow(folder)) execFileSync("umount", ["--lazy", mount], { stdio: "pipe" });
  for (const group of groups) quietly(() => rmdirSync(group));
  for (const link of readdirSync("/sys/class/net").filter((name) => name.startsWith(id))) {
    quietly(() => execFileSync("ip", ["link", "del", link], { stdio: "pipe" }));
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Deepest first; version 1 has one tree a controller. */
function groupsOf(id: string): readonly string[] {
  const tops = [join(cgroups, id), ...globSync(`${cgroups}/*/${id}`)];
  return tops.flatMap((top) => {
    const found: string[] = [];
    const walk = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) walk(join(folder, entry.name));
      }
      found.push(folder);
    };
    quietly(() => walk(top));
    return found;
  });
}

/** How many were there. */
function killAll(groups: readonly string[]): number {
  const pids = new Set(groups.flatMap((group) => textOf(join(group, "cgroup.procs")).split("\n").filter(Boolean)));
  for (const pid of pids) quietly(() => process.kill(Number(pid), "SIGKILL"));
  return pids.size;
}

/** The newest first: it may lie on an older one. */
function mountsBelow(folder: string): readonly string[] {
  const points = textOf("/proc/self/mountinfo").split("\n");
  return points
    .map((line) => line.split(" ")[4] ?? "")
    .filter((point) => point.startsWith(`${folder}/`))
    .reverse();
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function quietly(work: () => unknown): void {
  try {
    work();
  } catch {}
}
