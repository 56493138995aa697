// Looks at each host of a stack before its first `pulumi up`: whether it is reached, lets natsby in, and has what is needed there.

import { messageOf, UserError } from "../../infra/core/errors.ts";
import { type Check, checkHost } from "../../infra/core/host-checks.ts";
import { parseSettings } from "../../infra/core/settings.ts";
import { configFromFile } from "../../infra/core/stack-config.ts";
import type { EngineAddress, Topology } from "../../infra/core/topology.ts";
import { topologyOf } from "../../infra/core/topology-of.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { hostFacts, wantedPorts } from "../../infra/hosts/host-facts.ts";
import { type HostKeys, hostsPlan, openHosts } from "../../infra/hosts/stack-hosts.ts";
import { stackNamed } from "../stack.ts";
import { configText } from "../stack-config-file.ts";
import { checkEngine } from "./check-engine.ts";

const engineMs = 10_000;

/** What was found at a host. */
export interface CheckedHost {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** What {@link checkHosts} takes from outside. */
export interface CheckParts {
  readonly folder: string;
  readonly keysOf: (stack: string, folder: string) => Promise<HostKeys>;
}

/** All at once, but those that were given up. None where the stack has no hosts of its own. @throws UserError where a stack is named that is none. */
export async function checkHosts(
  named: string | undefined,
  { folder, keysOf }: CheckParts,
): Promise<readonly CheckedHost[]> {
  // Whoever names none may have none yet: then the tools alone are looked at.
  const name = await stackNamed(named, folder).catch((error) => orNull(named, error));
  if (name === null) return [];
  const text = await configText(name.stack, folder).catch((error) => orNull(named, error));
  if (text === null) return [];
  const config = configFromFile(name, text);
  if (config.values.platform !== "ssh" && config.values.platform !== "docker") return [];
  try {
    const topology = topologyOf(parseSettings(config), name);
    if (topology.engines !== undefined)
      return await Promise.all(topology.engines.map((one) => engineOf(one, topology)));
    const keys = (): Promise<HostKeys> => keysOf(name.stack, folder);
    await using hosts = await openHosts(hostsPlan(topology), topology.dataDir, keys);
    const asked = hosts.without(topology.fenced).all;
    return await Promise.all(asked.map(async (host) => ({ name: host.name, checks: await checksOf(host, topology) })));
  } catch (error) {
    return [{ name: `stack ${name.stack}`, checks: [refused("config", error)] }];
  }
}

function orNull(named: string | undefined, error: unknown): null {
  if (named === undefined && error instanceof UserError) return null;
  throw error;
}

async function engineOf(engine: EngineAddress, { timeouts }: Topology): Promise<CheckedHost> {
  const checks = await checkEngine(engine, timeouts.host ?? engineMs).catch((error) => [refused("reach", error)]);
  return { name: engine.name, checks };
}

async function checksOf(host: Host, topology: Topology): Promise<readonly Check[]> {
  try {
    const facts = await hostFacts(host, topology.dataDir);
    const text = `${facts.roundTripMs} ms there and back; its key is the config's`;
    const ports = await wantedPorts(host, topology);
    return [{ name: "reach", ok: true, needed: true, text }, ...checkHost(facts, ports, process.arch)];
  } catch (error) {
    return [refused("reach", error)];
  }
}

function refused(name: string, error: unknown): Check {
  if (!(error instanceof UserError)) throw error;
  const mend = error.hint === undefined ? {} : { mend: error.hint };
  return { name, ok: false, needed: true, text: messageOf(error), ...mend };
}
