// The last lines of a log, across rotated files, however long they are.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lastLines, lengthOf, linesOf, logFiles } from "../../scripts/logs/log-files.ts";
import { startNatsServer } from "../support/nats-server.ts";
import { until } from "../support/until.ts";

/** A folder with files, each a second younger than the one before. */
async function folderOf(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "natsby logs "));
  for (const [index, [name, text]] of Object.entries(files).entries()) {
    await writeFile(join(path, name), text);
    await utimes(join(path, name), 1_000 + index, 1_000 + index);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `line ${from + index}`);
const namesIn = async (path: string, kind: "server" | "publisher") =>
  (await logFiles(path, kind)).map((file) => file.slice(path.length + 1));

test("rotated files come first, the current one last, nothing else is a log", async () => {
  await using folder = await folderOf({
    "server.log.2026.01.01.00.00.00.000000001": "1\n",
    "server.log.2026.01.02.00.00.00.000000001": "2\n",
    "start.log": "old\n",
    "server.log": "3\n",
    "server.logbook": "no\n",
    "nats.conf": "no\n",
  });
  await mkdir(join(folder.path, "server.log.d"));
  const names = await namesIn(folder.path, "server");
  assert.deepEqual(
    names.map((name) => name.slice(0, 20)),
    ["server.log.2026.01.0", "server.log.2026.01.0", "server.log"],
  );
  assert.deepEqual(await lastLines(await logFiles(folder.path, "server"), 9), ["1", "2", "3"]);
  assert.deepEqual(await lastLines(await logFiles(folder.path, "server"), 2), ["2", "3"]);
});

test("why a server did not start is shown, when it is newer than its log", async () => {
  await using folder = await folderOf({ "server.log": "ran\n", "start.log": "nats-server: port taken\n" });
  assert.deepEqual(await lastLines(await logFiles(folder.path, "server"), 9), ["ran", "nats-server: port taken"]);
  assert.deepEqual(await namesIn(folder.path, "publisher"), []);
});

test("a folder that is not there, an empty log, a last line without an end", async () => {
  assert.deepEqual(await logFiles("/nowhere", "server"), []);
  await using folder = await folderOf({ "publisher.log": "a\r\nb\nc" });
  assert.deepEqual(await lastLines(await logFiles(folder.path, "publisher"), 2), ["b", "c"]);
  await writeFile(join(folder.path, "publisher.log"), "");
  assert.deepEqual(await lastLines(await logFiles(folder.path, "publisher"), 2), []);
  assert.deepEqual(linesOf("\n"), [""]);
});

test("the end of a large file, at every number of lines, and up to a cut", async () => {
  const all = numbers(0, 30_000);
  const text = `${all.join("\n")}\n`;
  await using folder = await folderOf({ "publisher.log": text });
  const files = await logFiles(folder.path, "publisher");
  for (const count of [1, 7, 5_000, 29_999, 30_000, 40_000]) {
    assert.deepEqual(await lastLines(files, count), all.slice(-count));
  }
  const path = join(folder.path, "publisher.log");
  assert.equal(await lengthOf(path), text.length);
  const cut = { path, length: text.indexOf("line 20000\n") };
  assert.deepEqual(await lastLines(files, 2, cut), ["line 19998", "line 19999"]);
});

test("a log that nats-server itself rotated is read through", async () => {
  await using server = await startNatsServer({
    config: () => `log_file: server.log\nlogfile_size_limit: 2000\nlogfile_max_num: 3\n`,
  });
  await until("it rotated", async () => {
    server.signal("SIGHUP");
    return (await readdir(server.folder)).filter((name) => name.startsWith("server.log.")).length >= 2;
  });
  const files = await logFiles(server.folder, "server");
  const lines = await lastLines(files, 10_000);
  assert.ok(files.length >= 3 && lines.length > 20, `${files.length} files, ${lines.length} lines`);
  assert.ok(
    lines.every((line) => /^\[\d+\] \d{4}\//.test(line)),
    "every line is whole",
  );
  const times = lines.map((line) => line.split(" ")[2] ?? "");
  assert.deepEqual(times, times.toSorted());
});
