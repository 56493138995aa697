// The pipelines as they are written: what starts them, what they may do, and what they trust. Another test runs them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../support/project-files.ts";
import { evaluate, readWorkflow } from "../support/workflow.ts";

const deploy = readWorkflow("deploy.yml");
const ci = readWorkflow("ci.yml");
const { preview, deploy: merge } = deploy.jobs;
assert.ok(preview && merge);

const own = "them/natsby";
const pullRequestFrom = (repository: string) => ({
  event_name: "pull_request",
  repository: own,
  event: { pull_request: { head: { repo: { full_name: repository } } } },
});
const push = { event_name: "push", repository: own, event: {} };
const production = { NATSBY_STACK: "production" };
const runs = (job: typeof preview, github: object, vars: Record<string, string> = production): boolean =>
  Boolean(evaluate(job.if ?? "true", { vars, github }));

const rows = [
  ["a pull request of this repository is previewed, and changes nothing", pullRequestFrom(own), [true, false]],
  ["a pull request from a fork does nothing", pullRequestFrom("others/natsby"), [false, false]],
  ["a push is deployed", push, [false, true]],
] as const;

for (const [what, github, [previews, deploys]] of rows) {
  test(what, () => {
    assert.deepEqual([runs(preview, github), runs(merge, github)], [previews, deploys]);
    assert.deepEqual([runs(preview, github, {}), runs(merge, github, {})], [false, false], "without a stack");
  });
}

test("only pushes to main and pull requests start it, and it may only read", () => {
  assert.deepEqual(deploy.on, { pull_request: null, push: { branches: ["main"] } });
  for (const workflow of [deploy, ci]) assert.deepEqual(workflow.permissions, { contents: "read" });
});

test("one deployment at a time, which nothing cuts off", () => {
  assert.equal(merge.concurrency?.["cancel-in-progress"], false);
  assert.equal(merge.concurrency?.group, "natsby-${" + "{ vars.NATSBY_STACK }}");
  assert.notEqual(preview.concurrency?.group, merge.concurrency?.group);
});

test("every action is pinned to a commit, keeps no credentials, and every job has a bound", () => {
  for (const workflow of [deploy, ci]) {
    for (const job of Object.values(workflow.jobs)) {
      assert.ok(job["timeout-minutes"]);
      for (const { uses, with: options } of job.steps.filter((step) => step.uses !== undefined)) {
        assert.match(uses ?? "", /^actions\/[\w-]+@[0-9a-f]{40}$/);
        if (uses?.startsWith("actions/checkout@")) assert.equal(options?.["persist-credentials"], false);
      }
    }
  }
});

test("the merge goes up, then verifies, and shows the status whatever happened", () => {
  const steps = merge.steps.filter(({ run }) => run !== undefined);
  assert.deepEqual(
    steps.map(({ name, if: when }) => [name, when]),
    [
      ["Install", undefined],
      ["Up", undefined],
      ["Verify", undefined],
      ["Status", "always()"],
    ],
  );
});

test("every variable and secret that it uses is explained at its top", () => {
  const text = textOf(".github/workflows/deploy.yml");
  const used = new Set([...text.matchAll(/\b(?:vars|secrets)[.](\w+)/g)].map(([, name = ""]) => name));
  const top = text.slice(0, text.indexOf("\nname:"));
  assert.ok(used.size >= 6);
  for (const name of used) assert.match(top, new RegExp(`^# .*\\b${name}\\b`, "m"));
});

test("the gate is what natsby's own pipeline runs", () => {
  assert.deepEqual(
    ci.jobs.test?.steps.flatMap(({ run }) => run ?? []),
    [".ci/run"],
  );
});
