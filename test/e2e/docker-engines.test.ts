// A stack on three Docker engines, two of them behind SSH, by the real CLI and the real plugin: brought up, flipped and flipped back, one
// engine cut off and given up, taken back, taken down.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { remainsOn } from "../support/docker-stack.ts";
import { noEngineBySsh } from "../support/engine-by-ssh.ts";
import { EnginesStack } from "../support/engines-stack.ts";
import type { Witness } from "../support/witness.ts";

describe("a stack on several engines", { skip: noEngineBySsh() ?? false }, () => {
  let stack: EnginesStack;
  let witness: Witness;
  before(async () => {
    stack = await EnginesStack.prepare();
    await endsWith(0, stack.project.natsby(["init", "local"]));
    await endsWith(0, stack.project.up());
    witness = await stack.project.witness();
    await hears("publisher0");
  });
  after(async () => {
    await witness?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  });

  async function hears(publisher: string): Promise<void> {
    await witness.hears(publisher);
    for (const { server, doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0], server);
  }
  const noChange = () => endsWith(0, stack.project.pulumi(["preview", "--expect-no-changes"]));
  const ports = async (engine: keyof typeof stack.engines, name: string): Promise<readonly string[]> => {
    const said = (await stack.engines[engine]?.docker(["port", `natsby-local-${name}`])) ?? "";
    return said.split("\n").map((line) => line.replace(/^.* -> (.*):\d+$/, "$1"));
  };

  it("publishes what other engines need at the address of the engine's host, the rest on its loopback", async () => {
    const { address } = stack.far;
    assert.deepEqual((await ports("far", "server1")).toSorted(), [address, address, "127.0.0.1"].toSorted());
    assert.deepEqual(await ports("farther", "dummy-nats1"), ["127.0.0.1", "127.0.0.1"]);
    const { upstreams } = await stack.project.status();
    assert.equal(new URL(upstreams[1]?.clientUrl ?? "").hostname, address);
    await endsWith(0, stack.project.natsby(["status"]));
    await noChange();
  });

  it("flips and flips back", async () => {
    await stack.project.flipTo("publisher1");
    await hears("publisher1");
    await endsWith(0, stack.project.natsby(["switchover", "--to", "publisher0"]));
    await hears("publisher0");
    await noChange();
  });

  it("refuses a flip in time while the engine of an upstream is cut off, and goes on when it is back", async () => {
    await stack.far.cutOff();
    const started = performance.now();
    const asked = stack.project.natsby(["switchover", "--to", "publisher1"]);
    const { output } = await endsWith(3, asked).finally(() => stack.far.back());
    assert.ok(performance.now() - started < 90_000, "within its bounds");
    assert.match(output, /server1/);
    await witness[Symbol.asyncDispose]();
    witness = await stack.project.witness();
    await hears("publisher0");
    await endsWith(0, stack.project.natsby(["status"]));
    await noChange();
  });

  it("fails over from an engine that is cut off, and takes it back", async () => {
    await stack.project.flipTo("publisher1");
    await hears("publisher1");
    await stack.farther.cutOff();
    await endsWith(0, stack.project.natsby(["failover", "--to", "publisher0", "--reason", "its engine is cut off"]));
    await hears("publisher0");
    await stack.farther.back();
    await hears("publisher0");
    await endsWith(0, stack.project.natsby(["rejoin", "publisher1"]));
    await hears("publisher0");
    await noChange();
  });

  it("leaves nothing on any of them when it is destroyed", async () => {
    await endsWith(0, stack.project.pulumi(["destroy", "--yes", "--skip-preview"]));
    for (const [name, engine] of Object.entries(stack.engines)) assert.deepEqual(await remainsOn(engine), [], name);
  });
});
