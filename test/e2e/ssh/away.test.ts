// A flip while the host of a third publisher cannot be reached: it is done without it, and keeps it out until it is back.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endsWith } from "../../support/bounded-run.ts";
import { noHosts } from "../../support/hosts.ts";
import { publishersOn, SshStack } from "../../support/ssh-stack.ts";
import type { Witness } from "../../support/witness.ts";

const skip = noHosts() ?? false;

describe("a stack of which one host is away", { skip }, () => {
  let stack: SshStack;
  let witness: Witness;

  before(async () => {
    stack = await SshStack.prepare(["east", "west", "far"]);
    await endsWith(0, stack.project.up());
    witness = await stack.project.witness();
    await witness.hears("publisher0");
  });
  after(async () => {
    await witness?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  });

  const pinnedAt = async (host: string, upstream: string): Promise<boolean> =>
    /dummy-nats2/.test(await stack.hosts.within(host, "cat", `/etc/nats-server/natsby-local/${upstream}/pins.conf`));

  it("flips without it, and nobody there is let in any more", async () => {
    const { hosts, project } = stack;
    assert.equal(await pinnedAt("north", "server0"), true);
    await hosts.isolate("far");
    project.configure({ activePublisher: "publisher1" });
    const { output } = await endsWith(0, project.up());
    assert.match(output, /claim .* nobody reaches far/);
    await witness.hears("publisher1");
    for (const { doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0]);
    assert.deepEqual([await pinnedAt("north", "server0"), await pinnedAt("south", "server1")], [false, false]);
  });

  it("takes it back with the next `pulumi up` once it is reached again", async () => {
    const { hosts, project } = stack;
    await hosts.heal();
    await endsWith(0, project.up());
    assert.deepEqual([await pinnedAt("north", "server0"), await pinnedAt("south", "server1")], [true, true]);
    assert.equal((await project.status()).verdict, "ok");
    for (const { doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0]);
  });

  it("does not flip away from an active one that is linked and whose host only natsby does not reach", async () => {
    const { hosts, project } = stack;
    await hosts.cut("operator", "west");
    project.configure({ activePublisher: "publisher0" });
    const { output } = await endsWith(1, project.up());
    assert.match(output, /publisher1 is heard, and nobody reaches its host west/);
    await witness.hears("publisher1");
    await hosts.heal();
    await endsWith(0, project.up());
    await witness.hears("publisher0");
    for (const { doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0]);
  });

  it("moves a standby to another host: nothing of it is left on the one before", async () => {
    const { hosts, project } = stack;
    project.configure({ publishers: publishersOn(["east", "west", "west"]) });
    await endsWith(0, project.up());
    assert.equal(await hosts.within("far", "sh", "-c", "pgrep -l 'nats-server|perl'; :"), "");
    assert.equal((await project.status()).verdict, "ok");
    for (const { doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0]);
  });
});
