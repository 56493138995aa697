// The driver docker and the image of servers on a real engine, with rights taken away as the platform does: what a container may, how it is
// told, that no reader meets half a file, and what is known when the engine or the container of the files is away.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { processLabel } from "../../infra/core/containers.ts";
import { dockerHost } from "../../infra/hosts/docker.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { buildServerImage } from "../support/docker-images.ts";
import { type Engine, noEngine, startEngine } from "../support/engine.ts";
import { runTypeScript } from "../support/program.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const dataDir = "/natsby";
const config = `${dataDir}/server0/nats.conf`;
const rights = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=natsby"];
const life = ["--restart=always", "--stop-signal=SIGTERM"];

describe("the driver docker", { skip: noEngine() ?? false }, () => {
  let engine: Engine;
  let host: Host;
  const open = (): Host => dockerHost({ name: "host0", url: engine.url, dataDir, keeper: "keeper" });
  const within = (container: string, ...words: readonly string[]): Promise<string> =>
    engine.docker(["exec", container, "/natsby-helper", ...words]);
  const configure = (maxPayload: string): Promise<void> =>
    host.write(
      config,
      `port: 4222
server_name: server0
max_payload: ${maxPayload}
`,
      0o600,
    );
  const greeting = async (): Promise<string> => greetingAt(await host.reach(4222, "server0"));

  before(async () => {
    using folder = temporary("images");
    engine = await startEngine();
    const image = await buildServerImage(engine, folder.path);
    await engine.docker(["network", "create", "natsby"]);
    await engine.docker(["run", "--detach", "--name=keeper", ...rights, "--volume=files:/natsby", image]);
    host = open();
    await configure("1MB");
    const label = `--label=${processLabel}=${dataDir}/server0`;
    const more = ["--volume=files:/natsby:ro", "--publish=127.0.0.1::4222", label];
    const server = ["/nats-server", "--config", config];
    await engine.docker(["run", "--detach", "--name=server0", ...rights, ...life, ...more, image, ...server]);
    await until("the server greets", () => within("server0", "health", "127.0.0.1", "4222").then(() => true), 15_000);
  });
  after(async () => {
    await host?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });
  const running = async () => (await host.processes()).get("server0")?.[0] ?? assert.fail("server0 does not run");

  it("finds a container that somebody else made, by its label", async () => {
    const { name, frozen } = await running();
    assert.deepEqual([name, frozen], ["server0", false]);
    assert.deepEqual([...(await host.processes()).keys()], ["server0"]);
  });

  it("knows a server's health by its greeting, and nobody's by a refusal", async () => {
    assert.equal(await within("server0", "health", "127.0.0.1", "4222"), "");
    await assert.rejects(within("server0", "health", "127.0.0.1", "4223"), /connection refused/);
  });

  it("has a server read its config again, which keeps its restart policy", async () => {
    const before = await running();
    await configure("2MB");
    assert.equal(await host.signal(before, "SIGHUP"), true);
    await until("it has read it again", async () => /"max_payload":2097152\b/.test(await greeting()));
    assert.equal((await running()).startTicks, before.startTicks);
    const { pid } = await running();
    process.kill(pid, "SIGKILL");
    await until("it was started again", async () => (await host.processes()).get("server0")?.[0]?.pid !== pid, 15_000);
    await until("the server greets", () => within("server0", "health", "127.0.0.1", "4222").then(() => true), 15_000);
  });

  it("shows no reader half of a file", async () => {
    const path = `${dataDir}/busy`;
    const texts = ["a", "b"].map((letter) => letter.repeat(100_000));
    await host.write(path, texts[0] ?? "", 0o600);
    await using reader = open();
    let [reads, isWriting] = [0, true];
    const reading = (async () => {
      for (; isWriting; reads++) assert.ok(texts.includes((await reader.read(path)) ?? "none"), "half a file");
    })();
    for (let at = 0; at < 60; at++) await host.write(path, texts[at % 2] ?? "", 0o600);
    isWriting = false;
    await reading;
    assert.ok(reads > 20, `${reads} reads`);
  });

  it("reaches a published port, and one that is not published by its name in the network", async () => {
    const published = await engine.docker(["port", "server0", "4222"]);
    const port = Number(published.split(":").at(-1));
    assert.deepEqual(await host.reach(port), { address: "127.0.0.1", port });
    assert.match((await host.portOwner("127.0.0.1", port)) ?? "", /^container server0 /);
    assert.match(await greeting(), /^INFO \{/);
    assert.equal(await greetingAt(await host.reach(4223, "server0")), "", "where nobody listens it hangs up");
  });

  it("tells the last lines of a container, then what it goes on writing, and follows it into its next life", async () => {
    const last: string[] = [];
    await host.log?.("server0", 2, (line) => last.push(line));
    assert.equal(last.length, 2);
    assert.match(last[1] ?? "", /^\[\d+\] .*\[(INF|DBG|WRN)\] /);
    const [lines, stop] = [[] as string[], new AbortController()];
    const following = host.log?.("server0", 1, (line) => lines.push(line), stop.signal);
    await until("it began", () => lines.length > 0, 10_000);
    assert.deepEqual(lines, last.slice(1));
    await engine.docker(["restart", "--time=1", "server0"]);
    await until("it starts again", () => lines.some((line) => /Server is ready/.test(line)), 20_000);
    stop.abort();
    await following;
    assert.equal(new Set(lines).size, lines.length, "no line twice");
    await until("the server greets", () => within("server0", "health", "127.0.0.1", "4222").then(() => true), 15_000);
  });

  it("stops a container for good, and starts it again as it was", async () => {
    const before = await running();
    assert.equal(await host.stop(before, { withinMs: 10_000, signal: "SIGTERM" }), true);
    assert.equal((await host.processes()).get("server0"), undefined);
    const argv = ["/nats-server"] as const;
    await host.start({ name: "server0", argv, cwd: dataDir, output: `${dataDir}/output` });
    await until(
      "the server greets again",
      () => within("server0", "health", "127.0.0.1", "4222").then(() => true),
      15_000,
    );
    assert.notEqual((await running()).startTicks, before.startTicks);
    assert.equal(await host.signal(before, "SIGTERM"), false, "not the one that was meant");
  });

  it("frees what it held when its process is killed", async () => {
    const lock = `${dataDir}/turn`;
    await using holder = holding(lock);
    assert.equal(await holder.line(), "held");
    await assert.rejects(
      host.inTurn(lock, 200, async () => undefined),
      { code: "locked" },
    );
    holder.signal("SIGKILL");
    await host.inTurn(lock, 10_000, async () => undefined);
  });

  it("comes back to files and containers after the engine was restarted", async () => {
    await engine.docker(["update", "--restart=always", "keeper"]);
    await engine.restart();
    await until("the files are there", async () => (await host.read(config))?.includes("server0"), 30_000);
    await until("the server is there", async () => (await host.processes()).has("server0"), 30_000);
  });

  it("says that a host cannot be reached, whether its engine or the container of its files is away", async () => {
    await using nobody = dockerHost({ name: "host1", url: "unix:///nowhere/socket", dataDir, keeper: "keeper" });
    for (const ask of [() => nobody.read(config), () => nobody.processes()])
      await assert.rejects(ask(), { code: "host-unreachable" });
    await engine.docker(["stop", "--time=1", "keeper"]);
    await assert.rejects(host.read(config), { code: "host-unreachable", message: /is not running/ });
    await engine.docker(["start", "keeper"]);
    assert.match((await host.read(config)) ?? "", /server0/);
  });

  function holding(lock: string) {
    const options = JSON.stringify({ name: "host0", url: engine.url, dataDir, keeper: "keeper" });
    return runTypeScript(`
      import { dockerHost } from "#infra/hosts/docker.ts";
      await dockerHost(${options}).inTurn(${JSON.stringify(lock)}, 1000, async () => {
        console.log("held");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });
    `);
  }
});

async function greetingAt({ address, port }: { readonly address: string; readonly port: number }): Promise<string> {
  const socket = connect(port, address);
  socket.on("error", () => undefined).setTimeout(10_000, () => socket.destroy());
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once("data", (part) => resolve(part.toString())).once("close", () => resolve(""));
  return promise.finally(() => socket.destroy());
}
