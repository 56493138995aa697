// A stack of containers on a Docker engine of the test's own, by the real CLI and the real plugin: brought up, flipped, rebooted, given up,
// taken down. A flip changes no container.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { DockerStack, prefix } from "../support/docker-stack.ts";
import { noEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import type { Witness } from "../support/witness.ts";

const names = ["dummy-nats0", "dummy-nats1", "keeper", "publisher0", "publisher1", "server0", "server1"];

describe("a stack of containers", { skip: noEngine() ?? false }, () => {
  let stack: DockerStack;
  let witness: Witness;
  before(async () => {
    stack = await DockerStack.prepare();
    await endsWith(0, stack.project.natsby(["init", "local"]));
    await endsWith(0, stack.project.up());
    await listen();
    await witness.hears("publisher0");
    await witness.take();
  });
  after(async () => {
    await witness?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  });

  async function listen(): Promise<void> {
    await witness?.[Symbol.asyncDispose]();
    witness = await stack.project.witness();
  }
  async function hears(publisher: string): Promise<void> {
    await witness.hears(publisher);
    for (const { server, doubled, old } of await witness.take()) assert.deepEqual([doubled, old], [0, 0], server);
  }
  const noChange = (...words: readonly string[]) =>
    endsWith(0, stack.project.pulumi(["preview", "--expect-no-changes", ...words]));
  const inspect = (name: string, format: string) =>
    stack.engine.docker(["inspect", "--format", format, `${prefix}${name}`]);

  it("has a container for each server and publisher, without rights, and one that holds its files", async () => {
    assert.deepEqual([...(await stack.containers()).keys()].sort(), names);
    const format =
      "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.RestartPolicy.Name}} {{.Config.StopSignal}}";
    for (const name of names) assert.equal(await inspect(name, format), "1000:1000 true [ALL] always SIGTERM", name);
    for (const name of names.filter((one) => /^(server|dummy)/.test(one)))
      assert.equal(await inspect(name, "{{.State.Health.Status}}"), "healthy", name);
    await endsWith(0, stack.project.natsby(["status"]));
  });

  it("plans no change when nothing changed, also after a look at the engine", async () => {
    await noChange();
    await noChange("--refresh");
  });

  it("flips and flips back without a change of any container", async () => {
    const made = [...(await stack.containers())].sort();
    await stack.project.flipTo("publisher1");
    await hears("publisher1");
    await endsWith(0, stack.project.natsby(["switchover", "--to", "publisher0"]));
    await hears("publisher0");
    const history = await endsWith(0, stack.project.natsby(["history"]));
    assert.match(history.stdout, /publisher0.*publisher1/);
    assert.match(history.stdout, /publisher1.*publisher0/);
    assert.deepEqual([...(await stack.containers())].sort(), made);
    await noChange();
  });

  it("changes the config of a running server without a new container", async () => {
    const made = [...(await stack.containers())].sort();
    stack.project.configure({ subjects: ["test", "more"] });
    await endsWith(0, stack.project.up());
    await hears("publisher0");
    assert.deepEqual([...(await stack.containers())].sort(), made);
  });

  it("comes back as it was after the engine was restarted", async () => {
    await stack.engine.restart();
    await until("every container runs", () => everyRuns(), 60_000);
    await witness.hears("publisher0");
    await endsWith(0, stack.project.up());
    await hears("publisher0");
    await noChange();
  });
  async function everyRuns(): Promise<boolean> {
    const running = await stack.engine.docker(["ps", "--filter", "status=running", "--format", "{{.Names}}"]);
    return names.every((name) => running.split("\n").includes(`${prefix}${name}`));
  }

  it("makes a container again that was removed by hand", async () => {
    await stack.engine.docker(["rm", "--force", `${prefix}publisher1`, `${prefix}dummy-nats1`]);
    await endsWith(0, stack.project.up("--refresh"));
    assert.deepEqual([...(await stack.containers()).keys()].sort(), names);
    await hears("publisher0");
    await noChange();
  });

  it("starts a container again that was stopped by hand", async () => {
    await stack.engine.docker(["stop", `${prefix}publisher1`]);
    await endsWith(0, stack.project.up());
    assert.equal(await inspect("publisher1", "{{.State.Running}}"), "true");
    await noChange();
  });

  it("fails over from containers that stand still, and takes them back", async () => {
    await stack.engine.docker(["pause", `${prefix}dummy-nats0`, `${prefix}publisher0`]);
    await endsWith(0, stack.project.natsby(["failover", "--to", "publisher1", "--reason", "it stands still"]));
    await hears("publisher1");
    await stack.engine.docker(["unpause", `${prefix}dummy-nats0`, `${prefix}publisher0`]);
    await hears("publisher1");
    await endsWith(0, stack.project.natsby(["rejoin", "publisher0"]));
    await hears("publisher1");
    await noChange();
  });

  it("fails over from containers that were killed", async () => {
    await stack.engine.docker(["kill", `${prefix}dummy-nats1`, `${prefix}publisher1`]);
    await endsWith(0, stack.project.natsby(["failover", "--to", "publisher0", "--reason", "it is dead"]));
    await hears("publisher0");
  });

  it("leaves nothing on the engine when it is destroyed", async () => {
    await endsWith(0, stack.project.natsby(["rejoin", "publisher1"]));
    await endsWith(0, stack.project.pulumi(["destroy", "--yes", "--skip-preview"]));
    const { docker } = stack.engine;
    assert.deepEqual(
      [
        await docker(["ps", "--all", "--quiet"]),
        await docker(["volume", "ls", "--quiet"]),
        await docker(["images", "--quiet"]),
      ],
      ["", "", ""],
    );
    const networks = (await docker(["network", "ls", "--format", "{{.Name}}"])).split("\n");
    assert.deepEqual(networks.sort(), ["bridge", "host", "none"]);
  });
});
