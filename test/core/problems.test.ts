// The registry of problems: every code is whole, and every hint can be filled in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProblemCode, problem, problems, severityOf } from "../../infra/core/problems.ts";

test("every code has a meaning, what natsby did, and something to type", () => {
  for (const [code, { severity, meaning, did, hint }] of Object.entries(problems)) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    for (const text of [severity, meaning, did, hint]) assert.ok(text.length > 0, code);
    assert.match(meaning, /^\S.*\.$/s, `${code}: a sentence`);
    assert.match(did, /^\S.*\.$/s, `${code}: a sentence`);
  }
});

test("a hint names what the problem is about; a word that is not known stays visible", () => {
  assert.deepEqual(problem("upstream-down", "server1", "server1 is down"), {
    code: "upstream-down",
    about: "server1",
    text: "server1 is down",
    hint: "natsby logs server1; pulumi up starts it again",
  });
  assert.match(problem("server-unknown", "server1", "x", { pid: null }).hint, /kill -CONT <pid>$/);
  assert.match(problem("server-unknown", "server1", "x", { pid: 12 }).hint, /kill -CONT 12$/);
});

test("severities", () => {
  const table: readonly (readonly [ProblemCode, string])[] = [
    ["doubled-link", "doubled"],
    ["nobody-linked", "silent"],
    ["server-unknown", "unknown"],
    ["upstream-down", "degraded"],
    ["role-file-differs", "drift"],
    ["flip-pending", "note"],
    ["locked", "stopped"],
  ];
  for (const [code, severity] of table) assert.equal(severityOf(code), severity);
});
