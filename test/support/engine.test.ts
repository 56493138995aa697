// A Docker engine of a test's own leaves nothing, even when its test is killed, and does not see another test's.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { noEngine, startEngine } from "./engine.ts";
import { runTypeScript } from "./program.ts";
import { until } from "./until.ts";

const skip = noEngine() ?? false;

test("two at once: neither sees what the other runs, and a restarted one still does", { skip }, async () => {
  await using one = await startEngine();
  await using other = await startEngine();
  await one.docker(["network", "create", "mine"]);
  const has = async (engine: typeof one) =>
    (await engine.docker(["network", "ls", "--format", "{{.Name}}"])).split("\n");
  assert.deepEqual((await has(one)).sort(), ["bridge", "host", "mine", "none"]);
  assert.deepEqual((await has(other)).sort(), ["bridge", "host", "none"]);
  await one.restart();
  assert.deepEqual((await has(one)).sort(), ["bridge", "host", "mine", "none"]);
});

test("when its test is killed it ends by itself and leaves nothing", { skip }, async () => {
  await using owner = runTypeScript(`
    import { startEngine } from "#test/support/engine.ts";
    const engine = await startEngine();
    await engine.docker(["network", "create", "mine"]);
    console.log(engine.id);
    setInterval(() => undefined, 1_000);
  `);
  const id = await owner.line();
  assert.notEqual(linksOf(id).length, 0);
  owner.signal("SIGKILL");
  const isGone = () => linksOf(id).length === 0 && !readFileSync("/proc/self/mountinfo", "utf8").includes(id);
  await until("nothing of the engine is left", isGone, 30_000);
});

const linksOf = (id: string) => readdirSync("/sys/class/net").filter((name) => name.startsWith(id));
