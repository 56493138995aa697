// What Pulumi hands to a command: JSON on stdin, secrets included, since a command line and an environment can be read by others.

import { text } from "node:stream/consumers";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Hosts, Placed } from "../../infra/hosts/hosts.ts";
import { type HostKeys, type HostsPlan, openHosts } from "../../infra/hosts/stack-hosts.ts";

/** A plan and the secret everything in it is derived from. */
export interface Request<Plan> {
  readonly plan: Plan;
  readonly clusterSecret: ClusterSecret;
  /** Absent where all is on this machine. */
  readonly hosts?: HostsPlan;
  readonly sshPrivateKeys?: HostKeys;
}

/** Every host of a request, given up or not. None is contacted. */
export const allHostsOf = (request: Request<unknown>, dataDir: string): Promise<Hosts> =>
  openHosts(request.hosts ?? null, dataDir, async () => request.sshPrivateKeys ?? {});

/**
 * The hosts that a request is about: none of those that the newest run gave up. That is asked of the host at hand, since who was
 * given up must be no input of a resource that a failover leaves alone.
 */
export async function hostsFor(request: Request<unknown>, dataDir: string, placed: Placed): Promise<Hosts> {
  const hosts = await allHostsOf(request, dataDir);
  if (request.hosts === undefined) return hosts;
  const { fenced } = await hosts.of(placed).guard();
  return hosts.without(fenced);
}

/** An open connection to a server that answers no more would keep the process for ever. */
const lingerMs = 500;

/** Runs one command of Pulumi's: reads the request, prints one line, and ends with natsby's exit code. */
export async function runCommand<Plan>(work: (request: Request<Plan>) => Promise<string>): Promise<void> {
  try {
    const line = await work(JSON.parse(await text(process.stdin)) as Request<Plan>);
    process.stdout.write(`${line}\n`);
  } catch (error) {
    process.exitCode = report(error);
  }
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** Prints an error as the user should see it and names the exit code. */
function report(error: unknown): number {
  if (!(error instanceof UserError)) {
    process.stderr.write(`natsby: a bug: ${error instanceof Error ? error.stack : messageOf(error)}\n`);
    return exitCodes.internal;
  }
  process.stderr.write(`natsby exit ${error.exitCode}: ${error.message}\n`);
  if (error.hint !== undefined) process.stderr.write(`  try: ${error.hint}\n`);
  if (error.code !== "refused") process.stderr.write(`  see: docs/problems.md, ${error.code}\n`);
  return error.exitCode;
}
