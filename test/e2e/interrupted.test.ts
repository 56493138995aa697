// A `pulumi up` that fails or dies half-way, a state that is older than what runs, a config that is wrong: the next one ends right.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { dummyPorts } from "../../infra/core/ports.ts";
import { onPath } from "../../scripts/toolchain/paths.ts";
import { endsWith, type Running } from "../support/bounded-run.ts";
import { awaitFrozen } from "../support/frozen.ts";
import { makeProject, type Project, patient, publishersAt } from "../support/project.ts";
import { isThere, stoppedCutover, stoppingAt, untilStopped } from "../support/stopped-cutover.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { watchedProject } from "../support/watched-project.ts";

describe("interrupted", () => {
  const watched = watchedProject({ config: { ...patient, publishers: publishersAt(100, 3) } });
  const { project } = watched;

  /** The audit: one publisher heard, nothing twice, nothing left lying, and nothing to do. */
  async function endedRight(active: string): Promise<void> {
    await watched.hears(active);
    await watched.noChange();
    const { verdict, problems, activePublisher } = await project.status();
    assert.deepEqual([verdict, problems, activePublisher], ["ok", [], active]);
    const files = readdirSync(project.dataDir, { recursive: true }).map(String);
    assert.deepEqual(
      files.filter((file) => file.endsWith(".next")),
      [],
    );
  }

  test("every file of Pulumi's state is written whole or not at all: none has a file of metadata beside it, which is not", () => {
    const files = readdirSync(join(project.path, ".natsby/state"), { recursive: true }).map(String);
    assert.ok(files.some((file) => file.endsWith("/local.json")));
    assert.deepEqual(
      files.filter((file) => file.endsWith(".attrs")),
      [],
    );
  });

  const up = (env: Record<string, string>) => project.startPulumi(["up", "--yes", "--skip-preview"], { env });

  /** An `up` whose cutover has stopped itself at a point. */
  async function stoppedAt(point: string): Promise<{ running: Running; cutover: number }> {
    const running = await up(stoppingAt(point));
    return { running, cutover: await untilStopped(project) };
  }

  test("a flip that is refused: the reason stands in the error; the config put back, there is nothing to do", async () => {
    project.configure({ activePublisher: "publisher1" });
    const { running, cutover } = await stoppedAt("before:connect");
    const standby = project.processes().get("publisher1")?.pid ?? 0;
    process.kill(standby, "SIGSTOP");
    awaitFrozen(standby);
    process.kill(cutover, "SIGCONT");
    const { code, output } = await running.ended;
    process.kill(standby, "SIGCONT");
    assert.notEqual(code, 0);
    assert.match(output, /natsby exit 3: preflight: publisher1 said nothing for/);
    project.configure({ activePublisher: "publisher0" });
    await endedRight("publisher0");
  });

  test("a flip that died after DETACH, and the config put back: shown by a preview, attached again by up", async () => {
    project.configure({ activePublisher: "publisher1" });
    const ran = await (await up({ NATSBY_FAILPOINT: "after:detach" })).ended;
    assert.notEqual(ran.code, 0);
    assert.match(ran.output, /^ *detach .* dummy-nats0 taken off/m, "how far it came stands in the error");
    project.configure({ activePublisher: "publisher0" });
    assert.equal((await project.status()).verdict, "silent");
    const preview = await endsWith(7, project.pulumi(["preview", "--diff", "--expect-no-changes"]));
    assert.match(preview.stdout, /NATSBY_REPAIR *: .*found no dummy is linked at any upstream/);
    await endsWith(0, project.up());
    await endedRight("publisher0");
  });

  test("pulumi killed before ATTACH, its cutover living on: the lock is cleared by one command, the orphan changes nothing", async () => {
    project.configure({ activePublisher: "publisher1" });
    const { running, cutover } = await stoppedAt("before:attach");
    running.signal("SIGKILL");
    await running.ended;
    const locked = await project.up();
    assert.notEqual(locked.code, 0);
    assert.match(locked.output, /pulumi cancel/);
    await endsWith(0, project.pulumi(["cancel", "--yes"]));
    project.configure({ activePublisher: "publisher2" });
    await endsWith(0, project.up());
    await watched.witness.hears("publisher2");
    process.kill(cutover, "SIGCONT");
    await until("the orphan ends", () => stoppedCutover(project) === null && !isThere(cutover));
    await endedRight("publisher2");
    project.configure({ activePublisher: "publisher0" });
    await endsWith(0, project.up());
    await watched.witness.hears("publisher0");
  });

  test("ctrl-c before DETACH: the cutover stops, nothing changed", async () => {
    const role = join(project.dataDir, "dummy-nats0/role.conf");
    const text = readFileSync(role, "utf8");
    project.configure({ activePublisher: "publisher1" });
    const { running, cutover } = await stoppedAt("after:stage");
    running.signal("SIGINT", "group");
    await until("Pulumi tells the plugin", () => /cancel/i.test(running.output()), 20_000);
    process.kill(cutover, "SIGCONT");
    assert.notEqual((await running.ended).code, 0);
    await until("the cutover ends", () => !isThere(cutover));
    assert.equal(readFileSync(role, "utf8"), text);
    project.configure({ activePublisher: "publisher0" });
    await endedRight("publisher0");
  });

  test("an older copy of the state restored: up ends right, whichever publisher it says", async () => {
    const older = join(project.path, "older.json");
    await endsWith(0, project.pulumi(["stack", "export", "--file", older]));
    await project.flipTo("publisher1");
    await endsWith(0, project.pulumi(["stack", "import", "--file", older]));
    await endsWith(0, project.up());
    await endedRight("publisher1");
    await endsWith(0, project.pulumi(["stack", "import", "--file", older]));
    await project.flipTo("publisher0");
    await endedRight("publisher0");
  });

  test("bad values: every one is named with its path and fix by a preview, before anything is touched", async () => {
    const good = readFileSync(project.stackFile, "utf8");
    const pids = [...project.processes().values()].map(({ pid }) => pid);
    project.configure({
      activePublisher: "publisher9",
      upstreams: [{ name: "server0", clientPort: 70_000 }, { name: "server0" }],
      subjects: ["a b"],
      setle: 10,
    });
    for (const verb of ["preview", "up"]) {
      const { code, output } = await project.pulumi(verb === "up" ? ["up", "--yes", "--skip-preview"] : ["preview"]);
      assert.notEqual(code, 0);
      assert.match(output, /natsby exit 3: /);
      for (const said of [
        /activePublisher.*publisher9.*publisher0/,
        /upstreams\[0\].clientPort.*70000/,
        /subjects\[0\].*a b/,
        /setle.*settle/,
      ]) {
        assert.match(output, said);
      }
    }
    writeFileSync(project.stackFile, good);
    assert.deepEqual(
      [...project.processes().values()].map(({ pid }) => pid),
      pids,
    );
    await endedRight("publisher0");
  });
});

