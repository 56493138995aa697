// Runs the cutover program itself, without Pulumi: the short way of a failover. Guarded by tickets as any other run.

import { spawn } from "node:child_process";
import { join } from "node:path";
import { cutoverPlan } from "../../infra/core/cutover-plan.ts";
import { type ExitCode, exitCodes } from "../../infra/core/exit-codes.ts";
import type { ClusterSecret } from "../../infra/core/secrets.ts";
import type { Topology } from "../../infra/core/topology.ts";
import type { Hosts } from "../../infra/hosts/hosts.ts";
import type { HostKeys } from "../../infra/hosts/stack-hosts.ts";
import { projectRoot } from "../toolchain/paths.ts";
import { notBegun } from "./told-to-stop.ts";
import { entryAfter, highestTicket, ownWords, type Up } from "./up.ts";

/** Longer than all its own bounds together: it finishes or rolls back within them. */
const withinMs = 120_000;

/** Runs it in a session of its own, as Pulumi's command does: Ctrl-C does not cut it in half. */
export async function cutOverDirectly(
  hosts: Hosts,
  topology: Topology,
  secrets: { readonly clusterSecret: ClusterSecret; readonly sshPrivateKeys: HostKeys },
  reason: string,
): Promise<Up> {
  const stopped = notBegun();
  if (stopped !== null) return stopped;
  const before = await highestTicket(hosts);
  const request = JSON.stringify({ plan: cutoverPlan(topology), ...secrets });
  const { code, stderr } = await runProgram(request, { ...process.env, NATSBY_REASON: reason });
  const entry = await entryAfter(hosts, before, code === exitCodes.locked ? "superseded" : undefined);
  const exitCode = (code ?? entry?.exitCode ?? exitCodes.internal) as ExitCode;
  return { exitCode, entry, words: exitCode === exitCodes.done ? "" : (ownWords(stderr) ?? stderr.trim().slice(-500)) };
}

function runProgram(stdin: string, env: NodeJS.ProcessEnv): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(join(projectRoot, "scripts/run"), ["cutover/main"], {
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stderr = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      if (stream === child.stderr) stderr += text;
      process.stderr.write(text.replace(/^(?=.)/gm, "  "));
    });
  }
  child.stdin.on("error", () => undefined).end(stdin);
  const timer = setTimeout(() => child.kill("SIGKILL"), withinMs);
  // It has a session of its own, and knows where it may stop: before DETACH it does, after it it finishes.
  const stop = () => void child.kill("SIGTERM");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, stop);
      resolve({ code, stderr });
    });
  });
}
