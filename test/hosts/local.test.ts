// The driver of this machine: files are whole or old, private, and written by the newest run alone.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Claim, stagedPath } from "../../infra/hosts/host.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { withLock } from "../../infra/hosts/lock.ts";
import { readText, writeText } from "../../infra/hosts/text-file.ts";
import { temporary } from "../support/temporary.ts";

const claimOf = (ticket: number, over: Partial<Claim> = {}): Claim => ({ epoch: 0, ticket, fenced: [], ...over });
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const superseded = { name: "UserError", code: "superseded", exitCode: 7 } as const;

describe("a file that is written", () => {
  it("is private, in folders made private, and leaves nothing beside it", async () => {
    using folder = temporary("data dir");
    const path = join(folder.path, "a/b/file");
    await writeText(path, "one\n", 0o600);
    await writeText(path, "two\n", 0o600);
    assert.equal(await readText(path), "two\n");
    assert.deepEqual(
      [modeOf(path), modeOf(join(folder.path, "a/b")), modeOf(join(folder.path, "a"))],
      ["600", "700", "700"],
    );
    assert.deepEqual(readdirSync(join(folder.path, "a/b")), ["file"]);
  });

  it("becomes private again where somebody opened it to all", async () => {
    using folder = temporary();
    const path = join(folder.path, "file");
    writeFileSync(path, "old", { mode: 0o666 });
    await writeText(path, "new", 0o600);
    assert.equal(modeOf(path), "600");
  });

  it("takes the place of an empty folder, and of a link without writing through it", async () => {
    using folder = temporary();
    const [path, target] = [join(folder.path, "file"), join(folder.path, "target")];
    mkdirSync(path);
    await writeText(path, "text", 0o600);
    assert.equal(readFileSync(path, "utf8"), "text");
    writeFileSync(target, "untouched");
    symlinkSync(target, join(folder.path, "link"));
    await writeText(join(folder.path, "link"), "text", 0o600);
    assert.equal(readFileSync(target, "utf8"), "untouched");
  });

  it("needs no clean start: what a killed run left beside it is written over", async () => {
    using folder = temporary();
    const path = join(folder.path, "file");
    writeFileSync(`${path}.next`, "half", { mode: 0o644 });
    await writeText(path, "whole", 0o600);
    assert.deepEqual([readFileSync(path, "utf8"), modeOf(path)], ["whole", "600"]);
  });
});

describe("what stands in a file's way", () => {
  it("is named, and left: a folder that holds something", async () => {
    using folder = temporary();
    const path = join(folder.path, "file");
    mkdirSync(join(path, "kept"), { recursive: true });
    const refused = { name: "UserError", code: "unwritable", exitCode: 3 } as const;
    const message = `${path} cannot be written: a directory with files in it stands there`;
    await assert.rejects(writeText(path, "text", 0o600), { ...refused, message });
    assert.deepEqual(readdirSync(path), ["kept"]);
  });

  it("is named before anything is staged, and again where it came later", async () => {
    using folder = temporary();
    const [host, path] = [localHost(folder.path), join(folder.path, "role.conf")];
    mkdirSync(path);
    await host.claim(claimOf(1));
    await host.stage(path, "text", 0o600, claimOf(1));
    writeFileSync(join(path, "kept"), "");
    await assert.rejects(host.commit(path, claimOf(1)), { code: "unwritable", exitCode: 3 });
    await assert.rejects(host.stage(path, "text", 0o600, claimOf(1)), { code: "unwritable", exitCode: 3 });
  });
});

describe("reading", () => {
  it("tells what is not there from what cannot be read", async () => {
    using folder = temporary();
    assert.equal(await readText(join(folder.path, "nothing")), null);
    await assert.rejects(readText(folder.path), { code: "EISDIR" });
  });
});

