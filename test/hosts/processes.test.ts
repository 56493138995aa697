// Finding and signalling natsby's own processes: real processes, real /proc.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { processMarker } from "../../infra/core/layout.ts";
import { findProcesses, isRunning, signalProcess, stopProcess } from "../../infra/hosts/processes.ts";

const dataDir = mkdtempSync(join(tmpdir(), "natsby processes "));
const children: ChildProcess[] = [];

after(() => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  rmSync(dataDir, { recursive: true });
});

async function start(name: string, argv: readonly string[] = ["sleep", "60"], detached = true): Promise<ChildProcess> {
  const [program = "", ...args] = argv;
  const env = { ...process.env, [processMarker]: `${dataDir}/${name}` };
  const child = spawn(program, args, { detached, env, stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  await once(child, "spawn");
  return child;
}

const only = (name: string) => {
  const [found, ...more] = findProcesses(dataDir).get(name) ?? [];
  assert.ok(found, `${name} is found`);
  assert.deepEqual(more, []);
  return found;
};

test("a marked process is found by its name, with its pid and start", async () => {
  const child = await start("server0");
  const found = only("server0");
  assert.equal(found.pid, child.pid);
  assert.ok(found.startTicks > 0);
  assert.equal(found.frozen, false);
});

test("two processes of one name are both found, the oldest first", async () => {
  const first = await start("twice");
  await sleep(30); // a clock tick is 10 ms
  const second = await start("twice");
  assert.deepEqual(
    findProcesses(dataDir)
      .get("twice")
      ?.map(({ pid }) => pid),
    [first.pid, second.pid],
  );
});

test("whoever was stopped has given up its ports: its threads are gone too", async () => {
  const server =
    "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))";
  for (let round = 0; round < 20; round++) {
    const child = await start("listening", [process.execPath, "-e", server]);
    const [text] = (await once(child.stdout ?? assert.fail("no pipe"), "data")) as [Buffer];
    assert.equal(await stopProcess(only("listening"), { withinMs: 5_000 }), true);
    const next = createServer().listen(Number(text), "127.0.0.1");
    await once(next, "listening");
    next.close();
  }
});

test("another stack's processes, and names below this folder's, are not ours", async () => {
  await start("deep/er");
  await start("server0/../../elsewhere");
  const names = [...findProcesses(dataDir).keys()];
  assert.ok(names.every((name) => !name.includes("/")));
  assert.deepEqual([...findProcesses(`${dataDir}x`).keys()], []);
});

test("children of a publisher are not taken for it, until it is gone", async () => {
  const shell = await start("publisher0", ["sh", "-c", "sleep 61 & echo $!; wait"]);
  const [printed] = (await once(shell.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  assert.equal(only("publisher0").pid, shell.pid);
  shell.kill("SIGKILL");
  await once(shell, "exit");
  const orphan = only("publisher0");
  assert.equal(orphan.pid, Number(printed.toString()));
  assert.equal(await stopProcess(orphan, { withinMs: 2_000 }), true);
});

test("a whole group is stopped with its leader", async () => {
  const shell = await start("publisher1", ["sh", "-c", "sleep 61 & echo $!; wait"]);
  const [printed] = (await once(shell.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  assert.equal(await stopProcess(only("publisher1"), { withinMs: 2_000, signal: "SIGTERM", group: true }), true);
  for (let i = 0; i < 100 && findProcesses(dataDir).has("publisher1"); i++) await sleep(10);
  assert.deepEqual(findProcesses(dataDir).get("publisher1"), undefined, `pid ${printed} ended too`);
});

test("a zombie is not running", async () => {
  // The shell never waits for its child: killed, the child stays as a zombie.
  const marked = `${processMarker}="${dataDir}/zombie" setsid sleep 60 & echo $!; exec sleep 60`;
  const parent = await start("zombies-parent", ["sh", "-c", marked]);
  const [printed] = (await once(parent.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  for (let i = 0; i < 200 && !findProcesses(dataDir).has("zombie"); i++) await sleep(10);
  const child = only("zombie");
  assert.equal(child.pid, Number(printed.toString()));
  assert.equal(await stopProcess(child, { withinMs: 2_000 }), true);
  assert.equal(findProcesses(dataDir).get("zombie"), undefined);
});

test("a frozen process is found and said to be frozen", async () => {
  const child = await start("frozen");
  child.kill("SIGSTOP");
  for (let i = 0; i < 100 && !only("frozen").frozen; i++) await sleep(10);
  assert.equal(only("frozen").frozen, true);
  assert.equal(await stopProcess(only("frozen"), { signal: "SIGTERM", withinMs: 60 }), false);
  assert.equal(await stopProcess(only("frozen"), { withinMs: 2_000 }), true);
});

test("a pid that now belongs to another process is never signalled", async () => {
  const stranger = spawn("sleep", ["60"], { detached: true });
  children.push(stranger);
  await once(stranger, "spawn");
  await start("server1");
  const real = only("server1");
  for (const stale of [
    { ...real, pid: stranger.pid as number },
    { ...real, startTicks: real.startTicks - 1 },
    { ...real, name: "server2" },
    { ...real, dataDir: `${dataDir}2` },
  ]) {
    assert.equal(isRunning(stale), false);
    assert.equal(signalProcess(stale, "SIGKILL"), false);
    assert.equal(await stopProcess(stale, { withinMs: 10 }), true);
  }
  assert.equal(stranger.signalCode, null);
  assert.equal(isRunning(real), true);
});

test("a process that is gone already is stopped, and nothing is signalled", async () => {
  const child = await start("short", ["sleep", "60"]);
  const found = only("short");
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.equal(signalProcess(found, "SIGTERM"), false);
  assert.equal(await stopProcess(found, { withinMs: 10 }), true);
});
