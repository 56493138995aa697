// The journal on disk: what a killed writer left costs its own line and no other, and a full one is moved aside, not forgotten.

import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { lastActive } from "../../infra/core/history.ts";
import { localHosts } from "../../infra/hosts/hosts.ts";
import { journalPath, readJournal, rotateJournal, writeJournal } from "../../infra/hosts/journal.ts";
import { begun, finished, quiet } from "../support/history.ts";
import { temporary } from "../support/temporary.ts";

test("entries are added, a line each, privately, and read back; before the first there are none", async () => {
  using folder = temporary("data dir");
  const hosts = localHosts(`${folder.path}/local`);
  const dataDir = `${folder.path}/local`;
  assert.deepEqual(await readJournal(hosts), []);
  for (const entry of [begun(1), quiet(1), finished(1)]) await writeJournal(hosts, entry);
  assert.deepEqual(await readJournal(hosts), [begun(1), quiet(1), finished(1)]);
  assert.equal(statSync(journalPath(dataDir)).mode & 0o777, 0o600);
  assert.equal(readFileSync(journalPath(dataDir), "utf8").split("\n").length, 4);
});

test("a line cut short by a crash is passed over, and does not swallow the next one", async () => {
  using folder = temporary();
  const hosts = localHosts(folder.path);
  const path = journalPath(folder.path);
  await writeJournal(hosts, begun(1));
  const whole = statSync(path).size;
  for (const left of [1, 40, whole - 1]) {
    truncateSync(path, whole);
    await writeJournal(hosts, quiet(1));
    truncateSync(path, whole + left);
    await writeJournal(hosts, begun(2));
    assert.deepEqual(await readJournal(hosts), [begun(1), begun(2)], `${left} bytes were left`);
  }
});

test("a line that only lacks its end is an entry", async () => {
  using folder = temporary();
  const hosts = localHosts(folder.path);
  await writeJournal(hosts, begun(1));
  truncateSync(journalPath(folder.path), statSync(journalPath(folder.path)).size - 1);
  await writeJournal(hosts, finished(1));
  assert.deepEqual(await readJournal(hosts), [begun(1), finished(1)]);
});

test("a journal past 4 MiB is moved aside; who was last active is still known", async () => {
  using folder = temporary();
  const hosts = localHosts(folder.path);
  await rotateJournal(localHosts(folder.path));
  await writeJournal(hosts, finished(1));
  await rotateJournal(localHosts(folder.path));
  assert.deepEqual(readdirSync(folder.path), ["history.jsonl"]);
  fill(folder.path);
  await rotateJournal(localHosts(folder.path));
  assert.deepEqual(readdirSync(folder.path), ["history.jsonl.1"]);
  assert.equal(lastActive(await readJournal(hosts)), "publisher1");
  await writeJournal(hosts, begun(2));
  assert.deepEqual((await readJournal(hosts)).slice(-2), [finished(1), begun(2)]);
  await writeJournal(hosts, finished(2, { to: "publisher0" }));
  assert.deepEqual(await readJournal(hosts), [begun(2), finished(2, { to: "publisher0" })]);
});

test("moved aside again, the older one is given up: two journals are kept at most", async () => {
  using folder = temporary();
  for (const text of ["a", "b"]) {
    writeFileSync(journalPath(folder.path), text);
    fill(folder.path);
    await rotateJournal(localHosts(folder.path));
  }
  assert.deepEqual(readdirSync(folder.path), ["history.jsonl.1"]);
  assert.equal(readFileSync(`${journalPath(folder.path)}.1`, "utf8")[0], "b");
});

/** Adds a line that makes any journal full. */
const fill = (dataDir: string): void => appendFileSync(journalPath(dataDir), `${"x".repeat(4 * 1024 * 1024)}\n`);
