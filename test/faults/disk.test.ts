// A disk that is full or read-only where a role file goes: a small file system of the test's own below one dummy's folder. Needs root.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { messageOf } from "../../infra/core/errors.ts";
import { folderOf } from "../../infra/core/layout.ts";
import { quickTimeouts } from "../support/quick-timeouts.ts";
import { startWatched, type WatchedStack } from "../support/watched-stack.ts";

const mayNot = cannotMount();

/** Found by mounting one. */
function cannotMount(): string | false {
  if (process.getuid?.() !== 0) return "only root mounts file systems";
  const folder = mkdtempSync(join(tmpdir(), "natsby-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", folder], { stdio: "pipe" });
    execFileSync("umount", [folder]);
    return false;
  } catch (error) {
    return `no file system can be mounted here: ${messageOf(error)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a full or read-only disk", { skip: mayNot }, () => {
  let watched: WatchedStack;
  const mounted: string[] = [];
  before(async () => {
    watched = await startWatched({ over: { timeouts: quickTimeouts } });
    await watched.cutOver("publisher0");
    await ownDisk("dummy-nats1");
  });
  after(async () => {
    for (const folder of mounted) execFileSync("umount", ["--lazy", folder]);
    await watched?.[Symbol.asyncDispose]();
  });

  /** Puts a dummy's folder on a file system of its own. */
  async function ownDisk(dummy: string): Promise<void> {
    const { stack } = watched;
    const folder = folderOf(stack.topology.dataDir, dummy);
    await stack.kill(dummy);
    const kept = `${folder}-kept`;
    cpSync(folder, kept, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=0700", "none", folder]);
    mounted.push(folder);
    cpSync(kept, folder, { recursive: true });
    rmSync(kept, { recursive: true });
    await stack.startServer(dummy);
    await watched.audit("publisher0");
  }

  /** Until not one byte more goes there. */
  function fill(dummy: string): () => void {
    const path = `${folderOf(watched.stack.topology.dataDir, dummy)}/filler`;
    assert.throws(() => {
      for (;;) writeFileSync(path, "x".repeat(4_096), { flag: "a" });
    }, /ENOSPC/);
    return () => rmSync(path);
  }

  test("the standby's disk: refused, its path is named, nothing changed", async () => {
    const files = watched.roleFiles();
    const empty = fill("dummy-nats1");
    const ran = await watched.cutOver("publisher1", 3);
    assert.match(ran.stderr, /natsby exit 3: stage: .*dummy-nats1.*(ENOSPC|full|space)/);
    empty();
    assert.deepEqual(watched.roleFiles(), files);
    await watched.audit("publisher0");
  });

  /** Nothing can be written there any more. Laid over it: below, the server's log is open, and keeps the disk as it is. */
  function readOnly(dummy: string): () => void {
    const folder = folderOf(watched.stack.topology.dataDir, dummy);
    execFileSync("mount", ["--bind", folder, folder]);
    mounted.push(folder);
    execFileSync("mount", ["-o", "remount,bind,ro", folder]);
    assert.throws(() => writeFileSync(`${folder}/try`, ""), /EROFS/);
    return () => {
      execFileSync("umount", [folder]);
      mounted.splice(mounted.lastIndexOf(folder), 1);
    };
  }

  test("the standby's disk is read-only: refused, its path is named, nothing changed", async () => {
    const files = watched.roleFiles();
    const writable = readOnly("dummy-nats1");
    const ran = await watched.cutOver("publisher1", 3).finally(writable);
    assert.match(ran.stderr, /natsby exit 3: stage: .*dummy-nats1.*(EROFS|read-only)/);
    assert.deepEqual(watched.roleFiles(), files);
    await watched.audit("publisher0");
  });

  test("the active one's disk is read-only: refused, the fence is offered, and it is heard on; the fence does without its disk", async () => {
    await watched.cutOver("publisher1");
    await watched.nothingDoubled();
    const writable = readOnly("dummy-nats1");
    const refused = await watched.cutOver("publisher0", 3);
    assert.match(
      refused.stderr,
      /natsby exit 3: stage: \S+\/dummy-nats1\/\S+ cannot be written: it is on a read-only disk\n.*failover --to publisher0/,
    );
    for (const { lost } of await watched.nothingDoubled()) assert.equal(lost, 0, "a hole");
    watched.config = { fenced: ["publisher1"], epoch: 1 };
    await watched.cutOver("publisher0");
    await watched.witness.hears("publisher0");
    await watched.nothingDoubled();
    writable();
    watched.config = { fenced: [], epoch: 2 };
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });

  test("the active one's disk turns read-only once the flip is under way: it is stopped, not started attached", async () => {
    await watched.cutOver("publisher1");
    let writable = (): void => undefined;
    const turn = () => {
      writable = readOnly("dummy-nats1");
    };
    const ran = await watched.cutOverWhile("publisher0", "before:detach", turn, 0).finally(() => writable());
    assert.match(ran.stderr, /note: dummy-nats1 stays stopped: /);
    assert.match(ran.stderr, /note: a staged file is left: EROFS/);
    assert.match(ran.stdout, /publisher1 -> publisher0; /);
    await watched.nothingDoubled();
    await watched.stack.writeRole("publisher1", []);
    await watched.stack.startServer("dummy-nats1");
    await watched.audit("publisher0");
  });

  test("the active one's disk: it is stopped and not started attached, or the flip is refused; nobody is heard twice", async () => {
    await watched.cutOver("publisher1");
    const empty = fill("dummy-nats1");
    const ran = await watched.run("publisher0");
    assert.ok(ran.code === 0 || ran.code === 3, ran.output);
    await watched.nothingDoubled();
    empty();
    if (ran.code === 0) {
      await watched.stack.writeRole("publisher1", []);
      await watched.stack.startServer("dummy-nats1");
    }
    await watched.cutOver("publisher0");
    await watched.audit("publisher0");
  });
});
