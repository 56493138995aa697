// natsby doctor of a stack on hosts of its own: what it finds at a real sshd, at a real host, and where it does not come that far.

import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { editStackConfig } from "../../infra/core/stack-config-edit.ts";
import { doctor } from "../../scripts/commands/doctor.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import type { CheckedHost } from "../../scripts/verbs/check-hosts.ts";
import { noHosts, TestHosts } from "../support/hosts.ts";
import { freePorts } from "../support/ports.ts";
import { noSshd, startSshd } from "../support/sshd.ts";
import { type Temporary, temporary } from "../support/temporary.ts";

const names = ["north", "south", "east", "west"];

/** The example of the platform with these hosts in its hosts' places. */
function project(
  hosts: readonly Readonly<Record<string, unknown>>[],
  more: Readonly<Record<string, unknown>> = {},
): Temporary {
  const folder = temporary();
  mkdirSync(join(folder.path, "stacks"));
  copyFileSync(join(projectRoot, "Pulumi.yaml"), join(folder.path, "Pulumi.yaml"));
  const example = readFileSync(join(projectRoot, "stacks/Pulumi.ssh.yaml"), "utf8");
  const named = Object.fromEntries(names.map((name, at) => [name, hosts[at % hosts.length]]));
  const text = editStackConfig(example, "natsby", { hosts: named, ...more });
  writeFileSync(join(folder.path, "stacks/Pulumi.ssh.yaml"), text);
  return folder;
}

async function ask({ path: folder }: Temporary, key: string) {
  const parts = { folder, keysOf: async () => ({ default: key }) };
  const [json, table] = [keptOutput(), keptOutput()];
  const code = await doctor({ json: true, stack: "ssh" }, { ...parts, output: json });
  assert.equal(await doctor({ json: false, stack: "ssh" }, { ...parts, output: table }), code);
  const { hosts, ok } = JSON.parse(json.stdout) as { hosts: readonly CheckedHost[]; ok: boolean };
  return { code, hosts, ok, table: table.stdout };
}

const stateOf = ({ checks }: CheckedHost) => Object.fromEntries(checks.map(({ name, ok }) => [name, ok]));

describe("natsby doctor and the hosts of a stack", { skip: noSshd() ?? false }, () => {
  test("each is looked at: one that is well, one that shows another key, one that does not answer, one that lets nobody in", async () => {
    await using sshd = await startSshd();
    await using other = await startSshd();
    const { port, hostKey, user } = sshd;
    const well = { address: "127.0.0.1", port, hostKey, user };
    // The host is this machine, on which 4222 may be taken.
    const [basePort] = await freePorts(1);
    using folder = project(
      [
        well,
        { ...well, hostKey: other.hostKey },
        { ...well, port: 1 },
        { ...well, port: other.port, hostKey: other.hostKey },
      ],
      { basePort: String(basePort) },
    );
    const { code, hosts, ok, table } = await ask(folder, sshd.key.privateKey);
    assert.deepEqual([code, ok, hosts.map(({ name }) => name)], [3, false, ["east", "north", "south", "west"]]);
    const of = (name: string): CheckedHost => hosts.find((host) => host.name === name) ?? assert.fail(name);
    const { rights: _, systemd: __, ...state } = stateOf(of("north"));
    assert.deepEqual(state, {
      reach: true,
      system: true,
      clock: true,
      "free disk": true,
      ports: true,
      version: true,
    });
    assert.match(of("south").checks[0]?.text ?? "", /shows ssh-ed25519 SHA256:.*the stack's config has/);
    assert.match(of("east").checks[0]?.text ?? "", /nobody listens there$/);
    assert.match(of("west").checks[0]?.mend ?? "", /sshPrivateKeys/);
    assert.match(table, /^HOST north\nreach {6}ok {6}\d+ ms there and back; its key is the config's$/m);
    assert.match(
      table,
      /^HOST south\nreach {6}MISSING host south .*\n(.*\n)+? {2}> if it was set up anew: natsby hosts scan south/m,
    );
  });

  test("a port that somebody else has is told with whoever has it", async () => {
    await using sshd = await startSshd();
    const { port, hostKey, user } = sshd;
    const [basePort = 0] = await freePorts(1);
    const taken = createServer().listen(basePort, "127.0.0.1");
    using folder = project([{ address: "127.0.0.1", port, hostKey, user }], { basePort });
    const { hosts } = await ask(folder, sshd.key.privateKey);
    taken.close();
    const north = hosts.find(({ name }) => name === "north");
    const ports = north?.checks.find(({ name }) => name === "ports");
    assert.equal(ports?.ok, false);
    assert.match(ports?.text ?? "", new RegExp(`^${basePort} of server0 is taken by .*\\(pid ${process.pid}\\)`));
  });

  test("a config with problems is told with all of them, and no host is asked", async () => {
    using folder = project([{ address: "127.0.0.1", hostKey: "no key" }]);
    const { code, hosts } = await ask(folder, "no key");
    assert.deepEqual([code, hosts.map(({ name }) => name)], [3, ["stack ssh"]]);
    assert.match(hosts[0]?.checks[0]?.text ?? "", /hosts\.north\.hostKey/);
  });

  test("on a real host: as root nothing is missing, and a user without sudo is told", {
    skip: noHosts() ?? false,
  }, async () => {
    await using hosts = await TestHosts.start(["host0"]);
    const { address, hostKey } = hosts.of("host0");
    const entry = { address, hostKey };
    using folder = project([entry, entry, entry, { ...entry, user: "deploy" }]);
    const { hosts: found } = await ask(folder, hosts.key.privateKey);
    const [east, , , west] = found;
    assert.deepEqual(
      east?.checks.filter(({ ok }) => !ok),
      [],
    );
    assert.match(east?.checks.find(({ name }) => name === "systemd")?.text ?? "", /^\d{3}$/);
    assert.match(west?.checks[0]?.mend ?? "", /NOPASSWD: \/bin\/sh/);
  });
});
