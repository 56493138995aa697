// Binaries are proved by running them, once per file.

import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isScript, isWholeBinary } from "../../scripts/toolchain/binary.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { verify } from "../../scripts/toolchain/verified.ts";
import { script, temporary } from "../support/temporary.ts";

test("a binary is run once, and again only when its file changed", () => {
  using folder = temporary();
  const env = { NATSBY_CACHE: join(folder.path, "cache"), PATH: process.env.PATH };
  const runs = join(folder.path, "runs");
  const tool = script(join(folder.path, "tool"), `echo x >>${runs}`, "echo v1.2.3");
  const version = () => verify(tool, ["version"], env);
  assert.deepEqual(
    [version(), version()].map((answer) => "version" in answer && answer.version),
    ["1.2.3", "1.2.3"],
  );
  assert.equal(readFileSync(runs, "utf8"), "x\n");
  script(tool, "echo v1.2.44");
  assert.equal((version() as { version: string }).version, "1.2.44");
});

test("what does not run, fails or says no version is told with its reason", () => {
  using folder = temporary();
  const env = { NATSBY_CACHE: join(folder.path, "cache") };
  const reasonOf = (path: string): string => (verify(path, [], env) as { reason: string }).reason;
  assert.match(reasonOf(join(folder.path, "none")), /^there is no /);
  assert.match(
    reasonOf(script(join(folder.path, "fails"), "echo no luck >&2; exit 4")),
    /does not run \(exit 4 no luck\)/,
  );
  assert.match(reasonOf(script(join(folder.path, "mute"), "echo hello")), /does not say its version/);
  const cut = join(folder.path, "cut");
  writeFileSync(cut, readFileSync(natsServerPath()).subarray(0, 100_000), { mode: 0o755 });
  assert.match(reasonOf(cut), /does not run/);
});

test("a cache that cannot be written costs nothing but time", () => {
  using folder = temporary();
  const file = script(join(folder.path, "file"), "echo 1.0.0");
  assert.deepEqual(verify(file, [], { NATSBY_CACHE: file }), { version: "1.0.0" });
});

test("asking for a version leaves nothing in the user's PULUMI_HOME", () => {
  using folder = temporary();
  const env = {
    NATSBY_CACHE: join(folder.path, "cache"),
    PULUMI_HOME: join(folder.path, "home"),
    PATH: process.env.PATH,
  };
  const tool = script(join(folder.path, "pulumi"), 'mkdir -p "$PULUMI_HOME"', "echo v3.300.0");
  assert.ok("version" in verify(tool, ["version"], env));
  assert.ok(!existsSync(join(folder.path, "home")));
});

test("a binary that was cut off is told from a whole one without running it", () => {
  using folder = temporary();
  const whole = natsServerPath();
  assert.ok(isWholeBinary(whole));
  const cut = join(folder.path, "cut");
  const bytes = readFileSync(whole);
  for (const length of [0, 30, 5_000, bytes.length - 4096 * 4]) {
    writeFileSync(cut, bytes.subarray(0, length));
    assert.ok(!isWholeBinary(cut), `${length} bytes`);
  }
  assert.ok(!isWholeBinary(script(join(folder.path, "script"))));
  appendFileSync(cut, "x");
  assert.deepEqual([isScript(join(folder.path, "script")), isScript(whole), isScript(cut)], [true, false, false]);
});
