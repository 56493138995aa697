// Another nats-server for everybody, by `natsby roll`: two real versions, a client of both upstreams, and a kill in between.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, test } from "node:test";
import type { FinishedEntry } from "../../infra/core/history.ts";
import { cachedNatsServer } from "../../scripts/toolchain/paths.ts";
import { endsWith } from "../support/bounded-run.ts";
import { killTree } from "../support/descendants.ts";
import { PairWitness } from "../support/pair-witness.ts";
import { patient, publishersAt } from "../support/project.ts";
import { askMonitor } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { watchedProject } from "../support/watched-project.ts";

const newer = "2.15.3";
const watched = watchedProject({ config: { ...patient, publishers: publishersAt(200) } }, async () => {
  const { upstreams, subscriber } = await project.status();
  assert.ok(subscriber);
  pair = await PairWitness.at(upstreams.map(({ name, clientUrl }) => ({ name, url: clientUrl, ...subscriber })));
});
const { project } = watched;
let pair: PairWitness;
after(() => {
  pair?.[Symbol.dispose]();
});

async function versions(): Promise<readonly string[]> {
  const { upstreams, publishers } = await project.status();
  const asked = [...upstreams, ...publishers].map(async ({ monitorUrl }) => {
    return ((await askMonitor(`${monitorUrl}/varz`)) as { readonly version: string }).version;
  });
  return [...new Set(await Promise.all(asked))];
}

/** The most that an upstream's subscribers lost in each flip, added up. */
async function lostInFlips(): Promise<number> {
  const { stdout } = await endsWith(0, project.natsby(["history", "--json"]));
  const { cutovers: entries } = JSON.parse(stdout) as { readonly cutovers: readonly FinishedEntry[] };
  return entries.reduce(
    (sum, { upstreams }) => sum + Math.max(0, ...(upstreams ?? []).map(({ lost }) => lost ?? 0)),
    0,
  );
}

/** Neither at one upstream nor at a client of both. */
async function nothingDoubled(): Promise<void> {
  await watched.nothingDoubled();
  assert.equal(pair.take(), 0);
}

test("the version changed in the config is refused by a preview: it would restart who is heard", async () => {
  project.configure({ natsServer: { version: newer } });
  const { code, output } = await project.pulumi(["preview"]);
  assert.notEqual(code, 0);
  assert.match(output, /natsby exit 3: this change restarts publisher0, which is heard now \(dummy-nats0: version\)/);
  assert.match(output, /natsby roll/);
  project.configure({ natsServer: undefined });
});

test("rolled: every server runs it, nothing is doubled, and a client of both upstreams loses what the flip loses", async () => {
  const { stderr } = await endsWith(0, project.natsby(["roll", "--to-version", newer, "--reason", "upgrade"]));
  assert.match(stderr, /stage 3 of 3: publisher0: dummy-nats0: version/);
  assert.deepEqual(await versions(), [newer]);
  assert.ok(existsSync(cachedNatsServer(project.env, newer)));
  await watched.witness.hears("publisher1");
  await nothingDoubled();
  const [missing, lost] = [pair.missing(), await lostInFlips()];
  assert.ok(missing <= lost, `${missing} missing, ${lost} lost in the flip`);
  await watched.noChange();
});

test("killed after its flip, the same command goes on, and ends with who was heard at first", async () => {
  const words = ["roll", "--to-version", "2.15.2", "--back", "--reason", "back"];
  const rolling = project.startNatsby(words);
  await until("the third stage begins", () => rolling.output().includes("stage 3 of"), 120_000);
  killTree(rolling.pid);
  await rolling.ended;
  await project.pulumi(["cancel", "--yes"]);
  const { stdout } = await endsWith(0, project.natsby(words));
  assert.match(stdout, /publisher1 was heard, now publisher1/);
  assert.deepEqual(await versions(), ["2.15.2"]);
  await watched.witness.hears("publisher1");
  await nothingDoubled();
  await watched.noChange();
});
