// The Pulumi program: settings -> topology -> components -> outputs. The only file that runs when it is imported.

import * as pulumi from "@pulumi/pulumi";
import { findDrift } from "./components/drift.ts";
import { HotStandby } from "./components/hot-standby.ts";
import { outputsOf } from "./components/outputs.ts";
import { readRecorded } from "./components/recorded.ts";
import { showCutover } from "./components/show-cutover.ts";
import { messageOf, UserError } from "./core/errors.ts";
import { refuseForeignFolder } from "./core/local-try.ts";
import { parseSettings } from "./core/settings.ts";
import { configFromPulumi } from "./core/stack-config.ts";
import type { Topology } from "./core/topology.ts";
import { topologyOf } from "./core/topology-of.ts";

const name = { project: pulumi.getProject(), stack: pulumi.getStack() };
const secretKeys = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
const topology = refusing(() =>
  topologyOf(parseSettings(configFromPulumi(name, pulumi.runtime.allConfig(), secretKeys)), name),
);
refusing(() => refuseForeignFolder(name.stack, topology.dataDir, process.env.PULUMI_BACKEND_URL));
const clusterSecret = new pulumi.Config().requireSecret("clusterSecret");

const recorded = await readRecorded();
const drift = await lookForDrift(topology).catch(refuse);
const standby = new HotStandby("natsby", { topology, clusterSecret, drift: Promise.resolve(drift) });
showCutover(standby, topology, recorded);

export const { activePublisher, epoch, fenced, upstreams, publishers, subscriber, lastCutover } = outputsOf(
  topology,
  clusterSecret,
  standby,
);

/** Not looking is allowed in a preview only: a pull request may have no road to the hosts. */
async function lookForDrift(topology: Topology): ReturnType<typeof findDrift> {
  if (process.env.NATSBY_OBSERVE !== "off" || !pulumi.runtime.isDryRun()) return findDrift(topology, recorded);
  pulumi.log.warn("NATSBY_OBSERVE=off: nobody looked at the running servers, so drift is not known");
  return new Map();
}

function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(error);
  }
}

/** A UserError is shown as what it is; anything else is a bug and keeps its stack. */
function refuse(error: unknown): never {
  if (!(error instanceof UserError)) throw error;
  const hint = error.hint === undefined ? "" : `\n  try: ${error.hint}`;
  throw new pulumi.RunError(`natsby exit ${error.exitCode}: ${messageOf(error)}${hint}`);
}
