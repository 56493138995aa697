// The lean start of programs: what it puts off, and that everything it puts off still works when it is used.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { projectRoot } from "../../../scripts/toolchain/paths.ts";

const lean = pathToFileURL(join(projectRoot, "scripts/toolchain/language-host/lean.ts")).href;

/** Runs a program with Pulumi's SDK, and returns what it printed: JSON. */
function run(program: string): unknown {
  const argv = ["--no-warnings", "--import", lean, "--input-type=commonjs", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: projectRoot, encoding: "utf8", timeout: 60_000 });
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const loaded = `Object.keys(require.cache).filter((file) => /typescript\\.js$|arborist|source-map-support/.test(file)).length`;

test("the SDK is loaded without a compiler and without npm's reader of dependencies", () => {
  assert.equal(run(`require("@pulumi/pulumi"); console.log(${loaded})`), 0);
});

test("a function can be serialised all the same", () => {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    const greeting = "hello";
    pulumi.runtime.serializeFunction(() => greeting).then(({ text }) => {
      console.log(JSON.stringify([text.includes('"hello"') || text.includes("hello"), ${loaded} > 0]));
    });`;
  assert.deepEqual(run(program), [true, true]);
});

test("the program's own modules are loaded as ever", () => {
  assert.equal(run(`console.log(JSON.stringify(typeof require("typescript").version))`), "string");
});
