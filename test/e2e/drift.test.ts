// What was killed, frozen or edited by hand: status names it, a preview shows its repair, one `pulumi up` brings it about, and then
// nothing is left to do. The active publisher is not touched by the repair of anything else.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { endsWith, type Ran } from "../support/bounded-run.ts";
import { patient, publishersAt } from "../support/project.ts";
import { routesAt, varzOf } from "../support/servers.ts";
import { isThere } from "../support/stopped-cutover.ts";
import { until } from "../support/until.ts";
import { watchedProject } from "../support/watched-project.ts";

describe("drift", () => {
  const timeouts = { ...patient.timeouts, connect: 4_000, request: 4_000, observe: 5_000, silence: 2_000 };
  const watched = watchedProject({ config: { timeouts, publishers: publishersAt(100, 3) } });
  const { project } = watched;

  const fileOf = (name: string, file: string) => join(project.dataDir, name, file);
  const pidOf = (name: string) => project.processes().get(name)?.pid ?? assert.fail(`${name} does not run`);
  const signal = (name: string, signal: NodeJS.Signals) => watched.signal(signal, name);
  const edit = (path: string, change: (text: string) => string) =>
    writeFileSync(path, change(readFileSync(path, "utf8")));

  /** Named by status, shown by a preview as repairs of these resources, and mended by one `up`; then there is nothing to do. */
  async function repaired(verdict: string, problems: readonly string[], resources: readonly string[]): Promise<Ran> {
    const status = await project.status();
    assert.equal(status.verdict, verdict, JSON.stringify(status.problems));
    const found = status.problems.map(({ code, about }) => `${code} ${about}`);
    for (const problem of problems) assert.ok(found.includes(problem), `${problem} is not among ${found}`);
    const preview = await endsWith(7, project.pulumi(["preview", "--diff", "--expect-no-changes"]));
    for (const resource of resources) {
      const repair = new RegExp(`::${resource}\\]\\n(?:.*\\n){1,4}? +[+~] NATSBY_REPAIR *: .*"found `);
      assert.match(preview.stdout, repair);
    }
    const up = await endsWith(0, project.up());
    await settled();
    return up;
  }

  async function settled(): Promise<void> {
    await watched.witness.hears("publisher0");
    await watched.noChange();
    const status = await project.status();
    assert.deepEqual([status.verdict, status.problems], ["ok", []]);
    for (const { digest } of status.upstreams) assert.equal(digest.running, digest.want);
  }

  /** Since the last time: nothing twice and nothing old. How many were lost, at each upstream. */
  const lost = async (): Promise<readonly number[]> => (await watched.nothingDoubled()).map((at) => at.lost);

  test("standbys killed and frozen, a role file cut short: mended, the active one has no hole", async () => {
    signal("publisher2", "SIGSTOP");
    await until("it counts as silent", async () => (await project.status()).verdict === "degraded");
    for (const name of ["dummy-nats1", "publisher1"]) signal(name, "SIGKILL");
    edit(fileOf("dummy-nats1", "role.conf"), (text) => text.slice(0, -9));
    await repaired(
      "degraded",
      [
        "dummy-down dummy-nats1",
        "standby-silent publisher1",
        "role-file-broken dummy-nats1",
        "standby-silent publisher2",
      ],
      ["dummy-nats1-server", "publisher1-process", "cutover-run", "publisher2-process"],
    );
    assert.deepEqual(await lost(), [0, 0]);
  });

  test("an upstream killed: heard at the other one all the time, and at both afterwards", async () => {
    signal("server1", "SIGKILL");
    await repaired("degraded", ["upstream-down server1"], ["server1-server"]);
    assert.equal((await lost())[0], 0);
  });

  test("the active dummy and its publisher killed: heard again", async () => {
    for (const name of ["dummy-nats0", "publisher0"]) signal(name, "SIGKILL");
    await repaired("silent", ["nobody-linked local"], ["dummy-nats0-server", "publisher0-process", "cutover-run"]);
    await watched.nothingDoubled();
  });

  test("an upstream frozen: unknown, never ok", async () => {
    signal("server0", "SIGSTOP");
    await repaired("unknown", ["server-unknown server0"], ["server0-server", "cutover-run"]);
    await watched.nothingDoubled();
  });

  test("a second dummy attached by hand: doubled; taken off, the active one untouched, its numbers without a hole", async () => {
    const before = await varzOf(await project.status());
    const active = readFileSync(fileOf("dummy-nats0", "role.conf"), "utf8");
    writeFileSync(fileOf("dummy-nats1", "role.conf"), active);
    signal("dummy-nats1", "SIGHUP");
    const { upstreams } = await project.status();
    await until("it is linked", async () => {
      const routes = await Promise.all(upstreams.map(({ monitorUrl }) => routesAt(monitorUrl)));
      return routes.every((at) => at.filter(({ remote_name }) => remote_name === "dummy-nats1").length === 2);
    });
    assert.equal((await project.natsby(["status"])).code, 2);
    await repaired("doubled", ["doubled-link server0", "role-file-differs dummy-nats1"], ["cutover-run"]);
    // While two are heard the order of their numbers is anybody's: it is the active one's own that must be whole.
    for (const { holes } of await watched.witness.take()) assert.equal(holes.publisher0, 0);
    const { "dummy-nats0": now } = await varzOf(await project.status());
    const was = before["dummy-nats0"];
    assert.deepEqual([now?.server_id, now?.config_load_time], [was?.server_id, was?.config_load_time]);
  });

  test("nats.conf, pins and role files edited by hand or gone, not loaded: put back, the active one has no hole", async () => {
    edit(fileOf("server0", "nats.conf"), (text) => `${text}max_connections: 9\n`);
    edit(fileOf("server1", "pins.conf"), (text) => text.replace(/^.*# dummy-nats0\n/m, ""));
    rmSync(fileOf("dummy-nats0", "role.conf"));
    edit(fileOf("dummy-nats2", "role.conf"), (text) => text.replace("[]", '[\n  "nats-route://127.0.0.1:9"\n]'));
    await repaired(
      "drift",
      [
        "config-differs server0",
        "pin-missing server1",
        "role-file-broken dummy-nats0",
        "role-file-differs dummy-nats2",
      ],
      ["server0-server", "cutover-run"],
    );
    assert.deepEqual(await lost(), [0, 0]);
  });

  test("passwords and lists edited by hand and loaded: put back and loaded, the active one has no hole", async () => {
    edit(fileOf("server1", "keys.conf"), (text) => text.replace('.spare"', '.by-hand"'));
    edit(fileOf("dummy-nats2", "lists.conf"), (text) => text.replace("[", '[\n  "by.hand"'));
    for (const name of ["server1", "dummy-nats2"]) signal(name, "SIGHUP");
    await until(
      "both are loaded",
      async () => {
        const { problems } = await project.status();
        return problems.map(({ code }) => code).join() === "files-differ,files-differ";
      },
      20_000,
    );
    await repaired("drift", ["files-differ server1", "files-differ dummy-nats2"], ["cutover-contract"]);
    assert.deepEqual(await lost(), [0, 0]);
    assert.doesNotMatch(readFileSync(fileOf("dummy-nats2", "lists.conf"), "utf8"), /by\.hand/);
  });

  /** Starts another process of a server or publisher, as a hand or an orphaned command would: marked, with all that it was given. */
  async function startAgain(name: string, ...more: readonly string[]): Promise<number> {
    const first = pidOf(name);
    const read = (what: string) => readFileSync(`/proc/${first}/${what}`, "utf8").split("\0").filter(Boolean);
    const [program = "", ...words] = read("cmdline");
    const env = Object.fromEntries(read("environ").map((line) => line.split(/=(.*)/s) as [string, string]));
    const cwd = readlinkSync(`/proc/${first}/cwd`);
    const second = spawn(program, [...words, ...more], { cwd, env, detached: true, stdio: "ignore" });
    second.unref();
    await until("there are two", async () => {
      const { problems } = await project.status();
      return problems.some(({ code, about }) => code === "process-twice" && about === name);
    });
    return second.pid ?? 0;
  }

  test("a second process of a standby publisher and of its dummy: ended, the right ones are kept, nothing is heard twice", async () => {
    const before = project.processes();
    const seconds = [await startAgain("publisher1"), await startAgain("dummy-nats1", "-p", "-1", "-m", "-1")];
    await repaired(
      "drift",
      ["process-twice publisher1", "process-twice dummy-nats1"],
      ["publisher1-process", "dummy-nats1-server"],
    );
    assert.deepEqual(project.processes(), before);
    assert.deepEqual(seconds.filter(isThere), []);
    assert.deepEqual(await lost(), [0, 0]);
  });

  test("a second process of the active publisher, heard twice until it is ended; the first one is not touched", async () => {
    const { pid } = project.processes().get("publisher0") ?? assert.fail();
    const second = await startAgain("publisher0");
    const { output } = await endsWith(0, project.up());
    assert.match(output, new RegExp(`publisher0 runs already \\(pid ${pid}\\)`));
    assert.equal(isThere(second), false);
    await watched.witness.take();
    await settled();
    for (const { holes } of await watched.witness.take()) assert.equal(holes.publisher0, 0);
  });

  test("a pins file gone: written again, the active one has no hole", async () => {
    rmSync(fileOf("server0", "pins.conf"));
    await repaired("drift", ["pins-broken server0"], ["cutover-run"]);
    assert.deepEqual(await lost(), [0, 0]);
  });

  test("a dummy restarted by hand, unmarked: who answers is said, and it is not taken for natsby's own", async () => {
    // The supervisor of somebody else would do it so: the same files, another process.
    signal("dummy-nats2", "SIGKILL");
    await until("it is gone", () => !project.processes().has("dummy-nats2"));
    const { NATSBY_PROCESS: _, ...env } = process.env as Record<string, string>;
    const stranger = spawn(natsServerPath(), ["-c", "nats.conf"], { cwd: join(project.dataDir, "dummy-nats2"), env });
    try {
      await until("it answers", async () => {
        const { problems } = await project.status();
        return problems.some(({ code, text }) => code === "foreign-server" && /that natsby did not start/.test(text));
      });
      const ran = await project.up();
      assert.notEqual(ran.code, 0);
      assert.match(
        ran.output,
        /port \d+ of dummy-nats2 on 127.0.0.1 is taken by .*nats-server -c nats.conf \(pid \d+\)/,
      );
    } finally {
      stranger.kill("SIGKILL");
    }
    await until("it is gone", () => stranger.exitCode !== null || stranger.signalCode !== null);
    await endsWith(0, project.up());
    await settled();
    assert.deepEqual(await lost(), [0, 0]);
  });
});
