// Which stack a verb is about: named, from the environment, selected in Pulumi, or local; and what its file says.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../infra/core/errors.ts";
import { loadStack } from "../scripts/stack.ts";

const variables = ["PULUMI_STACK", "PULUMI_HOME", "PULUMI_BACKEND_URL", "PATH", "NATSBY_CACHE"] as const;

/** A project's folder, with an environment in which no Pulumi can be found unless the test gives one. */
async function project(pulumiYaml: string, stacks: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "natsby project "));
  const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  const config = (active: string, namespace = "natsby") =>
    `config:\n  ${namespace}:activePublisher: ${active}\n  ${namespace}:dataDir: ${folder}/data\n  ${namespace}:basePort: "4300"\n  ${namespace}:clusterSecret:\n    secure: v1:x\n`;
  await mkdir(join(folder, "stacks"));
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, "Pulumi.yaml"), pulumiYaml);
  for (const [name, text] of Object.entries(stacks)) {
    const whole = text.includes("\n") ? text : config(text, text.split("@")[1]).replace(/@\w+/, "");
    await writeFile(join(folder, "stacks", `Pulumi.${name}.yaml`), whole);
  }
  for (const name of variables) delete process.env[name];
  Object.assign(process.env, { PATH: "/nowhere", NATSBY_CACHE: join(folder, "cache") });
  return {
    folder,
    async [Symbol.asyncDispose]() {
      for (const name of variables) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      await rm(folder, { recursive: true });
    },
  };
}

const activeOf = async (folder: string, named?: string) => {
  const { topology } = await loadStack(named, folder);
  return `${topology.stack} ${topology.activePublisher}`;
};

test("named on the command line, else PULUMI_STACK, else selected, else local", async () => {
  await using made = await project("name: natsby\n", { local: "publisher0", big: "publisher1", third: "publisher1" });
  const { folder } = made;
  assert.equal(await activeOf(folder), "local publisher0");

  const home = join(folder, "home");
  Object.assign(process.env, { PULUMI_HOME: home, PULUMI_BACKEND_URL: "file:///somewhere" });
  const hash = createHash("sha1").update(join(folder, "Pulumi.yaml")).digest("hex");
  await mkdir(join(home, "workspaces"), { recursive: true });
  const note = { stacks: { "file:///somewhere": "organization/natsby/third", "file:///elsewhere": "local" } };
  await writeFile(join(home, "workspaces", `natsby-${hash}-workspace.json`), JSON.stringify(note));
  assert.equal(await activeOf(folder), "third publisher1");

  process.env.PULUMI_STACK = "big";
  assert.equal(await activeOf(folder), "big publisher1");
  assert.equal(await activeOf(folder, "organization/natsby/local"), "local publisher0");
});

test("a renamed project's keys carry its own name, however Pulumi.yaml writes it", async () => {
  for (const name of ["name: renamed", 'name: "renamed"', "name:   'renamed'", "# natsby\nname: renamed # mine"]) {
    await using made = await project(`${name}\nruntime: nodejs\n`, { local: "publisher1@renamed" });
    assert.equal(await activeOf(made.folder), "local publisher1", name);
    assert.equal((await loadStack(undefined, made.folder)).topology.cluster, "renamed-local");
  }
});

test("what was last deployed comes from the journal; a cutover without an end is told", async () => {
  await using made = await project("name: natsby\n", { local: "publisher0" });
  assert.deepEqual((await loadStack(undefined, made.folder)).deployed, {
    deployedActive: null,
    unfinished: null,
    pause: null,
  });
  const entry = { ticket: 1, epoch: 0, at: "2026-01-01T00:00:00Z", from: null, to: "publisher1" };
  const lines = [
    { ...entry, state: "begun" },
    { ...entry, state: "finished", result: "active" },
    { ...entry, state: "begun", ticket: 2, to: "publisher0" },
  ];
  await writeFile(join(made.folder, "data/history.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const { deployed } = await loadStack(undefined, made.folder);
  assert.equal(deployed.deployedActive, "publisher1");
  assert.equal(deployed.unfinished?.ticket, 2);
});

test("no such stack, no project, a config with problems: each a UserError that says what to do", async () => {
  await using made = await project("name: natsby\n", { bad: "config:\n  natsby:activePublisher: nobody\n" });
  const refused = async (words: RegExp, named?: string, folder = made.folder) => {
    const error = await loadStack(named, folder).then(
      () => assert.fail("it was loaded"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, words);
    return error;
  };
  assert.equal((await refused(/there is no stack "local"/)).hint, "npm start makes it, and starts it");
  await refused(/there is no stack "\.\."/, "../..");
  await refused(/no file stacks\/Pulumi\.other\.yaml/, "other");
  await refused(/nobody/, "bad");
  await refused(/Pulumi\.yaml cannot be read/, undefined, "/nowhere");
});
