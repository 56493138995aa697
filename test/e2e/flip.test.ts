// The flip as a user types it, on one running stack at 1,000 messages a second, with a raw subscriber at each upstream.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { patient, publishersAt } from "../support/project.ts";
import { loadTimesOf } from "../support/servers.ts";
import { watchedProject } from "../support/watched-project.ts";
import type { Handover } from "../support/witness.ts";

const watched = watchedProject({ config: { ...patient, publishers: publishersAt(1_000) } });
const { project } = watched;

/** Exactly as typed: only the question is answered beforehand. */
const typed = { env: { PULUMI_SKIP_CONFIRMATIONS: "true", PULUMI_OPTION_COLOR: "never" } };
const flipTo = (publisher: string): readonly string[] => [
  'eval "$(npx natsby env)"',
  `pulumi config set activePublisher ${publisher}`,
  "pulumi up",
];

for (const [shell, from, to] of [
  ["bash", "publisher0", "publisher1"],
  ["sh", "publisher1", "publisher0"],
] as const) {
  test(`the flip typed in ${shell}: ${from} is heard before it, ${to} after it, nothing twice`, async () => {
    const { output } = await endsWith(0, project.shell(flipTo(to), shell, typed));
    await watched.witness.hears(to);
    for (const { server, handovers, doubled, lost } of await watched.witness.take()) {
      assert.deepEqual([handovers.map(named), doubled], [[`${from} -> ${to}`], 0], server);
      const [{ gapMs = 0, lost: lostInGap = 0 } = {}] = handovers;
      assert.ok(gapMs > 0 && gapMs < 2_000, `${server}: a gap of ${gapMs} ms`);
      assert.equal(lost, lostInGap, `${server} lost nothing but in the gap`);
    }
    assert.equal(output.match(/heard before +heard after/g)?.length, 1, "the table of the cutover is shown once");
    for (const server of ["server0", "server1"]) {
      assert.match(output, new RegExp(`${server} +${from} +${to} +[\\d.]+ ms +\\d+ +0$`, "m"));
    }
  });
}

test("the flip again to whom is heard already: nothing to do, nothing is reloaded", async () => {
  const loaded = await loadTimesOf(await project.status());
  const { stdout } = await endsWith(0, project.shell(flipTo("publisher0"), "bash", typed));
  assert.match(stdout, /^ +\d+ unchanged$/m);
  assert.doesNotMatch(stdout, /heard before/);
  assert.deepEqual(await loadTimesOf(await project.status()), loaded);
});

test("preview --diff shows the two role files change line by line, and no secret", async () => {
  project.configure({ activePublisher: "publisher1" });
  const { stdout } = await endsWith(0, project.pulumi(["preview", "--diff"]));
  const { upstreams } = await project.status();
  assert.match(stdout, /^ *~ NATSBY_ACTIVE *: "publisher0" => "publisher1"$/m);
  for (const [dummy, sign] of [
    ["dummy_nats0", "-"],
    ["dummy_nats1", "+"],
  ] as const) {
    const part = stdout.slice(stdout.search(new RegExp(`~ NATSBY_ROLE_${dummy}`, "i")));
    const lines = part
      .split("\n")
      .slice(0, 12)
      .map((line) => line.trim());
    assert.equal(
      lines.filter((line) => line.startsWith(sign) && /tls:|nats-route:/.test(line)).length,
      upstreams.length,
      part,
    );
  }
  for (const secret of await secretsOf()) assert.ok(!stdout.includes(secret), "a secret is shown");
  assert.match(stdout, /^ +~ 1 to update$/m);
  project.configure({ activePublisher: "publisher0" });
});

test("30 flips at 1,000 messages a second: each heard once at both upstreams, 0 doubled, 0 old", async () => {
  await watched.witness.take();
  for (let flip = 1; flip <= 30; flip++) {
    const to = `publisher${flip % 2}`;
    await project.flipTo(to);
    await watched.witness.hears(to);
  }
  for (const { server, handovers, doubled, old } of await watched.witness.take()) {
    assert.deepEqual([handovers.length, doubled, old], [30, 0, 0], server);
    assert.ok(handovers.every(({ from, to }) => from !== to));
  }
});

test("afterwards the stack plans no change, and its outputs tell of the last cutover", async () => {
  await watched.noChange();
  const { stdout } = await endsWith(0, project.pulumi(["stack", "output", "--json"]));
  const outputs = JSON.parse(stdout);
  assert.match(
    outputs.lastCutover,
    /^ticket \d+: publisher1 -> publisher0; server0 gap [\d.]+ ms lost \d+ doubled 0 clock -?[\d.]+ ms; server1 /,
  );
  assert.equal(outputs.activePublisher, "publisher0");
  assert.equal((await project.status()).verdict, "ok");
});

const named = ({ from, to }: Handover): string => `${from} -> ${to}`;

/** The cluster secret, and every password that is derived from it, in the clear. */
async function secretsOf(): Promise<readonly string[]> {
  const { stdout } = await endsWith(0, project.pulumi(["config", "get", "clusterSecret"]));
  const keys = ["server0", "dummy-nats0", "dummy-nats1"].map((name) =>
    readFileSync(join(project.dataDir, name, "keys.conf"), "utf8"),
  );
  const passwords = keys.flatMap((text) => [...text.matchAll(/"([^"]{16,})"/g)].map(([, password = ""]) => password));
  assert.ok(passwords.length >= 3);
  return [stdout.trim(), ...passwords];
}