test("a first start without nats-server, then with a port taken: each is named; what died meanwhile is started, and then all runs", async () => {
  await using project = makeProject({ config: { publishers: publishersAt(100) } });
  await endsWith(0, project.natsby(["init", "local"]));
  using empty = temporary("no cache");
  const up = ["up", "--yes", "--skip-preview"];
  const env = { NATSBY_CACHE: empty.path, PATH: withoutNatsServer((await project.tools()).PATH) };
  const ran = await (await project.startPulumi(up, { env })).ended;
  assert.notEqual(ran.code, 0);
  assert.match(ran.output, /natsby exit 3: .*nats-server/);
  assert.equal(project.processes().size, 0);

  const { dummy, port } = portOfSecondDummy(project);
  const taken = createServer().listen(port, "127.0.0.1");
  const { code, output } = await project.up();
  await new Promise((resolve) => taken.close(resolve));
  assert.notEqual(code, 0);
  assert.match(output, new RegExp(`port ${port} of ${dummy} on 127.0.0.1 is taken by .*\\(pid ${process.pid}\\)`));
  assert.ok(!project.processes().has(dummy));

  process.kill(project.processes().get("server0")?.pid ?? 0, "SIGKILL");
  await endsWith(0, project.up());
  await endsWith(0, project.pulumi(["preview", "--expect-no-changes"]));
  await using witness = await project.witness();
  await witness.hears("publisher0");
});

function portOfSecondDummy({ stackFile }: Project): { dummy: string; port: number } {
  const basePort = Number(/basePort: "?(\d+)/.exec(readFileSync(stackFile, "utf8"))?.[1]);
  const ports = dummyPorts(
    ["publisher0", "publisher1"].map((name) => ({ name, clientPort: null, monitorPort: null })),
    basePort,
  );
  return { dummy: "dummy-nats1", port: ports[1]?.clientPort ?? 0 };
}

/** The folders of a PATH that have none. */
const withoutNatsServer = (path = ""): string =>
  path
    .split(":")
    .filter((folder) => onPath("nats-server", { PATH: folder }).length === 0)
    .join(":");
