// The process of one publisher: started, and started again when what it runs with changed.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import { lastActive } from "../../infra/core/history.ts";
import { folderOf } from "../../infra/core/layout.ts";
import type { PublisherPlan } from "../../infra/core/plan.ts";
import { publisherEnvironment } from "../../infra/core/publisher-environment.ts";
import { type ClusterSecret, currentOf, instanceOf, secretsOf } from "../../infra/core/secrets.ts";
import { readApplied, writeApplied } from "../../infra/hosts/applied.ts";
import type { Host, RunningProcess } from "../../infra/hosts/host.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { readOwner } from "../../infra/hosts/owner-file.ts";
import { publisherProgram } from "../publisher/program.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { stopServer, theOneProcess } from "./server-process.ts";

/** The digest of everything that a publisher was started with: another one means another process. */
const digestName = "running.digest";

/** A program that ends within this time did not start. */
const settledMs = 300;

/** Longer than any start or stop that may be under way: two at once would start two publishers, and both would be heard. */
const turnMs = 60_000;

/** Which end of an update it is. */
export type When = "before the cutover" | "after the cutover";

/** Brings the publisher to run what its plan says. Says what was done. Two that do it at once take turns. */
export function runPublisher(
  hosts: Hosts,
  plan: PublisherPlan,
  clusterSecret: ClusterSecret,
  when: When,
): Promise<string> {
  const folder = folderOf(plan.dataDir, plan.name);
  return hosts.of(plan).inTurn(folder, turnMs, () => run(hosts, plan, clusterSecret, when));
}

async function run(hosts: Hosts, plan: PublisherPlan, clusterSecret: ClusterSecret, when: When): Promise<string> {
  const { dataDir, name } = plan;
  const host = hosts.of(plan);
  const folder = folderOf(dataDir, name);
  await host.makeFolder(folder);
  const secret = currentOf(clusterSecret);
  const running = await theOneProcess(host, name, plan.timeouts.stop);
  if (host.natsServer !== undefined) return inContainer(hosts, plan, clusterSecret, when, running);
  const recorded = running === undefined || running.frozen ? null : await host.read(`${folder}/${digestName}`);
  if (recorded === digestOf(plan, secret)) {
    await writeApplied(host, { plan, instance: instanceOf(secret) });
    return `${name} runs already (pid ${running?.pid})`;
  }
  if (recorded !== null && (await keepsOldSecret(hosts, plan, clusterSecret, when, recorded))) {
    return `${name} is active: it keeps the password of the secret before (pid ${running?.pid})`;
  }
  await writeApplied(host, { plan, instance: instanceOf(secret) });
  if (!(await stopServer(host, name, plan.timeouts.stop))) {
    throw new UserError(`${name} (pid ${running?.pid}) cannot be stopped`, { code: "will-not-stop" });
  }
  await host.write(`${folder}/${digestName}`, digestOf(plan, secret), 0o600);
  const pid = await start(host, plan, publisherEnvironment(plan, secret), folder);
  return `${name} started (pid ${pid})`;
}

/** What a container runs with is Pulumi's to see to: one that is not there, or stands still, is only started again. */
async function inContainer(
  hosts: Hosts,
  plan: PublisherPlan,
  clusterSecret: ClusterSecret,
  when: When,
  running: RunningProcess | undefined,
): Promise<string> {
  const { dataDir, name, timeouts } = plan;
  const host = hosts.of(plan);
  await writeApplied(host, { plan, instance: await instanceThere(hosts, plan, clusterSecret, when) });
  if (running !== undefined && !running.frozen) return `${name} runs already (pid ${running.pid})`;
  if (running !== undefined) await stopServer(host, name, timeouts.stop);
  const pid = await start(host, plan, {}, folderOf(dataDir, name));
  return `${name} started (pid ${pid})`;
}

/** The secret that its container runs with: in a rotation the one before, as long as Pulumi's program found it to be heard. */
async function instanceThere(
  hosts: Hosts,
  { name }: PublisherPlan,
  clusterSecret: ClusterSecret,
  when: When,
): Promise<string> {
  const [own = "", previous] = secretsOf(clusterSecret).map(instanceOf);
  const known = (await readApplied(hosts)).find(({ plan }) => plan.name === name)?.instance;
  if (when === "after the cutover") return known ?? own;
  return known !== undefined && known === previous && lastActive(await readJournal(hosts)) === name ? known : own;
}

/**
 * In a rotation of the secret the active publisher is not started again as long as its dummy knows both passwords: until it is
 * standby, or until the cutover is over that comes with the end of the rotation.
 */
async function keepsOldSecret(
  hosts: Hosts,
  plan: PublisherPlan,
  clusterSecret: ClusterSecret,
  when: When,
  recorded: string,
): Promise<boolean> {
  const { dataDir, name } = plan;
  if (lastActive(await readJournal(hosts)) !== name) return false;
  if (typeof clusterSecret !== "string") return recorded === digestOf(plan, clusterSecret.previous);
  if (when === "after the cutover") return false;
  const own = instanceOf(clusterSecret);
  const applied = (await readApplied(hosts)).find((one) => one.plan.name === name);
  const isSamePlan = JSON.stringify(applied?.plan) === JSON.stringify(plan);
  return (await readOwner(hosts.of(plan), dataDir))?.next === own && applied?.instance !== own && isSamePlan;
}

function digestOf(plan: PublisherPlan, secret: string): string {
  const user = plan.user === undefined ? [] : [plan.user];
  const startedWith = JSON.stringify([plan.command, publisherEnvironment(plan, secret), ...user]);
  return createHash("sha256").update(startedWith).digest("hex");
}

async function start(
  host: Host,
  plan: PublisherPlan,
  environment: Record<string, string>,
  folder: string,
): Promise<number> {
  const argv = publisherProgram(plan);
  const output = `${folder}/publisher.log`;
  const hint = `try it by hand: ${argv.join(" ")}; its output is in ${output}`;
  const { name, user } = plan;
  const as = { kind: "publisher", ...(user === undefined ? {} : { user }) } as const;
  const pid = await host
    .start({ name, argv, cwd: plan.host === undefined ? projectRoot : folder, environment, output, as })
    .catch((cause) => {
      throw new UserError(`${name} cannot be started: ${cause.message}`, { code: "publisher-failed", hint, cause });
    });
  await sleep(settledMs);
  if ((await host.processes()).has(name)) return pid;
  throw new UserError(`${name} ended within ${settledMs} ms of its start`, { code: "publisher-failed", hint });
}
