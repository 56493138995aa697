// The process of one server: started, reloaded or restarted until it runs what its files say, and that is proved by asking it.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { fileNames, fileOf, folderOf, logName } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Host, RunningProcess } from "../../infra/hosts/host.ts";
import { versionIn } from "../toolchain/version.ts";
import { askedAt } from "./mesh.ts";

const pollMs = 10;
const versionMs = 10_000;

/** Longer than any start or stop that may be under way: an orphan of a run that was killed. */
const turnMs = 60_000;

/** Brings the server to run the config with this digest. Says what was done. Two that do it at once take turns. */
export function runServer(host: Host, plan: ServerPlan, clusterSecret: ClusterSecret, wanted: Wanted): Promise<string> {
  return host.inTurn(folderOf(plan.dataDir, plan.name), turnMs, () => run(host, plan, clusterSecret, wanted));
}

async function run(host: Host, plan: ServerPlan, clusterSecret: ClusterSecret, wanted: Wanted): Promise<string> {
  const running = await theOneProcess(host, plan.name, plan.timeouts.stop, plan);
  if (running === undefined) return start(host, plan, clusterSecret, wanted);
  if (running.frozen) return restart(host, plan, clusterSecret, wanted, running, "it was frozen");
  const seen = await ask(host, plan, clusterSecret).catch(() => null);
  if (seen === null) return restart(host, plan, clusterSecret, wanted, running, "it did not answer");
  if (seen.version !== (await versionOf(host, wanted.natsServer)))
    return restart(host, plan, clusterSecret, wanted, running, `it ran ${seen.version}`);
  const isLoaded = seen.digest === wanted.digest && seen.loadedAt >= (await newestKey(host, plan));
  if (isLoaded) return `runs already (pid ${running.pid})`;
  return reload(host, plan, clusterSecret, wanted, running);
}

/**
 * The process of this name, once every other one of it is stopped: started by hand, or by a command that outlived its run. The
 * right one of several is who listens where it should; else the oldest, since natsby starts none beside another.
 * @param listens where it listens. @default nowhere
 */
export async function theOneProcess(
  host: Host,
  name: string,
  withinMs: number,
  listens?: Pick<ServerPlan, "address" | "clientPort">,
): Promise<RunningProcess | undefined> {
  const all = (await host.processes()).get(name) ?? [];
  if (all.length < 2) return all[0];
  const owner = listens && (await host.portOwner(listens.address, listens.clientPort));
  const kept = all.find(({ pid }) => owner?.includes(`(pid ${pid})`)) ?? all[0];
  const others = all.filter((one) => one !== kept);
  const gone = await Promise.all(others.map((one) => stopOne(host, one, withinMs)));
  const left = others.filter((_, at) => !gone[at]).map(({ pid }) => pid);
  if (left.length === 0) return kept;
  throw new UserError(`a second process of ${name} (pid ${left.join(", ")}) cannot be stopped`, {
    code: "will-not-stop",
  });
}

/** Stops the server: SIGTERM, then SIGKILL. True when nothing is left. */
export async function stopServer(host: Host, name: string, withinMs: number): Promise<boolean> {
  const processes = (await host.processes()).get(name) ?? [];
  const stopped = await Promise.all(processes.map((process) => stopOne(host, process, withinMs)));
  return stopped.every((gone) => gone);
}

async function stopOne(host: Host, process: RunningProcess, withinMs: number): Promise<boolean> {
  const polite = !process.frozen && (await host.stop(process, { withinMs, signal: "SIGTERM", group: true }));
  return polite || host.stop(process, { withinMs, signal: "SIGKILL", group: true });
}

interface Seen {
  readonly digest: string;
  readonly version: string;
  /** When it read its config and its keys, in milliseconds. */
  readonly loadedAt: number;
}

interface Wanted {
  readonly digest: string;
  readonly natsServer: string;
}

async function start(host: Host, plan: ServerPlan, clusterSecret: ClusterSecret, wanted: Wanted): Promise<string> {
  await refuseTakenPorts(host, plan);
  const cwd = folderOf(plan.dataDir, plan.name);
  const argv = [wanted.natsServer, "-c", fileNames.base] as const;
  const lowPorts = [plan.clientPort, plan.clusterPort, plan.monitorPort].some((port) => port !== null && port < 1024);
  const as = { kind: "server", lowPorts } as const;
  const pid = await host.start({ name: plan.name, argv, cwd, output: `${cwd}/start.log`, as });
  try {
    await untilRuns(host, plan, clusterSecret, wanted.digest, pid);
  } catch (error) {
    await stopServer(host, plan.name, plan.timeouts.stop);
    throw error;
  }
  return `started (pid ${pid})`;
}

