// Pulumi's command for one publisher's process: `apply/publisher create|update`. Restarts it only when what it runs with changed.

import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import { folderOf } from "../../infra/core/layout.ts";
import type { PublisherPlan } from "../../infra/core/plan.ts";
import { passwordOf } from "../../infra/core/secrets.ts";
import { writeApplied } from "../../infra/hosts/applied.ts";
import { readText, writeText } from "../../infra/hosts/local.ts";
import { withLock } from "../../infra/hosts/lock.ts";
import { findProcesses } from "../../infra/hosts/processes.ts";
import { startProcess } from "../../infra/hosts/start-process.ts";
import { publisherProgram } from "../publisher/program.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { takeFolder } from "./owner.ts";
import { subjectsPath, writeSubjects } from "./publisher-subjects.ts";
import { type Request, runCommand } from "./request.ts";
import { stopServer } from "./server-process.ts";

/** A program that ends within this time did not start. */
const settledMs = 300;

/** Longer than any start or stop that may be under way: two at once would start two publishers, and both would be heard. */
const turnMs = 60_000;

await runCommand<PublisherPlan>(({ plan, clusterSecret }) =>
  withLock(folderOf(plan.dataDir, plan.name), turnMs, () => apply({ plan, clusterSecret })),
);

async function apply({ plan, clusterSecret }: Request<PublisherPlan>): Promise<string> {
  await takeFolder(plan.dataDir, clusterSecret);
  const folder = folderOf(plan.dataDir, plan.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const environment = environmentOf(plan, clusterSecret);
  await writeApplied({ plan });
  await writeSubjects(plan, "grow");
  const running = findProcesses(plan.dataDir).get(plan.name)?.[0];
  const digest = createHash("sha256")
    .update(JSON.stringify([plan.command, environment]))
    .digest("hex");
  const digestPath = `${folder}/running.digest`;
  if (running !== undefined && !running.frozen && (await readText(digestPath)) === digest) {
    return `${plan.name} runs already (pid ${running.pid})`;
  }
  if (!(await stopServer(plan.dataDir, plan.name, plan.timeouts.stop))) {
    throw new UserError(`${plan.name} (pid ${running?.pid}) cannot be stopped`, { code: "will-not-stop" });
  }
  await writeText(digestPath, digest, 0o600);
  const pid = await startPublisher(plan, environment, folder);
  return `${plan.name} started (pid ${pid})`;
}

async function startPublisher(
  plan: PublisherPlan,
  environment: Record<string, string>,
  folder: string,
): Promise<number> {
  const argv = publisherProgram(plan);
  const output = `${folder}/publisher.log`;
  const hint = `try it by hand: ${argv.join(" ")}; its output is in ${output}`;
  const { dataDir, name } = plan;
  const pid = await startProcess({ dataDir, name, argv, cwd: projectRoot, environment, output }).catch((cause) => {
    throw new UserError(`${name} cannot be started: ${cause.message}`, { code: "publisher-failed", hint, cause });
  });
  await sleep(settledMs);
  if (findProcesses(dataDir).has(name)) return pid;
  throw new UserError(`${name} ended within ${settledMs} ms of its start`, { code: "publisher-failed", hint });
}

/** What any program needs to publish: where, as whom, and what it may publish. The user's own variables come on top. */
function environmentOf(plan: PublisherPlan, clusterSecret: string): Record<string, string> {
  return {
    NATS_URL: plan.url,
    NATS_USER: plan.name,
    NATS_PASSWORD: passwordOf(clusterSecret, plan.dummy, plan.name),
    NATSBY_PUBLISHER: plan.name,
    NATSBY_SUBJECTS_FILE: subjectsPath(plan),
    NATSBY_RATE: String(plan.rate),
    ...plan.environment,
  };
}
