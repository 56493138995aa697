// A stack of containers on a Docker engine of the test's own, by the real CLI and the real plugin: brought up, flipped, rebooted, given up,
// taken down. A flip changes no container.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { DockerStack, prefix, remainsOn } from "../support/docker-stack.ts";
import { noEngine } from "../support/engine.ts";
import { until } from "../support/until.ts";
import type { Witness } from "../support/witness.ts";

const names = ["dummy-nats0", "dummy-nats1", "keeper", "publisher0", "publisher1", "server0", "server1"];

/** Run within a publisher's container: which files it can read, and which of the addresses that it is given answer. */
const lookAround = `
  const { readdirSync, readFileSync } = require("node:fs");
  const { connect } = require("node:net");
  const files = readdirSync("/natsby", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => entry.parentPath + "/" + entry.name).sort();
  for (const file of files) readFileSync(file);
  const dial = (host, port) => new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1500 }, () => resolve(true));
    socket.once("timeout", () => resolve(false)).once("error", () => resolve(false));
  });
  const all = JSON.parse(process.argv[1]).flatMap(({ name, at, ports }) =>
    Object.entries(ports).flatMap(([purpose, port]) => at.filter(Boolean).map(async (host) =>
      await dial(host, port) ? [name + " " + purpose] : [])));
  Promise.all(all).then((found) => {
    console.log(JSON.stringify({ files, reached: [...new Set(found.flat())].sort() }));
    process.exit();
  });
`;

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

  it("shows a publisher nothing but its own folder and its own dummy", async () => {
    const text = await stack.engine.docker([
      "exec",
      `${prefix}publisher0`,
      "/node",
      "-e",
      lookAround,
      await addresses(),
    ]);
    const { files, reached } = JSON.parse(text) as { files: string[]; reached: string[] };
    assert.deepEqual(files, ["/natsby/publisher0/applied.json", "/natsby/publisher0/subjects.json"]);
    assert.deepEqual(reached, ["dummy-nats0 client"]);
  });
  it("shows a server nothing but its own folder, which it may not write to", async () => {
    for (const name of ["server0", "dummy-nats1"]) {
      const mounts = await inspect(name, "{{range .Mounts}}{{.Name}} {{.Destination}} {{.RW}};{{end}}");
      assert.equal(mounts, `${prefix}${name} /natsby/${name} false;`);
    }
  });

  /** By its address in each of its networks, and by its name: a port on the loopback of the engine's host is none of a container's. */
  async function addresses(): Promise<string> {
    const { upstreams, publishers } = await stack.project.status();
    const dummies = publishers.map((one) => ({ ...one, name: one.dummy, linksFrom: undefined }));
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}} {{end}}";
    const places = [...upstreams, ...dummies].map(async ({ name, clientUrl, monitorUrl, linksFrom }) => {
      const client = Number(new URL(clientUrl).port);
      const ports = { client, monitor: Number(new URL(monitorUrl ?? "").port) };
      const at = [name, ...(await inspect(name, format)).split(" ")];
      // A dummy's cluster port is its own loopback's.
      return { name, at, ports: linksFrom === undefined ? ports : { ...ports, cluster: client + 1 } };
    });
    return JSON.stringify(await Promise.all(places));
  }

  it("has its engine looked at by natsby doctor", async () => {
    const { stdout } = await stack.project.natsby(["doctor"]);
    assert.match(stdout, /^HOST here\n *reach +ok +Docker \d+\.\d+/m);
  });

  it("shows what containers wrote", async () => {
    const { stdout } = await endsWith(0, stack.project.natsby(["logs", "server0", "--lines", "3"]));
    assert.match(stdout, /^(\[\d+\] .*\n){3}$/);
    const all = await endsWith(0, stack.project.natsby(["logs", "--lines", "1"]));
    assert.match(all.stdout, /^dummy-nats1 \| \[/m);
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
    const { code, output } = await stack.project.up();
    assert.notEqual(code, 0);
    assert.match(output, /there is no container of dummy-nats1: pulumi up --refresh/);
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
    assert.deepEqual(await remainsOn(stack.engine), []);
  });
});
