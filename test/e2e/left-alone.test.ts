// A host that was given up, and a state that knows nothing of it: lost, restored from before, destroyed. Nothing of it is touched.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { sendSignal } from "../support/frozen.ts";
import { patient, publishersAt } from "../support/project.ts";
import { watchedProject } from "../support/watched-project.ts";

const watched = watchedProject({ config: { ...patient, publishers: publishersAt(200) } }, () =>
  endsWith(0, project.pulumi(["stack", "export", "--file", state])),
);
const { project } = watched;
const state = join(project.path, "state.json");

/** Everything of a publisher's host: its dummy, and the publisher itself. */
const hostOf = (n: number) => [`dummy-nats${n}`, `publisher${n}`] as const;

const signalHost = (n: number, signal: NodeJS.Signals) => watched.signal(signal, ...hostOf(n));

/** Every file with when it was last written, and every process with its pid and whether it is frozen. */
function tracesOf(n: number) {
  const running = project.processes();
  return hostOf(n).map((name) => {
    const folder = join(project.dataDir, name);
    const files = readdirSync(folder, { recursive: true }).map(String).toSorted();
    return { process: running.get(name), files: files.map((file) => [file, statSync(join(folder, file)).mtimeMs]) };
  });
}

/** As after a new backend: the stack is there, and nothing is known of it. */
async function loseState(): Promise<void> {
  const { version, deployment } = JSON.parse(readFileSync(state, "utf8"));
  const empty = join(project.path, "empty.json");
  writeFileSync(empty, JSON.stringify({ version, deployment: { ...deployment, resources: [] } }));
  await endsWith(0, project.pulumi(["stack", "import", "--file", empty]));
}

async function failover(to: string): Promise<void> {
  await endsWith(0, project.natsby(["failover", "--to", to, "--reason", "its host is gone"]));
  await watched.hears(to);
}

/** Back, and standing by. */
async function rejoin(n: number): Promise<void> {
  signalHost(n, "SIGCONT");
  await endsWith(0, project.natsby(["rejoin", `publisher${n}`]));
  const { verdict, problems, publishers } = await project.status();
  assert.deepEqual([verdict, problems, publishers[n]?.role], ["ok", [], "standby"]);
  await watched.noChange();
}

test("the state is lost after a failover: up makes it anew, and of the one given up it touches no file and no process", async () => {
  signalHost(0, "SIGSTOP");
  await failover("publisher1");
  const traces = tracesOf(0);
  assert.ok(traces.every(({ process }) => process?.frozen));
  await loseState();
  const { output } = await endsWith(0, project.up());
  for (const name of hostOf(0)) assert.match(output, new RegExp(`${name}: left as it is, it was given up`));
  assert.deepEqual(tracesOf(0), traces);
  await watched.hears("publisher1");
  await watched.noChange();
  const { verdict, publishers } = await project.status();
  assert.deepEqual([verdict, publishers[0]?.role], ["ok", "fenced"]);
});

test("it thaws, is kept out, and rejoin takes it back; what the stack recorded of it is whole again", async () => {
  await rejoin(0);
  await watched.hears("publisher1");
  await project.flipTo("publisher0");
  await watched.hears("publisher0");
});

test("a state from before the failover is restored: as little is touched", async () => {
  signalHost(0, "SIGSTOP");
  await failover("publisher1");
  const traces = tracesOf(0);
  await endsWith(0, project.pulumi(["stack", "import", "--file", state]));
  await endsWith(0, project.up());
  assert.deepEqual(tracesOf(0), traces);
  await watched.hears("publisher1");
  await watched.noChange();
});

test("an upstream given up too, and the state lost: it is left as it is, and comes back by rejoin", async () => {
  const server = project.processes().get("server1") ?? assert.fail("server1 has no process");
  sendSignal(server, "SIGSTOP");
  project.configure({ fenced: ["publisher0", "server1"], epoch: 4 });
  await loseState();
  assert.match((await endsWith(0, project.up())).output, /server1: left as it is, it was given up/);
  assert.deepEqual(project.processes().get("server1"), { ...server, frozen: true });
  sendSignal(server, "SIGCONT");
  await endsWith(0, project.natsby(["rejoin", "server1"]));
  await rejoin(0);
  await watched.hears("publisher1");
});

test("destroy leaves a host that was given up as it is, says so, and everything else is gone", async () => {
  signalHost(0, "SIGSTOP");
  project.configure({ fenced: ["publisher0"], epoch: 7 });
  await endsWith(0, project.up());
  await watched.stopListening();
  const traces = tracesOf(0);
  const { output } = await endsWith(0, project.pulumi(["destroy", "--yes", "--skip-preview"]));
  for (const name of hostOf(0))
    assert.match(output, new RegExp(`${name}: left as it is, it was given up: see to /.*${name}`));
  assert.match(output, /dummy-nats1 stopped, .* removed/);
  assert.deepEqual(tracesOf(0), traces);
  assert.deepEqual([...project.processes().keys()].toSorted(), hostOf(0));
});

test("npm stop ends what is left of it on this machine", async () => {
  assert.match((await endsWith(0, project.natsby(["stop"]))).stdout, /no process of .* is left/);
  assert.deepEqual([...project.processes().keys()], []);
});