describe("a claim", () => {
  it("is kept on the host, private, and read back; before the first there is none", async () => {
    using folder = temporary("data dir");
    await using host = localHost(folder.path);
    assert.deepEqual(await host.guard(), { epoch: 0, ticket: 0, fenced: [] });
    await host.claim(claimOf(1, { epoch: 2, fenced: ["publisher0"] }));
    assert.deepEqual(await localHost(folder.path).guard(), { epoch: 2, ticket: 1, fenced: ["publisher0"] });
    assert.equal(modeOf(join(folder.path, "guard.json")), "600");
  });

  it("of two runs at once with one ticket only one gets it", async () => {
    using folder = temporary();
    const runs = Array.from({ length: 6 }, () => localHost(folder.path).claim(claimOf(1)));
    const ended = await Promise.allSettled(runs);
    assert.equal(ended.filter(({ status }) => status === "fulfilled").length, 1);
  });

  it("is never gone back behind: neither its epoch, nor who is fenced in it", async () => {
    using folder = temporary();
    const host = localHost(folder.path);
    await host.claim(claimOf(5, { epoch: 1 }));
    for (const late of [claimOf(5, { epoch: 1 }), claimOf(6), claimOf(6, { epoch: 1, fenced: ["publisher0"] })]) {
      await assert.rejects(host.claim(late), superseded);
    }
    assert.deepEqual(await host.guard(), claimOf(5, { epoch: 1 }));
  });

  it("of a host whose record is broken is refused, and the record is left for a person to look at", async () => {
    using folder = temporary();
    writeFileSync(join(folder.path, "guard.json"), "{");
    await assert.rejects(localHost(folder.path).claim(claimOf(9)), { code: "guard-broken", exitCode: 3 });
    assert.equal(readFileSync(join(folder.path, "guard.json"), "utf8"), "{");
  });
});

describe("a write under a claim", () => {
  it("touches nothing before it is committed, and is private from the start", async () => {
    using folder = temporary();
    const host = localHost(folder.path);
    const path = join(folder.path, "role.conf");
    await writeText(path, "old", 0o600);
    await host.claim(claimOf(1));
    await host.stage(path, "new", 0o600, claimOf(1));
    assert.equal(readFileSync(path, "utf8"), "old");
    assert.equal(modeOf(stagedPath(path, claimOf(1))), "600");
    await host.commit(path, claimOf(1));
    assert.equal(readFileSync(path, "utf8"), "new");
    assert.deepEqual(readdirSync(folder.path).toSorted(), ["guard.json", "role.conf"]);
  });

  const late: readonly (readonly [what: string, newer: Claim])[] = [
    ["a newer ticket", claimOf(2)],
    ["a newer epoch", claimOf(2, { epoch: 1 })],
    ["a newer epoch with somebody fenced", claimOf(2, { epoch: 1, fenced: ["publisher0"] })],
  ];
  for (const [what, newer] of late) {
    it(`is refused once the host has seen ${what}, and what the newer run staged is not put in place`, async () => {
      using folder = temporary();
      const host = localHost(folder.path);
      const path = join(folder.path, "role.conf");
      await writeText(path, "old", 0o600);
      await host.claim(claimOf(1));
      await host.stage(path, "mine", 0o600, claimOf(1));
      await host.claim(newer);
      await host.stage(path, "newer", 0o600, newer);
      await host.stage(path, "mine, late", 0o600, claimOf(1));
      await assert.rejects(host.commit(path, claimOf(1)), superseded);
      await assert.rejects(
        host.guarded(claimOf(1), async () => assert.fail("it was done")),
        superseded,
      );
      assert.equal(readFileSync(path, "utf8"), "old");
      await host.commit(path, newer);
      assert.equal(readFileSync(path, "utf8"), "newer");
    });
  }

  it("waits for the host's lock, so that a claim made meanwhile counts", async () => {
    using folder = temporary();
    const host = localHost(folder.path);
    const path = join(folder.path, "role.conf");
    await host.claim(claimOf(1));
    await host.stage(path, "mine", 0o600, claimOf(1));
    let committed: Promise<void> | undefined;
    await withLock(folder.path, 1_000, async () => {
      committed = host.commit(path, claimOf(1));
      committed.catch(() => undefined);
      await sleep(20);
      await writeText(join(folder.path, "guard.json"), JSON.stringify(claimOf(2)), 0o600);
    });
    await assert.rejects(committed ?? Promise.resolve(), superseded);
    assert.equal(await readText(path), null);
  });
});
