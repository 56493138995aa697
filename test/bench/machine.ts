// What a benchmark ran on: without it no number of it means anything. Only asks.

import { spawnSync } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { look } from "../../scripts/toolchain/look.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { isTool } from "../../scripts/toolchain/tool.ts";

/** The machine, when a section began. */
export interface Machine {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly natsServer: string;
  readonly pulumi: string;
  /** Processes that wanted to run in the minute before: more than cores means that others were at work, too. */
  readonly load: number;
}

/** Looks at it. */
export function machineNow(): Machine {
  return {
    at: new Date().toISOString(),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() || "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: /^[\d.]+/.exec(release())?.[0] ?? release(),
    node: process.versions.node,
    natsServer:
      /v?(\d+\.\d+\.\d+\S*)/.exec(spawnSync(natsServerPath(), ["--version"], { encoding: "utf8" }).stdout)?.[1] ?? "",
    pulumi: pulumiLine(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

function pulumiLine(): string {
  const { pulumi, languageHost, commandPlugin, dockerPlugin } = look();
  if (!isTool(pulumi)) return "none";
  const standIns = [languageHost, commandPlugin, dockerPlugin]
    .filter((tool) => tool !== undefined)
    .filter(isTool)
    .filter(({ standIn }) => standIn);
  const names = standIns.map(({ name }) => name).join(" and ");
  return standIns.length === 0 ? pulumi.version : `${pulumi.version} with natsby's stand-ins for ${names}`;
}
