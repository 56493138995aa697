// One set-up at a time: the lock among processes, and locks that were left behind.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withLock } from "../../scripts/toolchain/lock.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { rightNode } from "../support/project-copy.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** A process that takes the lock, notes when, holds it for a while, and notes when it lets go. */
function holder(path: string, log: string, forMs: number): ChildProcess {
  const program = `
    import { appendFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(join(projectRoot, "scripts/toolchain/lock.ts"))};
    const note = (word) => appendFileSync(${JSON.stringify(log)}, word + " " + process.pid + "\\n");
    await withLock(${JSON.stringify(path)}, () => note("waits"), async () => {
      note("has");
      await new Promise((resolve) => setTimeout(resolve, ${forMs}));
      note("ends");
    });`;
  return spawn(rightNode, ["--input-type=module", "-e", program], { stdio: "inherit" });
}

const linesOf = (log: string): readonly string[] =>
  existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];

const never = (): void => assert.fail("nobody is to be waited for");

test("three processes have the lock one after the other", async () => {
  using folder = temporary();
  const log = join(folder.path, "log");
  const lock = join(folder.path, "deep/lock");
  await Promise.all([1, 2, 3].map(() => once(holder(lock, log, 300), "exit")));
  const held = linesOf(log).filter((line) => !line.startsWith("waits"));
  assert.equal(held.length, 6);
  for (let n = 0; n < 6; n += 2) assert.equal(held[n + 1], held[n]?.replace("has", "ends"), held.join(", "));
  assert.ok(!existsSync(lock), "the lock is gone");
});

test("the lock of a process that was killed is taken over at once", async () => {
  using folder = temporary();
  const [log, lock] = [join(folder.path, "log"), join(folder.path, "lock")];
  const killed = holder(lock, log, 60_000);
  await until("the lock is held", () => linesOf(log).length === 1, 30_000);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  assert.ok(existsSync(lock), "it was left behind");
  assert.equal(await withLock(lock, never, async () => "mine"), "mine");
});

test("a pid that was given to another process holds no lock", async () => {
  using folder = temporary();
  const lock = join(folder.path, "lock");
  await withLock(lock, never, async () => {
    const mine = JSON.parse(readFileSync(lock, "utf8"));
    writeFileSync(join(folder.path, "other"), JSON.stringify({ ...mine, start: "1", id: "other" }));
  });
  assert.equal(await withLock(join(folder.path, "other"), never, async () => "mine"), "mine");
});

test("a lock of another machine or container counts as long as it is touched", async () => {
  using folder = temporary();
  const lock = join(folder.path, "lock");
  writeFileSync(lock, JSON.stringify({ pid: process.pid, start: "1", world: "elsewhere", id: "theirs" }));
  const told: string[] = [];
  const waiting = withLock(
    lock,
    (who) => told.push(who),
    async () => "mine",
  );
  await until("it says whom it waits for", () => told.length === 1, 30_000);
  assert.deepEqual(told, [`process ${process.pid}`]);
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(lock, longAgo, longAgo);
  assert.equal(await waiting, "mine");
});

test("half a lock is waited for, and taken over when nobody finishes it", async () => {
  using folder = temporary();
  const lock = join(folder.path, "lock");
  writeFileSync(lock, '{"pid":');
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(lock, longAgo, longAgo);
  assert.equal(await withLock(lock, never, async () => "mine"), "mine");
});

test("work that fails lets go of the lock", async () => {
  using folder = temporary();
  const lock = join(folder.path, "lock");
  await assert.rejects(
    withLock(lock, never, () => Promise.reject(new Error("broken"))),
    /broken/,
  );
  assert.ok(!existsSync(lock));
});
