// The Pulumi program: settings -> topology -> components -> outputs. The only file that runs when it is imported.

import * as pulumi from "@pulumi/pulumi";
import { pendingOnce, wakesCutover } from "./components/accepting.ts";
import { findDrift } from "./components/drift.ts";
import { HotStandby } from "./components/hot-standby.ts";
import { keepsOldSecret } from "./components/old-secret.ts";
import { outputsOf } from "./components/outputs.ts";
import { readRecorded } from "./components/recorded.ts";
import { refuse, refusing } from "./components/refuse.ts";
import { showCutover } from "./components/show-cutover.ts";
import { leftAlone } from "./core/left-alone.ts";
import { refuseForeignFolder } from "./core/local-try.ts";
import { clusterSecretFrom, instanceOf } from "./core/secrets.ts";
import { parseSettings } from "./core/settings.ts";
import { configFromPulumi } from "./core/stack-config.ts";
import type { Once, Topology } from "./core/topology.ts";
import { topologyOf } from "./core/topology-of.ts";
import { hostKeysIn, hostsOf } from "./hosts/stack-hosts.ts";

const name = { project: pulumi.getProject(), stack: pulumi.getStack() };
const secretKeys = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
const given = configFromPulumi(name, pulumi.runtime.allConfig(), secretKeys);
const topology = refusing(() => topologyOf(parseSettings(given), name));
refusing(() => refuseForeignFolder(name.stack, topology, process.env.PULUMI_BACKEND_URL));
const alone = refusing(() => leftAlone(topology, process.env.NATSBY_HOLD));
const config = new pulumi.Config();
const clusterSecret = pulumi
  .all([config.requireSecret("clusterSecret"), config.getSecret("clusterSecretPrevious")])
  .apply(([current, previous]) => clusterSecretFrom(current, previous));

const sshPrivateKeys = hostKeysIn(given.values.sshPrivateKeys);
const open = () => hostsOf(topology, sshPrivateKeys);
const hosts = await open();
const recorded = await readRecorded();
const { once, drift, keepsOld } = await look()
  .catch(refuse)
  // An open connection would keep a program that refuses from ending.
  .finally(() => hosts[Symbol.asyncDispose]());
const standby = refusing(
  () =>
    new HotStandby("natsby", {
      topology,
      clusterSecret,
      sshPrivateKeys: pulumi.secret(sshPrivateKeys),
      drift: Promise.resolve(drift),
      alone,
      keepsOldSecret: keepsOld,
      once: Promise.resolve(wakesCutover(topology, recorded, drift) ? once : null),
    }),
);
showCutover(standby, open, recorded);

export const { activePublisher, epoch, fenced, upstreams, publishers, subscriber, lastCutover } = outputsOf(
  topology,
  clusterSecret,
  standby,
);

async function look() {
  const once = await pendingOnce(topology, hosts);
  const drift = await lookForDrift(topology, once);
  const previous = topology.engines === undefined ? undefined : given.values.clusterSecretPrevious;
  return { once, drift, keepsOld: await keepsOldSecret(hosts, previous === undefined ? undefined : String(previous)) };
}

/** Not looking is allowed in a preview only: a pull request may have no road to the hosts. */
async function lookForDrift(topology: Topology, once: Once | null): ReturnType<typeof findDrift> {
  if (process.env.NATSBY_OBSERVE !== "off" || !pulumi.runtime.isDryRun())
    return findDrift(topology, recorded, { alone, once, instance: instanceIn(given.values), hosts });
  pulumi.log.warn("NATSBY_OBSERVE=off: nobody looked at the running servers, so drift is not known");
  return new Map();
}

/** Not while the secret is rotated: then both are right. */
function instanceIn({ clusterSecret, clusterSecretPrevious }: Readonly<Record<string, unknown>>): string | undefined {
  return clusterSecretPrevious === undefined ? instanceOf(String(clusterSecret)) : undefined;
}
