// The driver of this machine: what is staged belongs to one claim, an older run's write is refused, and what stands in the way is named.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import { localHost } from "../../infra/hosts/local.ts";
import { temporary } from "../support/temporary.ts";

const claim = (ticket: number, epoch = 0) => ({ ticket, epoch, fenced: [] });

function setUp() {
  const folder = temporary("stack");
  const path = `${folder.path}/role.conf`;
  return { folder: folder.path, path, host: localHost(folder.path), [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const refusal = (code: string, exitCode: number) => (error: unknown) =>
  error instanceof UserError && error.code === code && error.exitCode === exitCode;

test("a run never puts in place what another run staged", async () => {
  using at = setUp();
  await at.host.claim(claim(1));
  await at.host.stage(at.path, "old\n", 0o600, claim(1));
  await at.host.claim(claim(2));
  await at.host.stage(at.path, "new\n", 0o600, claim(2));
  await at.host.stage(at.path, "late\n", 0o600, claim(1));
  await assert.rejects(at.host.commit(at.path, claim(1)), refusal("superseded", 7));
  await at.host.commit(at.path, claim(2));
  assert.equal(readFileSync(at.path, "utf8"), "new\n");
});

test("a run that was overtaken does nothing else either", async () => {
  using at = setUp();
  let done = 0;
  await at.host.claim(claim(1));
  await at.host.guarded(claim(1), async () => done++);
  await at.host.claim(claim(2));
  await assert.rejects(
    at.host.guarded(claim(1), async () => done++),
    refusal("superseded", 7),
  );
  assert.equal(done, 1);
});

test("a ticket is taken once, and an epoch is never gone back behind", async () => {
  using at = setUp();
  await at.host.claim(claim(5, 1));
  await assert.rejects(at.host.claim(claim(5, 1)), refusal("superseded", 7));
  await assert.rejects(at.host.claim(claim(6, 0)), refusal("superseded", 7));
  await assert.rejects(at.host.claim({ ...claim(6, 1), fenced: ["publisher0"] }), refusal("superseded", 7));
  assert.deepEqual(await at.host.guard(), claim(5, 1));
});

test("what a run and older ones left staged is removed, a newer run's is not", async () => {
  using at = setUp();
  for (const ticket of [3, 4, 5]) await at.host.stage(at.path, `${ticket}\n`, 0o600, claim(ticket));
  await at.host.tidy(at.folder, claim(4));
  assert.deepEqual(readdirSync(at.folder), ["role.conf.5.next"]);
});

test("an empty folder in a file's place goes; one with something in it is named, before anything is staged", async () => {
  using at = setUp();
  mkdirSync(at.path);
  await at.host.claim(claim(1));
  await at.host.stage(at.path, "text\n", 0o600, claim(1));
  writeFileSync(`${at.path}/kept`, "");
  await assert.rejects(at.host.commit(at.path, claim(1)), refusal("unwritable", 3));
  await assert.rejects(
    at.host.stage(at.path, "text\n", 0o600, claim(1)),
    (error: Error) => error.message === `${at.path} cannot be written: a directory with files in it stands there`,
  );
  using empty = setUp();
  mkdirSync(empty.path);
  await empty.host.claim(claim(1));
  await empty.host.stage(empty.path, "text\n", 0o600, claim(1));
  await empty.host.commit(empty.path, claim(1));
  assert.equal(readFileSync(empty.path, "utf8"), "text\n");
});
