// A stack on four real hosts over SSH, as it is typed: brought up, flipped, failed over, taken back, rebooted, destroyed. A raw
// subscriber at each upstream hears nothing twice.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { FlipResult } from "../../../infra/core/flip-result.ts";
import { endsWith } from "../../support/bounded-run.ts";
import { noHosts } from "../../support/hosts.ts";
import { SshStack } from "../../support/ssh-stack.ts";
import { until } from "../../support/until.ts";
import type { Witness } from "../../support/witness.ts";

const skip = noHosts() ?? false;

describe("a stack on real hosts", { skip }, () => {
  let stack: SshStack;
  let witness: Witness;

  before(async () => {
    stack = await SshStack.prepare();
  });
  after(async () => {
    await witness?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  });

  async function nothingDoubled(): Promise<void> {
    for (const { server, doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0], server);
  }

  const natsby = async (...words: readonly string[]): Promise<FlipResult> =>
    JSON.parse((await endsWith(0, stack.project.natsby([...words, "--json"]))).stdout);

  it("is brought up by one `pulumi up`, and then plans no change", async () => {
    const { project } = stack;
    await endsWith(0, project.up());
    witness = await project.witness();
    await witness.hears("publisher0");
    await nothingDoubled();
    const { stdout } = await endsWith(0, project.pulumi(["preview", "--expect-no-changes"]));
    assert.match(stdout, /unchanged/);
    assert.equal((await project.status()).verdict, "ok");
  });

  it("opens nothing to the network but what subscribers and servers need", async () => {
    for (const host of ["north", "south", "east", "west"]) {
      const listening = await stack.hosts.within(host, "ss", "-Htln");
      const outside = listening
        .split("\n")
        .filter((line) => line !== "" && !/ 127\.[\d.]+(%\w+)?:\d+ .*:\*\s*$/.test(line));
      const ports = outside.map((line) => Number(/:(\d+) +\S+\s*$/.exec(line)?.[1])).toSorted((a, b) => a - b);
      const servers = { north: [4222, 4223], south: [4226, 4227], east: [], west: [] }[host] ?? [];
      assert.deepEqual([...new Set(ports)], [22, ...servers], host);
    }
  });

  it("flips there and back, and its hosts know of it", async () => {
    const { project } = stack;
    for (const to of ["publisher1", "publisher0"]) {
      const { outcome, after: heard } = await natsby("switchover", "--to", to);
      assert.deepEqual([outcome, heard], ["done", to]);
      await witness.hears(to);
      await nothingDoubled();
    }
    const { stdout } = await endsWith(0, project.natsby(["verify", "--json"]));
    assert.equal(JSON.parse(stdout).ok, true);
    const logs = await endsWith(0, project.natsby(["logs", "dummy-nats0", "--lines", "3"]));
    assert.match(logs.stdout, /^(\[\d+\] .*\n){3}$/);
    for (const host of ["east", "west"]) {
      const journal = await stack.hosts.within(host, "cat", "/etc/nats-server/natsby-local/history.jsonl");
      assert.equal(journal.trim().split("\n").at(-1)?.includes('"to":"publisher0"'), true, host);
    }
  });

  it("fails over when the active one's host is cut off, and keeps it out until it is taken back", async () => {
    const { hosts, project } = stack;
    await hosts.isolate("east");
    const { after: heard, fenced } = await natsby("failover", "--to", "publisher1", "--reason", "east is gone");
    assert.deepEqual([heard, fenced], ["publisher1", ["publisher0"]]);
    await witness.hears("publisher1");
    await hosts.heal();
    await until("the fenced host is reached again", async () => {
      const { publishers } = await project.status();
      return publishers.some(({ name, reachable }) => name === "publisher0" && reachable === true);
    });
    await nothingDoubled();
    assert.equal((await natsby("rejoin", "publisher0")).outcome, "done");
    assert.equal((await project.status()).verdict, "ok");
    await nothingDoubled();
  });

  it("comes back with a host that is rebooted, in the role that it had", async () => {
    const { hosts, project } = stack;
    await hosts.reboot("west");
    await witness.hears("publisher1", 30_000);
    await until("all is well again", async () => (await project.status()).verdict === "ok", 30_000);
    const doubled = (await witness.take()).map(({ doubled }) => doubled);
    assert.deepEqual(doubled, [0, 0]);
  });

  it("goes with `pulumi destroy`: no process, no unit, no user, no file is left", async () => {
    const { hosts, project } = stack;
    await endsWith(0, project.pulumi(["destroy", "--yes", "--skip-preview"]));
    for (const host of ["north", "south", "east", "west"]) {
      const places =
        "/etc/nats-server /etc/systemd/system/natsby-* /etc/systemd/system/*.wants/natsby-* /var/lib/natsby-*";
      const look = `ls -d ${places} 2>/dev/null; grep '^natsby' /etc/passwd /etc/group; pgrep -l 'nats-server|perl'; :`;
      assert.equal(await hosts.within(host, "sh", "-c", look), "", host);
    }
  });
});
