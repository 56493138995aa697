// Starting what outlives natsby: on its own, found again by its mark, with none of natsby's secrets.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findProcesses, stopProcess } from "../../infra/hosts/processes.ts";
import { startProcess } from "../../infra/hosts/start-process.ts";
import { runTypeScript } from "../support/program.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

/** A folder whose processes end with the test. */
function dataFolder() {
  const folder = temporary("data dir");
  const output = join(folder.path, "start.log");
  return {
    path: folder.path,
    output,
    options: { dataDir: folder.path, name: "server0", cwd: folder.path, output },
    async [Symbol.asyncDispose]() {
      const processes = [...findProcesses(folder.path).values()].flat();
      await Promise.all(processes.map((process) => stopProcess(process, { withinMs: 5_000, group: true })));
      folder[Symbol.dispose]();
    },
  };
}

const environmentOf = (pid: number): readonly string[] => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");

test("it leads a session of its own, without a terminal's or a parent's stdin, and is found by its mark", async () => {
  await using folder = dataFolder();
  const pid = await startProcess({ ...folder.options, argv: ["sleep", "60"] });
  assert.deepEqual(
    findProcesses(folder.path)
      .get("server0")
      ?.map((found) => found.pid),
    [pid],
  );
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  assert.deepEqual([Number(group), Number(session)], [pid, pid]);
  assert.equal(readlinkSync(`/proc/${pid}/fd/0`), "/dev/null");
  assert.equal(readlinkSync(`/proc/${pid}/cwd`), folder.path);
});

test("what it prints is added to its log, which is private", async () => {
  await using folder = dataFolder();
  for (const word of ["one", "two"]) {
    const pid = await startProcess({ ...folder.options, argv: ["sh", "-c", `echo ${word}; echo ${word}! >&2`] });
    await until("it has ended", () => !findProcesses(folder.path).has("server0") && pid);
  }
  assert.equal(readFileSync(folder.output, "utf8"), "one\none!\ntwo\ntwo!\n");
  assert.equal(statSync(folder.output).mode & 0o777, 0o600);
});

test("of natsby's own variables it is given the mark and the cache, of Pulumi's none", async () => {
  await using folder = dataFolder();
  const secrets = {
    PULUMI_CONFIG_PASSPHRASE: "secret",
    PULUMI_BACKEND_URL: "file:///x",
    NATSBY_NATS_SERVER: "/x",
    NATSBY_OBSERVE: "off",
  };
  const others = { NATSBY_CACHE: "/cache", NODE_COMPILE_CACHE: "/x", UNRELATED: "kept" };
  await using parent = runTypeScript(
    `import { startProcess } from "#infra/hosts/start-process.ts";
    const options = ${JSON.stringify({ ...folder.options, argv: ["sleep", "60"] })};
    console.log(await startProcess({ ...options, environment: { OWN: "yes", NATSBY_RATE: "10" } }));`,
    { ...secrets, ...others },
  );
  const pid = Number(await parent.line());
  const seen = environmentOf(pid).filter((line) => /^(PULUMI|NATSBY|NODE_COMPILE|UNRELATED|OWN)/.test(line));
  assert.deepEqual(seen.toSorted(), [
    "NATSBY_CACHE=/cache",
    `NATSBY_PROCESS=${folder.path}/server0`,
    "NATSBY_RATE=10",
    "OWN=yes",
    "UNRELATED=kept",
  ]);
});

test("it outlives who started it and holds none of its pipes: whoever waits for those is not kept waiting", async () => {
  await using folder = dataFolder();
  await using parent = runTypeScript(
    `import { startProcess } from "#infra/hosts/start-process.ts";
    console.log(await startProcess(${JSON.stringify({ ...folder.options, argv: ["sleep", "60"] })}));`,
  );
  const pid = Number(await parent.line());
  assert.deepEqual(await parent.ended, { code: 0, signal: null, stderr: "" });
  assert.equal(findProcesses(folder.path).get("server0")?.[0]?.pid, pid);
});

test("a program that cannot be executed is refused at once, whatever is wrong with it", async () => {
  await using folder = dataFolder();
  const notExecutable = join(folder.path, "text");
  writeFileSync(notExecutable, "text");
  const start = async (argv: readonly [string], over = {}) => startProcess({ ...folder.options, argv, ...over });
  await assert.rejects(start(["/nowhere/program"]), { code: "ENOENT" });
  await assert.rejects(start([notExecutable]), { code: "EACCES" });
  await assert.rejects(start(["true"], { cwd: join(folder.path, "nowhere") }), { code: "ENOENT" });
  mkdirSync(join(folder.path, "log"));
  await assert.rejects(start(["true"], { output: join(folder.path, "log") }), { code: "EISDIR" });
  assert.equal(findProcesses(folder.path).size, 0);
});
