// The driver docker to an engine behind SSH: over one connection, which checks who is there, is made again when it was cut, and does not
// outlive natsby.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { type DockerHostOptions, dockerHost } from "../../infra/hosts/docker.ts";
import { descendantsOf } from "../support/descendants.ts";
import { buildServerImage } from "../support/docker-images.ts";
import { EngineBySsh, noEngineBySsh } from "../support/engine-by-ssh.ts";
import { runTypeScript } from "../support/program.ts";
import { type SshAgent, startSshAgent } from "../support/ssh-agent.ts";
import { makeKey } from "../support/sshd.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const dataDir = "/natsby";

describe("the driver docker over SSH", { skip: noEngineBySsh() ?? false }, () => {
  let far: EngineBySsh;
  let agent: SshAgent;
  const optionsOf = (over: Partial<DockerHostOptions> = {}): DockerHostOptions => ({
    ...{ name: "far", url: far.url, hostKey: far.sshd.hostKey, dataDir, keeper: "keeper", published: true },
    ...over,
  });
  /** Where connections have their sockets in this test: nothing may be left there. */
  const connections = temporary("c");
  let atFirst = 0;

  before(async () => {
    far = await EngineBySsh.start();
    agent = await startSshAgent([far.sshd.key.path]);
    process.env.SSH_AUTH_SOCK = agent.socket;
    process.env.TMPDIR = connections.path;
    using folder = temporary("images");
    const image = await buildServerImage(far.engine, folder.path);
    await far.engine.docker(["run", "--detach", "--name=keeper", "--volume=files:/natsby", image]);
    const server = ["--publish=127.0.0.1:24222:4222", image, "/nats-server", "--port", "4222"];
    await far.engine.docker(["run", "--detach", "--name=server0", ...server]);
    atFirst = descendantsOf(process.pid).length;
  });
  after(async () => {
    await agent?.[Symbol.asyncDispose]();
    await far?.[Symbol.asyncDispose]();
    connections[Symbol.dispose]();
  });

  it("reads, writes and reaches ports of that host over one connection", async () => {
    await using host = dockerHost(optionsOf());
    await host.write(`${dataDir}/a`, "text", 0o600);
    assert.equal(await host.read(`${dataDir}/a`), "text");
    assert.equal((await host.processes()).size, 0);
    const { address, port } = await host.reach(24_222, "server0.natsby");
    assert.equal(address, "127.0.0.1");
    assert.notEqual(port, 24_222);
    const started = performance.now();
    await Promise.all(Array.from({ length: 30 }, () => host.processes()));
    assert.ok(performance.now() - started < 15_000, "30 questions at once");
  });

  it("refuses a host that shows another key, and one that nobody knows", async () => {
    using folder = temporary();
    const other = makeKey(`${folder.path}/other`).publicKey;
    for (const options of [{ hostKey: other }, withoutKey()]) {
      await using host = dockerHost({ ...optionsOf(), ...options });
      await assert.rejects(host.read("/a"), { code: "host-unreachable", message: /host key verification failed/i });
    }
  });
  const withoutKey = () => {
    const { hostKey: _, ...rest } = optionsOf();
    return { ...rest, hostKey: undefined as never };
  };

  it("gives up in time on a host that stands still, and comes back when its connection was cut", async () => {
    far.sshd.freeze();
    {
      await using host = dockerHost(optionsOf({ connectMs: 1_500 }));
      const started = performance.now();
      await assert.rejects(host.read("/a"), { code: "host-unreachable", message: /gave up after 1.5 s .* by ssh/ });
      assert.ok(performance.now() - started < 6_000);
    }
    far.sshd.thaw();
    await using host = dockerHost(optionsOf());
    assert.equal(await host.read(`${dataDir}/a`), "text");
    far.sshd.endSessions();
    const isBack = () => host.read(`${dataDir}/a`).then((text) => text === "text");
    await until("it is read over a new connection", isBack, 20_000);
  });

  it("leaves no ssh and no file behind, not even when natsby is killed", async () => {
    await using holder = runTypeScript(`
      import { dockerHost } from "#infra/hosts/docker.ts";
      const host = dockerHost(${JSON.stringify(optionsOf())});
      await host.inTurn("/natsby/turn", 1000, async () => {
        console.log("held");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });
    `);
    assert.equal(await holder.line(), "held");
    holder.signal("SIGKILL");
    {
      await using host = dockerHost(optionsOf());
      await host.inTurn("/natsby/turn", 10_000, async () => undefined);
    }
    const left = () => readdirSync(connections.path);
    const more = () => descendantsOf(process.pid).length - atFirst;
    const isClean = () => left().length === 0 && more() <= 0;
    await until("nothing of a connection is left", isClean, 15_000).catch(() => undefined);
    assert.deepEqual([left(), Math.max(0, more())], [[], 0]);
  });
});
