// natsby hosts scan with real sshds: what hosts show, what is written after a yes, and what never is.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fingerprintOf } from "../../infra/hosts/ssh/target.ts";
import { type HostsParts, hosts } from "../../scripts/commands/hosts.ts";
import { keptOutput } from "../../scripts/render/output.ts";
import { noSshd, type Sshd, startSshd } from "../support/sshd.ts";
import { type Temporary, temporary } from "../support/temporary.ts";

interface Host {
  readonly port: number;
  readonly hostKey?: string;
  readonly jump?: string;
}

/** A project whose stack `ssh` has these hosts. */
function project(entries: Readonly<Record<string, Host>>): Temporary {
  const folder = temporary();
  mkdirSync(join(folder.path, "stacks"));
  writeFileSync(join(folder.path, "Pulumi.yaml"), "name: natsby\n");
  const lines = Object.entries(entries).flatMap(([name, { port, hostKey, jump }]) => [
    ...[`    # The host ${name}.`, `    ${name}:`, "      address: 127.0.0.1", `      port: ${port}`],
    ...(hostKey === undefined ? [] : [`      hostKey: ${hostKey}`]),
    ...(jump === undefined ? [] : [`      jump: ${jump}`]),
  ]);
  const text = ["config:", "  natsby:platform: ssh", "  natsby:hosts:", ...lines, ""].join("\n");
  writeFileSync(join(folder.path, "stacks/Pulumi.ssh.yaml"), text);
  return folder;
}

const fileOf = ({ path }: Temporary): string => readFileSync(join(path, "stacks/Pulumi.ssh.yaml"), "utf8");

async function scan(folder: Temporary, words: readonly string[], parts: HostsParts = {}, yes = false, json = false) {
  const output = keptOutput();
  const flags = { json, yes, stack: "ssh" };
  const all = { output, folder: folder.path, confirm: null, keysOf: async () => ({}), ...parts };
  const code = await hosts(flags, ["scan", ...words], all);
  return { code, stdout: output.stdout, stderr: output.stderr };
}

describe("natsby hosts scan", { skip: noSshd() ?? false }, () => {
  test("shows each key as the host itself does, and writes it after a yes, with comments kept", async () => {
    await using north = await startSshd();
    await using south = await startSshd();
    using folder = project({ north: { port: north.port }, south: { port: south.port, hostKey: south.hostKey } });
    const before = fileOf(folder);
    const own = execFileSync("ssh-keygen", ["-lf", "-"], { input: north.hostKey, encoding: "utf8" }).split(" ")[1];
    const asked: string[] = [];
    const answer = (yes: boolean): HostsParts => ({
      confirm: async (question) => {
        asked.push(question);
        return yes;
      },
    });
    const no = await scan(folder, [], answer(false));
    assert.equal(no.code, 3);
    assert.equal(fileOf(folder), before);
    const { code, stdout, stderr } = await scan(folder, [], answer(true));
    assert.deepEqual([code, stderr], [0, "written into stacks/Pulumi.ssh.yaml: north\n"]);
    assert.match(stdout, new RegExp(`^north \\(root@127.0.0.1 port ${north.port}\\): NEW\n  ssh-ed25519 `));
    assert.ok(own !== undefined && stdout.includes(own), stdout);
    assert.match(stdout, /^south .*: as in the config$/m);
    assert.match(asked[1] ?? "", /Write those of north\?/);
    assert.equal(fileOf(folder), before.replace(/(north:\n.*\n.*\n)/, `$1      hostKey: ${north.hostKey}\n`));
    const again = await scan(folder, [], answer(false));
    assert.deepEqual([again.code, again.stderr], [0, "already: the config has these keys\n"]);
  });

  test("without a terminal asks for --yes, and writes nothing before", async () => {
    await using north = await startSshd();
    using folder = project({ north: { port: north.port } });
    const before = fileOf(folder);
    await assert.rejects(scan(folder, []), { exitCode: 3, hint: /natsby hosts scan --yes$/ });
    assert.equal(fileOf(folder), before);
    assert.equal((await scan(folder, [], {}, true)).code, 0);
    assert.ok(fileOf(folder).includes(`hostKey: ${north.hostKey}\n`));
  });

  test("a key that differs is written only for a host that is named", async () => {
    await using north = await startSshd();
    await using other = await startSshd();
    using folder = project({ north: { port: north.port, hostKey: other.hostKey } });
    const before = fileOf(folder);
    const { code, stdout } = await scan(folder, [], {}, true);
    assert.equal(code, 3);
    assert.match(stdout, /^north .*: DIFFERS from the config\n.*\n\n.*named: natsby hosts scan north$/m);
    assert.equal(fileOf(folder), before);
    assert.equal((await scan(folder, ["north"], {}, true)).code, 0);
    assert.equal(fileOf(folder), before.replace(other.hostKey, north.hostKey));
    await assert.rejects(scan(folder, ["norht"]), { code: "config", hint: "did you mean north?" });
  });

  test("a host that does not answer is unknown, and the others are written", async () => {
    await using north = await startSshd();
    using folder = project({ north: { port: north.port }, south: { port: 1 } });
    const { code, stdout } = await scan(folder, [], {}, true);
    assert.equal(code, 6);
    assert.match(stdout, /^south \(root@127\.0\.0\.1 port 1\): UNKNOWN\n {2}.*nobody listens there$/m);
    assert.ok(fileOf(folder).includes(north.hostKey));
    assert.equal((await scan(folder, ["south"], {}, true)).code, 3);
  });

  test("behind a jump host it logs in there, once its key is known", async () => {
    await using door = await startSshd();
    await using inner = await startSshd();
    const keysOf = async () => ({ default: door.key.privateKey });
    const jumped = (hostKey?: string) =>
      project({ door: { port: door.port, ...(hostKey && { hostKey }) }, inner: { port: inner.port, jump: "door" } });
    using unknown = jumped();
    const first = await scan(unknown, ["inner"], { keysOf });
    assert.deepEqual([first.code, /its jump door has no hostKey yet/.test(first.stdout)], [3, true]);
    using known = jumped(door.hostKey);
    // natsby's user there is the test's own.
    writeFileSync(
      join(known.path, "stacks/Pulumi.ssh.yaml"),
      fileOf(known).replace(/(door:\n)/, `$1      user: ${door.user}\n`),
    );
    assert.equal((await scan(known, ["inner"], { keysOf }, true)).code, 0);
    assert.ok(fileOf(known).includes(inner.hostKey));
  });

  test("programs read the same, and nothing is written for them without --yes", async () => {
    await using north: Sshd = await startSshd();
    using folder = project({ north: { port: north.port } });
    const before = fileOf(folder);
    const { code, stdout, stderr } = await scan(folder, [], {}, false, true);
    const fingerprint = fingerprintOf(north.hostKey);
    const host = { name: "north", address: "127.0.0.1", port: north.port, user: "root", hostKey: null, jump: null };
    assert.deepEqual(JSON.parse(stdout), {
      ...{ schema: 1, stack: "ssh" },
      hosts: [{ ...host, key: north.hostKey, fingerprint, state: "new", error: null }],
    });
    assert.deepEqual([code, stderr, fileOf(folder)], [0, "", before]);
  });

  test("a stack without hosts, and words that mean nothing, are told", async () => {
    using folder = project({});
    await assert.rejects(scan(folder, []), { code: "config", exitCode: 3 });
    await assert.rejects(hosts({ json: false, yes: false }, ["scna"]), { exitCode: 64, hint: "natsby hosts scan" });
  });
});
