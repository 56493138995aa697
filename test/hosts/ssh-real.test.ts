// The driver ssh on real Debian hosts: it keeps the contract as root and as a user with sudo, and systemd keeps what it starts.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Host } from "../../infra/hosts/host.ts";
import { type SshHostOptions, sshHost } from "../../infra/hosts/ssh.ts";
import { noHosts, operator, TestHosts } from "../support/hosts.ts";
import { until } from "../support/until.ts";
import { hostContract } from "./contract/host-contract.ts";
import type { ContractHost } from "./contract/subject.ts";

const skip = noHosts() ?? false;
const names = ["root-host", "sudo-host", "host0"];

describe("real hosts", { skip }, () => {
  let hosts: TestHosts;
  before(async () => {
    hosts = await TestHosts.start(names);
  });
  after(async () => {
    await hosts?.[Symbol.asyncDispose]();
  });

  const open = (name: string, user: string, options: Partial<SshHostOptions> = {}): Host => {
    const { address, hostKey } = hosts.of(name);
    const target = { name, address, port: 22, user, hostKey, privateKey: hosts.key.privateKey };
    return sshHost(target, { stack: "test", dataDir, ...options });
  };
  const contractHost = async (name: string, user: string): Promise<ContractHost> => ({
    dataDir,
    open: () => open(name, user),
    async [Symbol.asyncDispose]() {},
  });

  hostContract("ssh, as root", () => contractHost("root-host", "root"));
  hostContract("ssh, as a user with sudo", async () => {
    await hosts.permit("sudo-host", "deploy ALL=(root) NOPASSWD: /bin/sh, /usr/bin/sh");
    return contractHost("sudo-host", "deploy");
  });

  test("a user who may not become root is told what to type", async () => {
    await using host = open("host0", "deploy");
    await assert.rejects(host.read("/etc/hostname"), { code: "host-sudo", exitCode: 3, hint: /sudoers.*NOPASSWD/ });
  });

  const started = async (host: Host, name: string) => {
    const cwd = `${dataDir}/${name}`;
    await host.makeFolder(cwd);
    const argv = ["/bin/sh", "-c", "exec sleep 1000"] as const;
    await host.start({ name, argv, cwd, output: `${cwd}/output`, environment: { SECRET: "s3cret" } });
  };
  const pidOf = async (host: Host, name: string) => (await host.processes()).get(name)?.[0]?.pid ?? null;

  test("what was started comes back when it ended, and after a reboot; its secrets are root's alone", async () => {
    await using host = open("host0", "root");
    await started(host, "server0");
    const first = (await pidOf(host, "server0")) ?? assert.fail("it does not run");
    const { stdout } = await host.run(["systemctl", "show", "natsby-test-server0.service"], { withinMs: 5_000 });
    assert.doesNotMatch(stdout, /s3cret/);
    await hosts.within("host0", "kill", "-9", String(first));
    await until("it is back", async () => ![null, first].includes(await pidOf(host, "server0")));
    await hosts.reboot("host0");
    const isBack = () => pidOf(host, "server0").catch(() => null);
    await until("it is back after the reboot", isBack, 20_000);
  });

  test("what was stopped does not come back, leaves no unit, and a folder that is removed takes its unit with it", async () => {
    await using host = open("host0", "root");
    for (const name of ["server1", "server2"]) await started(host, name);
    const units = async () =>
      (await host.list("/etc/systemd/system")).filter((name) => /^natsby-test-server[12]/.test(name)).sort();
    assert.deepEqual(await units(), ["natsby-test-server1.service", "natsby-test-server2.service"]);
    const [process] = (await host.processes()).get("server1") ?? [];
    assert.equal(await host.stop(process ?? assert.fail(), { withinMs: 5_000, signal: "SIGTERM" }), true);
    assert.deepEqual(await units(), ["natsby-test-server2.service"]);
    await host.remove(`${dataDir}/server2`);
    assert.deepEqual(await units(), []);
    assert.equal(await pidOf(host, "server2"), null);
  });

  test("a host that is cut off is told within the bound, before and after it was reached", async () => {
    await using host = open("host0", "root", { connectMs: 2_000, answerMs: 700 });
    await host.list("/");
    await hosts.cut("host0", operator);
    const bounded = async (host: Host, message: RegExp) => {
      const began = performance.now();
      await assert.rejects(host.list("/"), { code: "host-unreachable", exitCode: 3, message });
      assert.ok(performance.now() - began < 4_000, "it took longer");
    };
    await bounded(
      host,
      /^host host0 \(root@\S+ port 22\) cannot be reached: gave up after 0\.7 s \(timeouts\.host\) waiting until it lists \/$/,
    );
    await bounded(host, /gave up after 2 s \(timeouts\.host\) waiting until it lets natsby in$/);
    await hosts.heal();
    await until("it is reached again", () => host.list("/").then((names) => names.length > 0), 30_000);
  });
});

const dataDir = "/var/lib/nats by/stack";