async function restart(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  wanted: Wanted,
  running: RunningProcess,
  why: string,
): Promise<string> {
  if (!(await stopOne(host, running, plan.timeouts.stop))) {
    throw new UserError(`${plan.name} (pid ${running.pid}) outlived SIGKILL by ${plan.timeouts.stop / 1000} s`, {
      code: "will-not-stop",
      hint: "its disk or kernel hangs: look with `ps -o pid,stat,wchan`",
    });
  }
  return `re${await start(host, plan, clusterSecret, wanted)}: ${why}`;
}

async function reload(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  wanted: Wanted,
  running: RunningProcess,
): Promise<string> {
  try {
    await using connection = await askedAt(host, plan, clusterSecret);
    await connection.reload();
  } catch (error) {
    if (/Authorization|password/i.test(messageOf(error))) await host.signal(running, "SIGHUP");
    else return restart(host, plan, clusterSecret, wanted, running, messageOf(error));
  }
  await untilRuns(host, plan, clusterSecret, wanted.digest, running.pid);
  return `reloaded (pid ${running.pid})`;
}

/** Waits until the server itself says that it runs this config. */
async function untilRuns(
  host: Host,
  plan: ServerPlan,
  clusterSecret: ClusterSecret,
  digest: string,
  pid: number,
): Promise<void> {
  const deadline = performance.now() + plan.timeouts.start;
  let last = "no answer";
  while (performance.now() < deadline) {
    try {
      const seen = await ask(host, plan, clusterSecret);
      if (seen.digest === digest) return;
      last = `it runs ${seen.digest}`;
    } catch (error) {
      last = messageOf(error);
      // A program that is just being loaded has no mark to be found by.
      if (!(await host.lives(pid)) && !(await host.processes()).has(plan.name)) break;
    }
    await sleep(pollMs);
  }
  const folder = folderOf(plan.dataDir, plan.name);
  throw new UserError(`${plan.name} does not run ${digest}: ${last}`, {
    code: "does-not-run",
    hint: `read ${folder}/${logName(plan)} and ${folder}/start.log`,
  });
}

/** What the binary there calls itself: the file of that name may be another one by now. */
async function versionOf(host: Host, natsServer: string): Promise<string> {
  const { stdout, stderr } = await host.run([natsServer, "--version"], { withinMs: versionMs });
  const version = versionIn(stdout);
  if (version !== undefined) return version;
  throw new UserError(`${natsServer} on host ${host.name} does not tell its version: ${(stdout + stderr).trim()}`, {
    code: "tool-missing",
  });
}

/** Of what the digest does not cover: it is of the config's text, which only names these files. */
async function newestKey(host: Host, { dataDir, name }: ServerPlan): Promise<number> {
  const files = await host.look((["ca", "certificate", "key"] as const).map((file) => fileOf(dataDir, name, file)));
  return Math.max(...files.map((file) => (file.kind === "file" ? file.modifiedMs : 0)));
}

async function ask(host: Host, plan: ServerPlan, clusterSecret: ClusterSecret): Promise<Seen> {
  await using connection = await askedAt(host, plan, clusterSecret);
  const varz = (await connection.ask("VARZ")) as {
    config_digest?: string;
    config_load_time?: string;
    version?: string;
  };
  const loadedAt = Date.parse(varz.config_load_time ?? "") || 0;
  return { digest: varz.config_digest ?? "", version: varz.version ?? "", loadedAt };
}

/** A port that somebody else has would show only as a dead process: named before the start instead. */
/** A process that was killed is gone before the kernel has closed all that it listened on. */
const closingMs = 1_000;

async function lastingOwner(host: Host, address: string, port: number): Promise<string | null> {
  const deadline = performance.now() + closingMs;
  for (;;) {
    const owner = await host.portOwner(address, port);
    if (owner === null || performance.now() > deadline) return owner;
    await sleep(pollMs);
  }
}

async function refuseTakenPorts(host: Host, plan: ServerPlan): Promise<void> {
  for (const port of [plan.clientPort, plan.monitorPort, plan.clusterPort]) {
    const owner = port === null ? null : await lastingOwner(host, plan.address, port);
    if (owner === null) continue;
    throw new UserError(`port ${port} of ${plan.name} on ${plan.address} is taken by ${owner}`, {
      code: "port-taken",
      hint: `stop it, or give ${plan.name} another port in the stack's config`,
    });
  }
}
