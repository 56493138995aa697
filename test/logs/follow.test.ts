// Following a log as it grows: through rotation, truncation and absence.

import assert from "node:assert/strict";
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { follow } from "../../scripts/logs/follow.ts";
import { until } from "../support/until.ts";

test("every whole line once, whatever happens to the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), "natsby-follow-"));
  const path = join(folder, "publisher.log");
  const stop = new AbortController();
  const lines: string[] = [];
  await writeFile(path, "before\n");
  const following = follow(path, "before\n".length, (line) => lines.push(line), stop.signal);
  const comes = (...expected: string[]) =>
    until(
      `it comes: ${expected}`,
      () => lines.length === expected.length && lines.every((line, n) => line === expected[n]),
    );
  try {
    await appendFile(path, "one\r\ntw");
    await comes("one");
    await appendFile(path, "o\n");
    await comes("one", "two");

    await appendFile(path, "three\n");
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, "four\n");
    await writeFile(path, "five\n");
    await comes("one", "two", "three", "four", "five");

    await truncate(path, 0);
    await until("it is seen empty", () => new Promise((resolve) => setTimeout(resolve, 300, true)));
    await appendFile(path, "six\n");
    await comes("one", "two", "three", "four", "five", "six");

    await rm(path);
    await writeFile(path, "seven\n");
    await comes("one", "two", "three", "four", "five", "six", "seven");
  } finally {
    stop.abort();
    await following;
    await rm(folder, { recursive: true });
  }
});

test("a file that does not exist yet is followed from its start", async () => {
  const folder = await mkdtemp(join(tmpdir(), "natsby-follow-"));
  const path = join(folder, "server.log");
  const stop = new AbortController();
  const lines: string[] = [];
  const following = follow(path, 0, (line) => lines.push(line), stop.signal);
  await writeFile(path, "first\n");
  await until("it comes", () => lines[0] === "first");
  stop.abort();
  await following;
  await rm(folder, { recursive: true });
  assert.deepEqual(lines, ["first"]);
});
