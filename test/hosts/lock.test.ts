// The lock: one holder at a time, across processes, and free as soon as the holder is dead.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../infra/hosts/lock.ts";
import { runTypeScript } from "../support/program.ts";

const newName = (): string => `/tmp/lock ${randomUUID()}`;

/** Takes the lock in another process, and keeps it until that dies. */
const holder = (name: string) =>
  runTypeScript(`
    import { withLock } from "#infra/hosts/lock.ts";
    await withLock(${JSON.stringify(name)}, 5_000, async () => {
      console.log("held");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    });`);

const locked = { name: "UserError", code: "locked", exitCode: 7 } as const;

test("one holder at a time; everybody gets a turn, and what it returns", async () => {
  const name = newName();
  let [inside, most] = [0, 0];
  const turns = Array.from({ length: 12 }, (_, turn) =>
    withLock(name, 5_000, async () => {
      most = Math.max(most, ++inside);
      await sleep(2);
      inside--;
      return turn;
    }),
  );
  assert.deepEqual(
    await Promise.all(turns),
    turns.map((_, turn) => turn),
  );
  assert.equal(most, 1);
});

test("work that throws frees it", async () => {
  const name = newName();
  await assert.rejects(
    withLock(name, 100, () => Promise.reject(new Error("no"))),
    /^Error: no$/,
  );
  assert.equal(await withLock(name, 0, async () => "free"), "free");
});

test("locks of other names do not wait for it", async () => {
  await withLock(newName(), 0, () => withLock(newName(), 0, async () => undefined));
});

test("a wait for another process is bounded, ends with exit code 7, and names the lock", async () => {
  const name = newName();
  await using other = holder(name);
  assert.equal(await other.line(), "held");
  const asked = performance.now();
  await assert.rejects(
    withLock(name, 60, async () => undefined),
    { ...locked, message: `gave up after 0.06 s waiting for the lock of ${name}` },
  );
  assert.ok(performance.now() - asked >= 60);
});

test("a holder that is killed with SIGKILL holds nothing any more", async () => {
  const name = newName();
  await using other = holder(name);
  await other.line();
  const waiting = withLock(name, 10_000, async () => "mine");
  other.signal("SIGKILL");
  assert.equal(await waiting, "mine");
});

test("a stopped holder keeps it, thawed or killed it gives it back", async () => {
  const name = newName();
  await using other = holder(name);
  await other.line();
  other.signal("SIGSTOP");
  await assert.rejects(
    withLock(name, 40, async () => undefined),
    locked,
  );
  other.signal("SIGKILL");
  assert.equal(await withLock(name, 10_000, async () => "mine"), "mine");
});

test("somebody who connects to its socket disturbs nobody", async () => {
  const name = newName();
  const { createHash } = await import("node:crypto");
  const { connect } = await import("node:net");
  const path = `\0natsby-${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
  await withLock(name, 0, async () => {
    const stranger = connect({ path });
    await new Promise((resolve) => stranger.once("close", resolve));
  });
  assert.equal(await withLock(name, 1_000, async () => "free"), "free");
});
