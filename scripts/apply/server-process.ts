// The process of one server: started, reloaded or restarted until it runs what its files say, and that is proved by asking it.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { fileNames, folderOf } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import { passwordOf, users } from "../../infra/core/secrets.ts";
import { withLock } from "../../infra/hosts/lock.ts";
import { findProcesses, type RunningProcess, signalProcess, stopProcess } from "../../infra/hosts/processes.ts";
import { startProcess } from "../../infra/hosts/start-process.ts";
import { ServerConnection } from "../../infra/observe/server-connection.ts";
import { portOwner } from "../port-owner.ts";

const pollMs = 10;

/** Longer than any start or stop that may be under way: an orphan of a run that was killed. */
const turnMs = 60_000;

/** Brings the server to run the config with this digest. Says what was done. Two that do it at once take turns. */
export function runServer(plan: ServerPlan, clusterSecret: string, wanted: Wanted): Promise<string> {
  return withLock(folderOf(plan.dataDir, plan.name), turnMs, () => run(plan, clusterSecret, wanted));
}

async function run(plan: ServerPlan, clusterSecret: string, wanted: Wanted): Promise<string> {
  const running = findProcesses(plan.dataDir).get(plan.name)?.[0];
  if (running === undefined) return start(plan, clusterSecret, wanted);
  if (running.frozen) return restart(plan, clusterSecret, wanted, running, "it was frozen");
  const seen = await ask(plan, clusterSecret).catch(() => null);
  if (seen === null) return restart(plan, clusterSecret, wanted, running, "it did not answer");
  if (seen.version !== plan.version) return restart(plan, clusterSecret, wanted, running, `it ran ${seen.version}`);
  if (seen.digest === wanted.digest) return `runs already (pid ${running.pid})`;
  return reload(plan, clusterSecret, wanted, running);
}

/** Stops the server: SIGTERM, then SIGKILL. True when nothing is left. */
export async function stopServer(dataDir: string, name: string, withinMs: number): Promise<boolean> {
  const processes = findProcesses(dataDir).get(name) ?? [];
  const stopped = await Promise.all(processes.map((process) => stopOne(process, withinMs)));
  return stopped.every((gone) => gone);
}

async function stopOne(process: RunningProcess, withinMs: number): Promise<boolean> {
  const polite = !process.frozen && (await stopProcess(process, { withinMs, signal: "SIGTERM", group: true }));
  return polite || stopProcess(process, { withinMs, signal: "SIGKILL", group: true });
}

interface Wanted {
  readonly digest: string;
  readonly natsServer: string;
}

async function start(plan: ServerPlan, clusterSecret: string, wanted: Wanted): Promise<string> {
  await refuseTakenPorts(plan);
  const cwd = folderOf(plan.dataDir, plan.name);
  const argv = [wanted.natsServer, "-c", fileNames.base] as const;
  const pid = await startProcess({ dataDir: plan.dataDir, name: plan.name, argv, cwd, output: `${cwd}/start.log` });
  try {
    await untilRuns(plan, clusterSecret, wanted.digest);
  } catch (error) {
    await stopServer(plan.dataDir, plan.name, plan.timeouts.stop);
    throw error;
  }
  return `started (pid ${pid})`;
}

async function restart(
  plan: ServerPlan,
  clusterSecret: string,
  wanted: Wanted,
  running: RunningProcess,
  why: string,
): Promise<string> {
  if (!(await stopOne(running, plan.timeouts.stop))) {
    throw new UserError(`${plan.name} (pid ${running.pid}) outlived SIGKILL by ${plan.timeouts.stop / 1000} s`, {
      code: "will-not-stop",
      hint: "its disk or kernel hangs: look with `ps -o pid,stat,wchan`",
    });
  }
  return `re${await start(plan, clusterSecret, wanted)}: ${why}`;
}

async function reload(
  plan: ServerPlan,
  clusterSecret: string,
  wanted: Wanted,
  running: RunningProcess,
): Promise<string> {
  try {
    await using connection = await connect(plan, clusterSecret);
    await connection.reload();
  } catch (error) {
    if (/Authorization|password/i.test(messageOf(error))) signalProcess(running, "SIGHUP");
    else return restart(plan, clusterSecret, wanted, running, messageOf(error));
  }
  await untilRuns(plan, clusterSecret, wanted.digest);
  return `reloaded (pid ${running.pid})`;
}

/** Waits until the server itself says that it runs this config. */
async function untilRuns(plan: ServerPlan, clusterSecret: string, digest: string): Promise<void> {
  const deadline = performance.now() + plan.timeouts.start;
  let last = "no answer";
  while (performance.now() < deadline) {
    try {
      const seen = await ask(plan, clusterSecret);
      if (seen.digest === digest) return;
      last = `it runs ${seen.digest}`;
    } catch (error) {
      last = messageOf(error);
      if (findProcesses(plan.dataDir).get(plan.name) === undefined) break;
    }
    await sleep(pollMs);
  }
  const folder = folderOf(plan.dataDir, plan.name);
  throw new UserError(`${plan.name} does not run ${digest}: ${last}`, {
    code: "does-not-run",
    hint: `read ${folder}/${fileNames.log} and ${folder}/start.log`,
  });
}

async function ask(plan: ServerPlan, clusterSecret: string): Promise<{ digest: string; version: string }> {
  await using connection = await connect(plan, clusterSecret);
  const varz = (await connection.ask("VARZ")) as { config_digest?: string; version?: string };
  return { digest: varz.config_digest ?? "", version: varz.version ?? "" };
}

function connect(plan: ServerPlan, clusterSecret: string): Promise<ServerConnection> {
  return ServerConnection.open(
    {
      name: plan.name,
      url: `nats://${plan.address}:${plan.clientPort}`,
      user: users.system,
      password: passwordOf(clusterSecret, plan.name, users.system),
    },
    plan.timeouts,
  );
}

/** A port that somebody else has would show only as a dead process: named before the start instead. */
async function refuseTakenPorts(plan: ServerPlan): Promise<void> {
  for (const port of [plan.clientPort, plan.monitorPort, plan.clusterPort]) {
    const owner = port === null ? null : await portOwner(plan.address, port);
    if (owner === null) continue;
    throw new UserError(`port ${port} of ${plan.name} on ${plan.address} is taken by ${owner}`, {
      code: "port-taken",
      hint: `stop it, or give ${plan.name} another port in the stack's config`,
    });
  }
}
