// Running a program to its end, or to its bound.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../infra/hosts/run-program.ts";
import { temporary } from "../support/temporary.ts";

test("what it prints and how it ends is given back", async () => {
  const ran = await runProgram(["sh", "-c", "echo out; echo err >&2; exit 3"], { withinMs: 5_000 });
  assert.deepEqual(ran, { code: 3, stdout: "out\n", stderr: "err\n", timedOut: false });
});

test("arguments are no shell's: nothing in them is expanded", async () => {
  const { stdout } = await runProgram(["printf", "%s|", "$HOME", "a b", "*"], { withinMs: 5_000 });
  assert.equal(stdout, "$HOME|a b|*|");
});

test("it runs in the folder asked for, with nothing on stdin", async () => {
  using folder = temporary("a folder");
  const { stdout } = await runProgram(["sh", "-c", "cat; pwd -P"], { cwd: folder.path, withinMs: 5_000 });
  assert.equal(stdout, `${folder.path}\n`);
});

test("it is given this environment, or the one asked for and nothing else", async () => {
  const environment = { ONLY: "this" };
  assert.equal((await runProgram(["/usr/bin/env"], { withinMs: 5_000, environment })).stdout, "ONLY=this\n");
  assert.match((await runProgram(["env"], { withinMs: 5_000 })).stdout, /^PATH=/m);
});

test("past its bound it is killed, and that is said", async () => {
  const asked = performance.now();
  const ran = await runProgram(["sh", "-c", "echo begun; exec sleep 30"], { withinMs: 150 });
  assert.deepEqual(ran, { code: null, stdout: "begun\n", stderr: "", timedOut: true });
  assert.ok(performance.now() - asked < 5_000);
});

test("a program that a child of its own outlives is not waited for past the bound", async () => {
  const asked = performance.now();
  const { code, stdout, timedOut } = await runProgram(["sh", "-c", "sleep 20 & echo $!; exit 4"], { withinMs: 300 });
  process.kill(Number(stdout), "SIGKILL");
  assert.deepEqual([code, timedOut], [4, true]);
  assert.ok(performance.now() - asked < 5_000);
});

test("a program that is not there is an error, not an ending", async () => {
  await assert.rejects(runProgram(["/nowhere/program"], { withinMs: 1_000 }), { code: "ENOENT" });
  await assert.rejects(runProgram(["true"], { cwd: "/nowhere", withinMs: 1_000 }), { code: "ENOENT" });
});
