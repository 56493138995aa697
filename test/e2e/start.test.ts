// npm start and npm stop, from nothing and again: what runs, who is heard, what is told, and that nothing is left behind.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusJson } from "../../infra/core/status.ts";
import { isFree } from "../../infra/hosts/port-owner.ts";
import { endsWith } from "../support/bounded-run.ts";
import { processesIn } from "../support/processes-in.ts";
import { makeProject } from "../support/project.ts";
import { loadTimesOf, varzOf } from "../support/servers.ts";
import { until } from "../support/until.ts";

const project = makeProject();
const outer = dirname(project.path);
/** Folders of this test's own where a user has his: what is written there is seen. */
const places = { HOME: join(outer, "home"), TMPDIR: join(outer, "tmp") };
const filesBefore = filesOf(project.path);
const options = { env: places };

before(() => {
  for (const place of Object.values(places)) mkdirSync(place);
});
after(() => project[Symbol.asyncDispose]());

test("npm start makes everything from nothing, and exactly one publisher is heard at both upstreams", async () => {
  const { stdout } = await endsWith(0, project.run(["npm", "start"], options));
  assert.match(stdout, /^OK {2}stack local: publisher0 is heard at every upstream$/m);
  assert.match(stdout, /pulumi config set activePublisher publisher1/);
  await using witness = await project.witness();
  await witness.hears("publisher0");
  await witness.take();
  await sleep(1_500);
  for (const { server, heard, doubled, lost } of await witness.take()) {
    assert.deepEqual([Object.keys(heard), doubled, lost], [["publisher0"], 0, 0], server);
    assert.ok((heard.publisher0 ?? 0) >= 12, `${server} heard ${heard.publisher0} in 1.5 s at 10 a second`);
  }
});

test("git status is clean, and nothing is written outside the project and natsby's cache but npm's own", async () => {
  const { stdout } = await endsWith(0, project.run(["git", "status", "--short"]));
  assert.equal(stdout, "");
  assert.deepEqual(
    readdirSync(places.HOME).filter((name) => name !== ".npm"),
    [],
  );
  assert.deepEqual(readdirSync(places.TMPDIR), []);
  const files = filesOf(project.path).filter((file) => !filesBefore.includes(file));
  assert.deepEqual(files, ["stacks/Pulumi.local.yaml"]);
});

test("started again it says what already runs, and touches no process and no config", async () => {
  const processes = project.processes();
  const loaded = await loadTimesOf(await project.status());
  const { output } = await endsWith(0, project.natsby(["start"], options));
  assert.match(output, /everything runs already: nothing to do/);
  assert.deepEqual(project.processes(), processes);
  assert.deepEqual(await loadTimesOf(await project.status()), loaded);
});

test("status --json is exactly what the contract promises, and true", async () => {
  const status: StatusJson = JSON.parse((await endsWith(0, project.natsby(["status", "--json"]))).stdout);
  assert.match(status.observedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(status, await expectedStatus(status));
});

test("--credentials adds a user that may subscribe, and whose publishing is refused", async () => {
  const { subscriber, upstreams } = await project.status();
  assert.deepEqual(Object.keys(subscriber ?? {}), ["user", "password"]);
  await using witness = await project.witness();
  const { user, password: pass } = subscriber ?? {};
  const socket = connect(Number(new URL(upstreams[0]?.clientUrl ?? "").port), "127.0.0.1");
  try {
    let said = "";
    socket.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    const payload = JSON.stringify({ publisher: "intruder", seq: 1 });
    const lines = [`CONNECT ${JSON.stringify({ user, pass })}`, `PUB test ${payload.length}`, payload, "PING", ""];
    socket.write(lines.join("\r\n"));
    await until("the server refused it", () => /-ERR 'Permissions Violation for Publish to "test"'/.test(said));
  } finally {
    socket.destroy();
  }
  for (const { heard } of await witness.take()) assert.equal(heard.intruder, undefined);
});

test("npm stop leaves no process, no port and no file outside .natsby; start and stop work again and again", async () => {
  for (let round = 0; round < 2; round++) {
    await assertStops();
    await endsWith(0, project.natsby(["start"], options));
    await using witness = await project.witness();
    await witness.hears("publisher0");
  }
  await assertStops();
  const { stdout } = await endsWith(0, project.natsby(["stop"], options));
  assert.match(stdout, /stop/);
});

async function assertStops(): Promise<void> {
  const status = await project.status();
  const ports = Object.values(await varzOf(status)).map(({ port }) => port);
  const urls = [...status.upstreams, ...status.publishers].flatMap(({ clientUrl, monitorUrl }) => [
    clientUrl,
    monitorUrl,
  ]);
  ports.push(...urls.map((url) => Number(new URL(url ?? "").port)));
  const { stdout } = await endsWith(0, project.run(["npm", "stop"], options));
  assert.match(stdout, /^stopped: no process of .* is left; npm start starts it again$/m);
  assert.deepEqual(processesIn(outer), []);
  for (const port of ports) assert.ok(await isFree("127.0.0.1", port), `port ${port} is free`);
  const files = filesOf(project.path).filter((file) => !filesBefore.includes(file));
  assert.deepEqual(files, ["stacks/Pulumi.local.yaml"]);
  assert.deepEqual(readdirSync(places.TMPDIR), []);
}

/** What status should say, from other sources: the kernel's processes and the servers themselves. */
async function expectedStatus({ observedAt, upstreams, publishers }: StatusJson): Promise<unknown> {
  const varz = await varzOf({ upstreams, publishers } as StatusJson);
  const pidOf = (name: string) => project.processes().get(name)?.pid;
  const urlsOf = (name: string, monitorUrl: string | null | undefined) => {
    assert.match(monitorUrl ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    return { clientUrl: `nats://127.0.0.1:${varz[name]?.port}`, monitorUrl };
  };
  const digestOf = (name: string) => varz[name]?.config_digest;
  const names = ["server0", "server1"];
  return {
    ...{ schema: 1, stack: "local", activePublisher: "publisher0", epoch: 0, fenced: [], link: "routes" },
    ...{ verdict: "ok", problems: [], observedAt },
    upstreams: names.map((name, n) => ({
      ...{ name, reachable: true, ...urlsOf(name, upstreams[n]?.monitorUrl), pid: pidOf(name) },
      linksFrom: [names[1 - n], "dummy-nats0"],
      digest: { want: digestOf(name), running: digestOf(name) },
    })),
    publishers: ["publisher0", "publisher1"].map((name, n) => ({
      ...{ name, role: n === 0 ? "active" : "standby", dummy: `dummy-nats${n}`, reachable: true },
      ...{ ...urlsOf(`dummy-nats${n}`, publishers[n]?.monitorUrl), pid: pidOf(`dummy-nats${n}`), publishing: true },
      attached: { want: n === 0, file: n === 0, running: n === 0, seen: n === 0 ? names : [] },
    })),
  };
}

/** The checkout's files but what is git's own, linked, or below .natsby. */
function filesOf(folder: string): readonly string[] {
  const skipped = new Set([".git", ".natsby", "node_modules"]);
  const names = readdirSync(folder).filter((name) => !skipped.has(name));
  return names.flatMap((name) => {
    const within = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.name === name);
    if (!within?.isDirectory()) return [name];
    return readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  });
}
