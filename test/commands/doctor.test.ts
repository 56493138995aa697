// natsby doctor: on a machine that has all, on one that has nothing, and what programs read.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { cachedPulumiHome, commandPluginDir } from "../../scripts/toolchain/paths.ts";
import { projectCopy } from "../support/project-copy.ts";
import { script } from "../support/temporary.ts";

const copy = projectCopy();
after(() => copy[Symbol.dispose]());

const wide = (text: string): readonly string[] =>
  text.split("\n").filter((line) => line.length > 80 && !line.includes("/"));

test("on a machine with nothing each missing tool has its reasons and the command that mends it", () => {
  const { status, stdout, stderr } = copy.natsby(["doctor"], { NATSBY_CACHE: "/tmp/no-such-natsby" });
  assert.deepEqual([status, stderr], [3, ""]);
  assert.match(
    stdout,
    /^pulumi {19}MISSING {3}wanted is 3\.274\.1\n {4}PATH: there is no pulumi on PATH\n {4}the cache: /m,
  );
  assert.match(stdout, /^nats-server {14}MISSING {3}wanted is 2\.15\.2$/m);
  assert.equal(stdout.match(/^ {2}> npm start$/gm)?.length, 4);
  assert.match(stdout, /Something is missing: see the lines marked with >\.\n$/);
  assert.deepEqual(wide(stdout), []);
});

test("on a machine that was set up everything has version and source, and stand-ins are named", () => {
  assert.equal(copy.natsby(["env"]).status, 0);
  const { status, stdout } = copy.natsby(["doctor"]);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^pulumi {19}3\.274\.1 {3}built from Go modules$/m);
  assert.match(stdout, /^pulumi-language-nodejs {3}3\.274\.1 {3}STAND-IN, part of natsby$/m);
  assert.match(stdout, /^pulumi-resource-command {2}1\.2\.1 {5}STAND-IN, built from Go modules$/m);
  assert.match(stdout, /^system {5}ok {6}linux \w+ with \/proc$/m);
  assert.match(stdout, /^free disk {2}ok {6}[\d.]+ GB$/m);
  assert.match(stdout, /Everything that natsby needs is there\.\n$/);
  assert.deepEqual(wide(stdout), []);
});

test("programs read the same as JSON", () => {
  const { status, stdout } = copy.natsby(["doctor", "--json"]);
  const { schema, ok, tools, checks, pulumiHome } = JSON.parse(stdout);
  assert.deepEqual([status, schema, ok, pulumiHome], [0, 1, true, cachedPulumiHome(copy.env)]);
  assert.deepEqual(Object.keys(tools[1]), ["name", "version", "path", "source", "standIn", "ok"]);
  assert.deepEqual(
    tools.map(({ name, standIn }: { name: string; standIn: boolean }) => [name, standIn]),
    [
      ["node", false],
      ["pulumi", false],
      ["pulumi-language-nodejs", true],
      ["pulumi-resource-command", true],
      ["nats-server", false],
    ],
  );
  assert.deepEqual(
    checks.map(({ name }: { name: string }) => name),
    ["system", "folder", "cache", "free disk", "npm", "go"],
  );
  rmSync(commandPluginDir(cachedPulumiHome(copy.env)), { recursive: true });
  const missing = copy.natsby(["doctor", "--json"]);
  const plugin = JSON.parse(missing.stdout).tools[3];
  assert.deepEqual([missing.status, plugin.ok, plugin.mend], [3, false, "npm start"]);
});

test("Go is missed only where something has to be built", () => {
  const tools = ["node", "npm", "uname"].map((name) => script(join(copy.path, "bare", name), "echo v30.0.0"));
  assert.equal(tools.length, 3);
  const PATH = join(copy.path, "bare");
  assert.equal(copy.natsby(["env"]).status, 0);
  const { status, stdout } = copy.natsby(["doctor"], { PATH });
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^go {9}-- {6}not on PATH$/m);
  const building = copy.natsby(["doctor"], { PATH, NATSBY_CACHE: join(copy.path, "empty") });
  assert.match(building.stdout, /^go {9}MISSING not on PATH\n {2}> Install Go/m);
});

test("a folder that cannot work is named", () => {
  using odd = projectCopy("a#b");
  const { status, stdout } = odd.natsby(["doctor"]);
  assert.equal(status, 3);
  assert.match(stdout, /^folder {5}MISSING natsby cannot run in the folder/m);
  assert.match(stdout, /> Move or rename the folder/);
});
