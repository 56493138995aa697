// The pipeline's own steps on a real stack: a flip that is previewed, merged, heard at the upstreams, and a change that fails.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { endsWith } from "../support/bounded-run.ts";
import { makeProject } from "../support/project.ts";
import { readWorkflow, runJob, type StepRan } from "../support/workflow.ts";

const project = makeProject();
const workflow = readWorkflow("deploy.yml");
const stack = "production";
const backend = `file://${join(dirname(project.path), "backend")}`;
const passphrase = "of the pipeline";
const contexts = {
  vars: { NATSBY_STACK: stack, PULUMI_BACKEND_URL: backend },
  secrets: { PULUMI_CONFIG_PASSPHRASE: passphrase },
};
/** What the developer's own shell has; the runner gets it from the repository's settings. */
const env = { PULUMI_BACKEND_URL: backend, PULUMI_CONFIG_PASSPHRASE: passphrase, PULUMI_STACK: stack };
const stackFile = join(project.path, `stacks/Pulumi.${stack}.yaml`);

/** node_modules is there already; that `npm ci` is the step is another test's. */
const run = (job: string, vars: Record<string, string> = {}): Promise<readonly StepRan[]> =>
  runJob(project, workflow, job, { ...contexts, vars: { ...contexts.vars, ...vars } }, ["Install"]);

const ends = (steps: readonly StepRan[]) => steps.map(({ name, code }) => [name, code]);

/** One line of the stack's file, as an editor changes it. */
function commit(activePublisher: string): void {
  const text = readFileSync(stackFile, "utf8");
  writeFileSync(stackFile, text.replace(/(activePublisher: ).*/, `$1${activePublisher}`));
}

const heard = async (): Promise<readonly string[]> => {
  const { stdout } = await endsWith(0, project.natsby(["verify", "--seconds", "1", "--json"], { env }));
  const { upstreams } = JSON.parse(stdout) as { upstreams: { publishers: { name: string; heard: number }[] }[] };
  return upstreams.flatMap(({ publishers }) => publishers.filter((one) => one.heard > 0).map(({ name }) => name));
};

before(async () => {
  await endsWith(0, project.run(["mkdir", backend.slice("file://".length)]));
  await endsWith(0, project.natsby(["init", stack], { env }));
});
after(() => project[Symbol.asyncDispose]());

test("the first merge makes the stack, and everything of it is well", async () => {
  const steps = await run("deploy");
  assert.deepEqual(
    ends(steps),
    [
      ["Up", 0],
      ["Verify", 0],
      ["Status", 0],
    ],
    steps.at(-1)?.output,
  );
  assert.deepEqual(await heard(), ["publisher0", "publisher0"]);
});

test("a pull request shows both role files change, and changes nothing", async () => {
  commit("publisher1");
  const [step, ...more] = await run("preview");
  assert.deepEqual([step?.name, step?.code, more], ["Preview", 0, []], step?.output);
  for (const dummy of ["dummy_nats0", "dummy_nats1"]) assert.match(step?.output ?? "", new RegExp(`~ .*${dummy}`, "i"));
  assert.deepEqual(await heard(), ["publisher0", "publisher0"]);
});

test("without a road to the hosts the preview says that nobody looked", async () => {
  const [step] = await run("preview", { NATSBY_OBSERVE: "off" });
  assert.equal(step?.code, 0, step?.output);
  assert.match(step?.output ?? "", /nobody looked at the running servers/);
});

test("its merge is the flip", async () => {
  const steps = await run("deploy");
  assert.deepEqual(
    ends(steps),
    [
      ["Up", 0],
      ["Verify", 0],
      ["Status", 0],
    ],
    steps.at(-1)?.output,
  );
  assert.deepEqual(await heard(), ["publisher1", "publisher1"]);
});

test("a merge that is refused verifies nothing, shows the status, and nothing changed", async () => {
  commit("publisher7");
  const steps = await run("deploy");
  assert.deepEqual(
    steps.map(({ name }) => name),
    ["Up", "Status"],
  );
  assert.notEqual(steps[0]?.code, 0);
  assert.match(steps[0]?.output ?? "", /publisher7/);
  commit("publisher1");
  assert.deepEqual(await heard(), ["publisher1", "publisher1"]);
});
