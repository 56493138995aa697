// A cutover that is told to stop, or loses the run that started it: before DETACH it stops, with nothing changed; after it, it finishes.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cutoverPlan } from "../../infra/core/cutover-plan.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { readJournal } from "../../infra/hosts/journal.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { startProgram } from "../support/bounded-run.ts";
import { pausedCutover } from "../support/cutover-run.ts";
import { until } from "../support/until.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

describe("a cutover that should stop", () => {
  let watched: WatchedStack;
  let active = "publisher0";
  before(async () => {
    watched = await startWatched();
    await watched.cutOver("publisher0");
  });
  after(() => watched[Symbol.asyncDispose]());

  const other = () => (active === "publisher0" ? "publisher1" : "publisher0");

  for (const [signal, point] of [
    ["SIGTERM", "before:claim"],
    ["SIGINT", "after:stage"],
    ["SIGHUP", "before:journal"],
  ] as const) {
    test(`${signal} ${point}: it stops, nothing changed`, async () => {
      const files = watched.roleFiles();
      const running = await pausedCutover(watched.stack, other(), point);
      running.signal(signal);
      running.signal("SIGCONT");
      const ran = await running.ended;
      assert.equal(ran.code, 3, ran.output);
      assert.match(ran.stderr, new RegExp(`natsby exit 3: \\w+: stopped by ${signal} before anything was changed`));
      assert.deepEqual(watched.roleFiles(), files);
      watched.nothingLeft();
      await watched.audit(active);
    });
  }

  for (const point of ["after:journal", "after:detach", "after:attach"]) {
    test(`SIGTERM ${point}: it finishes`, async () => {
      const running = await pausedCutover(watched.stack, other(), point);
      for (const signal of ["SIGTERM", "SIGINT", "SIGCONT"] as const) running.signal(signal);
      const ran = await running.ended;
      assert.equal(ran.code, 0, ran.output);
      active = other();
      await watched.audit(active);
    });
  }

  test("the run that started it is killed before DETACH: it stops, nothing changed", async () => {
    await orphaned("after:stage");
    await watched.audit(active);
  });

  test("the run that started it is killed after DETACH: it finishes", async () => {
    await orphaned("after:detach");
    active = other();
    await watched.audit(active);
  });

  /** As Pulumi's plugin does it: a shell that hands over to `setsid`, which starts the cutover and is no parent that dies with the plugin. */
  async function orphaned(point: string): Promise<void> {
    const { clusterSecret, topology } = watched.stack;
    const plan = cutoverPlan({ ...topology, activePublisher: other() });
    const command = "exec setsid --wait ../scripts/run cutover/main";
    const start = `spawn("sh", ["-c", ${JSON.stringify(command)}], { detached: true, stdio: "inherit" })`;
    const plugin = startProgram([process.execPath, "-e", `require("node:child_process").${start}`], {
      cwd: join(projectRoot, "infra"),
      env: { ...(process.env as Record<string, string>), NATSBY_FAILPOINT: `${point}:SIGSTOP` },
      stdin: JSON.stringify({ plan, clusterSecret }),
    });
    const tickets = async () => (await journal()).filter(({ state }) => state === "finished").length;
    const before = await tickets();
    const cutover = await until("the cutover stops", () => stoppedBelow(plugin.pid), 20_000);
    const setsid = parentOf(cutover);
    plugin.signal("SIGKILL");
    await until("it is an orphan", () => parentOf(setsid) !== plugin.pid);
    process.kill(cutover, "SIGCONT");
    await until("it ends", async () => (await tickets()) > before, 20_000);
  }

  const journal = () => readJournal(localHosts(watched.stack.topology.dataDir));
});

/** The stopped descendant of a process. */
function stoppedBelow(pid: number): number | null {
  const children = readdirSync("/proc")
    .map(Number)
    .filter((child) => child > 0 && parentOf(child) === pid);
  for (const child of children) {
    if (/^State:\tT/m.test(statusOf(child))) return child;
    const below = stoppedBelow(child);
    if (below !== null) return below;
  }
  return null;
}

const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)/m.exec(statusOf(pid))?.[1]);

/** Nothing of a process that is gone. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}
