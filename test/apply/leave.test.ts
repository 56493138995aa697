// What is left of a stack on a host that it leaves: nothing of its own, and all that is somebody else's.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { instanceOf } from "../../infra/core/secrets.ts";
import type { HostsPlan } from "../../infra/hosts/stack-hosts.ts";
import { clusterSecret, runApply } from "../support/apply-command.ts";
import { endsWith } from "../support/bounded-run.ts";
import { freePorts } from "../support/ports.ts";
import { noSshd, type Sshd, startSshd } from "../support/sshd.ts";

const skip = noSshd() ?? (process.getuid?.() === 0 ? false : "only root is let in without sudo");

describe("a host that the stack leaves", { skip }, () => {
  let sshd: Sshd;
  let dataDir: string;
  before(async () => {
    sshd = await startSshd();
  });
  after(async () => {
    await sshd?.[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    dataDir = join(sshd.folder, "data dir");
    rmSync(dataDir, { recursive: true, force: true });
    mkdirSync(join(dataDir, "bin"), { recursive: true });
    const files = { "guard.json": '{"epoch":1,"ticket":4,"fenced":["publisher0"]}\n', "history.jsonl": "{}\n" };
    const owner = { "natsby.json": `${JSON.stringify({ instance: instanceOf(clusterSecret) })}\n` };
    const binary = { "bin/nats-server-2.15.2": "program", "guard.json.7.next": "left by a run that was killed" };
    for (const [name, text] of Object.entries({ ...files, ...owner, ...binary }))
      writeFileSync(join(dataDir, name), text);
  });

  /** `west` is there; `east`, which has publisher0 alone, is at this port. */
  async function leave(host: "east" | "west", port = sshd.port): Promise<string> {
    const address = { address: "127.0.0.1", user: sshd.user, hostKey: sshd.hostKey };
    const hosts: HostsPlan = {
      ...{ stack: "test", dataDir, withinMs: 2_000 },
      hosts: [
        { ...address, name: "east", port, has: ["publisher0"], keepsJournal: true },
        { ...address, name: "west", port: sshd.port, has: ["server0", "publisher1"], keepsJournal: true },
      ],
    };
    const more = { hosts, sshPrivateKeys: { default: sshd.key.privateKey } };
    const { stdout } = await endsWith(0, runApply(["apply/leave"], { host, dataDir }, {}, more));
    return stdout;
  }

  it("has nothing of it any more; left again it says so all the same", async () => {
    for (const _ of [1, 2]) {
      assert.equal(await leave("west"), `west: ${dataDir} removed\n`);
      assert.equal(existsSync(dataDir), false);
    }
  });

  it("keeps what natsby did not put there, and all the rest with it", async () => {
    writeFileSync(join(dataDir, "notes.txt"), "mine");
    const before = readdirSync(dataDir);
    assert.equal(await leave("west"), `west: left as it is, ${dataDir} still has notes.txt\n`);
    assert.deepEqual(readdirSync(dataDir), before);
  });

  it("keeps all while a server of it is still there", async () => {
    mkdirSync(join(dataDir, "server0"));
    assert.equal(await leave("west"), `west: left as it is, ${dataDir} still has server0\n`);
  });

  it("keeps what is another stack's", async () => {
    writeFileSync(join(dataDir, "natsby.json"), '{"instance":"another"}\n');
    assert.equal(await leave("west"), `west: left as it is, ${dataDir} is not this stack's\n`);
    assert.equal(existsSync(join(dataDir, "guard.json")), true);
  });

  it("is not asked where it was given up, as another host knows", async () => {
    const [nobody] = await freePorts(1);
    assert.equal(
      await leave("east", nobody),
      `east: left as it is, it was given up: see to ${dataDir} there yourself\n`,
    );
  });

  it("does not hold up a destroy where it cannot be reached", async () => {
    writeFileSync(join(dataDir, "guard.json"), '{"epoch":1,"ticket":4,"fenced":[]}\n');
    const [nobody] = await freePorts(1);
    assert.match(
      await leave("east", nobody),
      /^east: left behind, look at .* there: host east .* nobody listens there\n$/,
    );
  });
});
