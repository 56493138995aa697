// The test hosts are what tests of the platform ssh take them for: they boot, are reached over SSH, can be cut off, frozen and rebooted.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { noHosts, operator, TestHosts } from "./hosts.ts";
import { temporary } from "./temporary.ts";
import { until } from "./until.ts";

const run = promisify(execFile);
const names = ["host0", "host1", "host2", "host3"];

describe("hosts of a test's own", { skip: noHosts() ?? false }, () => {
  const own = temporary();
  let hosts: TestHosts;
  before(async () => {
    hosts = await TestHosts.start(names);
  });
  after(async () => {
    await hosts?.[Symbol.asyncDispose]();
    own[Symbol.dispose]();
  });

  /** The system's own ssh, which trusts nothing but the host's key. */
  async function ssh(name: string, command: string, user = "root"): Promise<string> {
    const { address, hostKey } = hosts.of(name);
    const known = join(own.path, name);
    writeFileSync(known, `${address} ${hostKey}\n`);
    const checks = [`UserKnownHostsFile=${known}`, "StrictHostKeyChecking=yes", "BatchMode=yes", "ConnectTimeout=2"];
    const options = checks.flatMap((check) => ["-o", check]);
    const { stdout } = await run("ssh", ["-i", hosts.key.path, ...options, `${user}@${address}`, command], {
      timeout: 10_000,
    });
    return stdout.trim();
  }

  test("each runs systemd without a failed unit, and is reached over SSH by a key of its own", async () => {
    for (const name of names) {
      assert.equal(await ssh(name, "hostname; id -un; cat /proc/1/comm"), `${name}\nroot\nsystemd`);
      await until(
        `${name} is all up`,
        async () => (await ssh(name, "systemctl is-system-running")) === "running",
        20_000,
      );
    }
    assert.equal(new Set(names.map((name) => hosts.of(name).hostKey)).size, names.length);
  });

  test("a user without rights gets those that the test gives", async () => {
    await assert.rejects(ssh("host0", "sudo -n id -u", "deploy"));
    await hosts.permit("host0", "deploy ALL=(root) NOPASSWD: /usr/bin/id");
    assert.equal(await ssh("host0", "sudo -n id -u", "deploy"), "0");
  });

  test("two that are cut apart do not hear each other, everybody else hears both, until they are healed", async () => {
    const dial = (from: string, to: string) =>
      hosts.within(from, "timeout", "2", "bash", "-c", `exec 3<>/dev/tcp/${hosts.addressOf(to)}/22; head -c3 <&3`);
    assert.equal(await dial("host0", "host1"), "SSH");
    await hosts.cut("host0", "host1");
    await assert.rejects(dial("host0", "host1"));
    await assert.rejects(dial("host1", "host0"));
    assert.equal(await dial("host2", "host1"), "SSH");
    assert.equal(await ssh("host0", "echo heard"), "heard");
    await hosts.heal();
    assert.equal(await until("they hear each other", () => dial("host0", "host1")), "SSH");
  });

  test("one that is cut off from the operator stays so over a reboot", async () => {
    await hosts.cut("host3", operator);
    await assert.rejects(ssh("host3", "true"));
    await hosts.reboot("host3");
    await assert.rejects(ssh("host3", "true"));
    await hosts.heal();
    assert.equal(await until("it answers", () => ssh("host3", "echo heard")), "heard");
  });

  test("one that is frozen answers nothing and goes on afterwards", async () => {
    await hosts.freeze("host2");
    await assert.rejects(ssh("host2", "true"));
    await hosts.thaw("host2");
    assert.equal(await ssh("host2", "echo heard"), "heard");
  });

  test("what is enabled comes back after a reboot and after its power failed; what lay in /run does not", async () => {
    const unit = "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n";
    await ssh(
      "host1",
      `printf '${unit}' >/etc/systemd/system/nap.service; systemctl enable --now nap; touch /run/gone`,
    );
    await hosts.reboot("host1");
    const isBack = async () =>
      (await ssh("host1", "systemctl is-active nap; ls /run/gone 2>&1 | wc -l")) === "active\n1";
    await until("the unit is back", isBack);
    await hosts.powerOff("host1");
    await assert.rejects(ssh("host1", "true"));
    await hosts.powerOn("host1");
    await until("the unit is back again", async () => (await ssh("host1", "systemctl is-active nap")) === "active");
  });
});

test("nothing of an engine is left when it ends, whatever ran on it", { skip: noHosts() ?? false }, async () => {
  const traces = () => ({
    links: readdirSync("/sys/class/net").sort(),
    mounts: readFileSync("/proc/self/mountinfo", "utf8").split("\n").length,
    forward: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
  });
  const before = traces();
  const hosts = await TestHosts.start(["host0"]);
  await hosts.freeze("host0");
  await hosts[Symbol.asyncDispose]();
  assert.deepEqual(traces(), before);
});
