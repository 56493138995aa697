// natsby roll, a new key, and flips with an upstream missing, as they are typed: with a raw subscriber at each upstream.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import type { FlipResult } from "../../infra/core/flip-result.ts";
import { stopProcess } from "../../infra/hosts/processes.ts";
import { endsWith } from "../support/bounded-run.ts";
import { sendSignal } from "../support/frozen.ts";
import { patient } from "../support/project.ts";
import { until } from "../support/until.ts";
import { watchedProject } from "../support/watched-project.ts";

const watched = watchedProject({ config: { ...patient, publishers: publishersWith("before") } });
const { project } = watched;

function publishersWith(site: string): readonly object[] {
  return ["publisher0", "publisher1", "publisher2"].map((name) => ({ name, rate: 200, environment: { SITE: site } }));
}

function processOf(name: string) {
  const process = project.processes().get(name);
  assert.ok(process, `${name} runs`);
  return process;
}

async function result(words: readonly string[], code = 0): Promise<FlipResult> {
  return JSON.parse((await endsWith(code, project.natsby([...words, "--json"]))).stdout);
}

test("a change that restarts every publisher is refused as it is, and rolled without silence", async () => {
  project.configure({ publishers: publishersWith("after") });
  assert.match((await project.pulumi(["preview"])).output, /this change restarts publisher0, which is heard now/);
  const pids = ["publisher0", "publisher1", "publisher2"].map((name) => processOf(name).pid);
  const { stderr } = await endsWith(0, project.natsby(["roll", "--reason", "another site"]));
  assert.match(stderr, /stage 3 of 3: publisher0/);
  const seen = await watched.witness.take();
  for (const { server, handovers, doubled, old } of seen) {
    assert.deepEqual(
      [handovers.map(({ from, to }) => `${from} -> ${to}`), doubled, old],
      [["publisher0 -> publisher1"], 0, 0],
      server,
    );
  }
  const now = ["publisher0", "publisher1", "publisher2"].map((name) => processOf(name).pid);
  assert.ok(
    now.every((pid, at) => pid !== pids[at]),
    "each was restarted",
  );
  await watched.noChange();
  await endsWith(0, project.natsby(["roll"]));
  await watched.nothingDoubled();
});

test("with an upstream that cannot be started a flip is refused, and done with the risk accepted; its link comes later", async () => {
  const { upstreams } = await project.status();
  const { port } = new URL(upstreams.find(({ name }) => name === "server1")?.clientUrl ?? "");
  await stopProcess(processOf("server1"), { withinMs: 5_000 });
  const squatter = createServer((socket) => socket.destroy()).listen(Number(port), "127.0.0.1");
  await once(squatter, "listening");
  const words = ["switchover", "--to", "publisher2"];
  await endsWith(3, project.natsby(words));
  const { after: heard, config } = await result([...words, "--accept-degraded", "--reason", "server1 is in repair"]);
  assert.deepEqual([heard, config], ["publisher2", "written"]);
  assert.doesNotMatch(readFileSync(project.stackFile, "utf8"), /once|accept-degraded/, "the risk is not taken again");
  assert.ok((await project.status()).problems.some(({ code }) => code === "upstream-down"));
  squatter.close();
  await endsWith(0, project.up());
  await watched.witness.hears("publisher2", 30_000);
  assert.equal((await project.status()).verdict, "ok");
  await watched.nothingDoubled();
});

test("an upstream frozen in a failover is given up with the old publisher, and both are taken back", async () => {
  const active = (await project.status()).activePublisher;
  const to = ["publisher0", "publisher2"].find((name) => name !== active) ?? "";
  const [dummy, server1] = [processOf(active.replace("publisher", "dummy-nats")), processOf("server1")];
  for (const one of [dummy, server1]) sendSignal(one, "SIGSTOP");
  const failed = await result(["failover", "--to", to, "--reason", "its host is gone"], 4);
  assert.match(failed.problem ?? "", /server1 cannot be told to keep out/);
  const { after: heard, fenced } = await result([
    "failover",
    "--to",
    to,
    "--give-up",
    "server1",
    "--reason",
    "rack 2 is gone",
  ]);
  assert.deepEqual([heard, fenced], [to, [active, "server1"].sort()]);
  for (const one of [dummy, server1]) sendSignal(one, "SIGCONT");
  await until("server0 hears the new one", async () => (await watched.witness.glance())[0]?.hearing === to, 10_000);
  await result(["rejoin", "server1"]);
  await result(["rejoin", active, "--new-key"]);
  await watched.witness.hears(to);
  await watched.noChange();
  assert.equal((await project.status()).verdict, "ok");
});
