// The plugin docker with the real CLI, the real @pulumi/docker and a real engine: what is created, seen as unchanged, updated in
// place, replaced and destroyed. It holds for Pulumi's own plugin as for natsby's stand-in.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { look } from "../../../scripts/toolchain/look.ts";
import { natsServerPath } from "../../../scripts/toolchain/paths.ts";
import { isTool } from "../../../scripts/toolchain/tool.ts";
import type { DockerSpec } from "../../support/docker-program.ts";
import { noEngine, startEngine } from "../../support/engine.ts";
import { PulumiTrial } from "../../support/pulumi-trial.ts";

const plugin = look(process.env, true).dockerPlugin;
const skip = noEngine() ?? false;

suite("the plugin docker", { skip }, async () => {
  assert.ok(plugin && isTool(plugin), "there is no plugin docker on this machine: type npm test, which brings it");
  const trial = new PulumiTrial(new URL("../../support/docker-program.ts", import.meta.url));
  const engine = await startEngine();
  after(async () => {
    await engine[Symbol.asyncDispose]();
    trial[Symbol.dispose]();
  });
  const context = join(trial.path, "context");
  mkdirSync(context);
  cpSync(natsServerPath(), join(context, "nats-server"));
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY nats-server /nats-server\n");

  const container: DockerSpec["container"] = {
    name: "small",
    command: ["/nats-server", "--pid", "/data/pid"],
    restart: "always",
    memory: 64,
    memorySwap: 64,
    envs: ["ROLE=first"],
    destroyGraceSeconds: 5,
    ports: [{ internal: 4222, ip: "127.0.0.1" }],
  };
  const spec = (over: Partial<DockerSpec> = {}): void => {
    const whole: DockerSpec = { engine: engine.url, context, build: "1", container, ...over };
    writeFileSync(join(trial.path, "infra/docker.json"), JSON.stringify(whole));
  };
  const look = (format: string): Promise<string> => engine.docker(["inspect", "--format", format, "small"]);

  test("what is made runs on the engine, and a preview of it plans no change", async () => {
    spec();
    const made = await trial.run("up");
    assert.equal(made.code, 0, made.output);
    const names = ["image", "network", "volume", "server"];
    assert.deepEqual(Object.keys(made.steps).sort(), names.toSorted());
    assert.match(await look("{{.State.Running}} {{.Config.Env}}"), /^true \[ROLE=first /);
    const seen = await trial.run("preview", "--refresh");
    assert.deepEqual([seen.code, seen.steps], [0, {}], seen.output);
  });

  test("a limit is changed on the running container", async () => {
    const before = await look("{{.Id}}");
    spec({ container: { ...container, memory: 96, memorySwap: 96 } });
    const changed = await trial.run("up");
    assert.deepEqual([changed.code, changed.steps], [0, { server: ["update"] }], changed.output);
    assert.deepEqual(Object.keys(changed.diffs.server ?? {}), ["memory", "memorySwap"]);
    assert.equal(await look("{{.Id}}"), before);
    assert.equal(await look("{{.HostConfig.Memory}}"), `${96 * 1024 ** 2}`);
  });

  test("what is fixed in a container replaces it: the old one goes first, for both want the same name", async () => {
    const before = await look("{{.Id}}");
    spec({ container: { ...container, envs: ["ROLE=second"] } });
    const changed = await trial.run("up");
    assert.equal(changed.code, 0, changed.output);
    assert.deepEqual(changed.steps, { server: ["delete-replaced", "replace", "create-replacement"] });
    assert.notEqual(await look("{{.Id}}"), before);
    assert.match(await look("{{.Config.Env}}"), /^\[ROLE=second /);
  });

  test("an image is built anew when its triggers say so, and the container follows", async () => {
    cpSync(natsServerPath(), join(context, "another-file"));
    writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY nats-server another-file /\n");
    spec({ build: "2", container: { ...container, envs: ["ROLE=second"] } });
    const changed = await trial.run("up");
    assert.equal(changed.code, 0, changed.output);
    assert.deepEqual(Object.keys(changed.steps).sort(), ["image", "server"]);
  });

  test("what only the official plugin has is refused with the way to it", {
    skip: !plugin.standIn && "it is the official one",
  }, async () => {
    trial.write(
      'import { Image } from "@pulumi/docker";\nnew Image("image", { imageName: "small", skipPush: true });\n',
    );
    const { code, output } = await trial.run("preview");
    assert.notEqual(code, 0);
    assert.match(
      output,
      /docker\.Image is left out of natsby's STAND-IN.* pulumi plugin install resource docker 5\.2\.0 --reinstall/s,
    );
  });

  test("a destroyed stack leaves nothing on the engine", async () => {
    const gone = await trial.run("destroy");
    assert.equal(gone.code, 0, gone.output);
    assert.equal(await engine.docker(["ps", "--all", "--quiet"]), "");
    assert.equal(await engine.docker(["volume", "ls", "--quiet"]), "");
    assert.ok(!(await engine.docker(["network", "ls", "--format", "{{.Name}}"])).includes("small"));
    assert.notEqual(await engine.docker(["images", "--quiet", "small"]), "", "an image that is kept stays");
  });
});
