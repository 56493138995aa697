// A run that is killed while it writes: what stands on disk is the old text or the new one, whole.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Claim, stagedPath } from "../../infra/hosts/host.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { writeText } from "../../infra/hosts/text-file.ts";
import { runTypeScript } from "../support/program.ts";
import { temporary } from "../support/temporary.ts";

const claimOf = (ticket: number): Claim => ({ epoch: 0, ticket, fenced: [] });

test("a write that was killed between staging and committing leaves the old file, and the next run tidies up", async () => {
  using folder = temporary("data dir");
  const path = join(folder.path, "role.conf");
  await writeText(path, "old", 0o600);
  await using run = runTypeScript(`
    import { localHost } from "#infra/hosts/local.ts";
    const [host, claim] = [localHost(${JSON.stringify(folder.path)}), ${JSON.stringify(claimOf(1))}];
    await host.claim(claim);
    await host.stage(${JSON.stringify(path)}, "new", 0o600, claim);
    process.kill(process.pid, "SIGKILL");`);
  assert.equal((await run.ended).signal, "SIGKILL");
  assert.equal(readFileSync(path, "utf8"), "old");
  const host = localHost(folder.path);
  await host.claim(claimOf(2));
  writeFileSync(stagedPath(path, claimOf(3)), "of a newer run");
  await host.tidy(folder.path, claimOf(2));
  assert.deepEqual(readdirSync(folder.path).toSorted(), ["guard.json", "role.conf", "role.conf.3.next"]);
});

test("a writer killed at any moment leaves one whole version or the other", async () => {
  using folder = temporary();
  const path = join(folder.path, "role.conf");
  for (const afterMs of [0, 3, 9, 20]) {
    await using run = runTypeScript(`
      import { localHost } from "#infra/hosts/local.ts";
      const host = localHost(${JSON.stringify(folder.path)});
      const claim = { epoch: 0, fenced: [], ticket: (await host.guard()).ticket + 1 };
      await host.claim(claim);
      for (let version = 0; ; version++) {
        await host.stage(${JSON.stringify(path)}, (version % 10 + "\\n").repeat(100_000), 0o600, claim);
        await host.commit(${JSON.stringify(path)}, claim);
        if (version === 0) console.log("begun");
      }`);
    await run.line();
    await sleep(afterMs);
    run.signal("SIGKILL");
    await run.ended;
    const lines = readFileSync(path, "utf8").split("\n");
    assert.deepEqual([lines.length, new Set(lines.slice(0, -1)).size], [100_001, 1]);
  }
});
