// The logs of a host, by its own programs: the last lines, and what comes after, whole lines only, also after a rotation.

import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { localHost } from "../../infra/hosts/local.ts";
import { followThere, lastLinesThere } from "../../scripts/logs/host-logs.ts";
import { temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

test("the last lines of a log, and nothing of one that is not there", async () => {
  using folder = temporary("a host's logs");
  const path = join(folder.path, "server.log");
  const host = localHost(folder.path);
  assert.deepEqual(await lastLinesThere(host, path, 5), { length: 0, lines: [] });
  writeFileSync(path, "one\r\ntwo\r\nthree\r\n");
  assert.deepEqual(await lastLinesThere(host, path, 2), { length: 17, lines: ["two", "three"] });
});

test("what comes next, each line once and whole, and on after a rotation", async () => {
  using folder = temporary("a host's logs");
  const path = join(folder.path, "server.log");
  const [lines, stop] = [[] as string[], new AbortController()];
  writeFileSync(path, "before\n");
  const following = followThere(localHost(folder.path), path, 7, (line) => lines.push(line), stop.signal);
  appendFileSync(path, "ü one\nhal");
  await until("the first is there", () => lines.length === 1);
  appendFileSync(path, "f\n");
  await until("the second is there", () => lines.length === 2);
  writeFileSync(path, "new\n");
  await until("the new file's is there", () => lines.length === 3);
  stop.abort();
  await following;
  assert.deepEqual(lines, ["ü one", "half", "new"]);
});
