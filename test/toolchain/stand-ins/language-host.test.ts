// Programs through the real CLI and the language host: what a program says and how it ends comes out as Pulumi's own
// host has it. It passes with that host as well as with natsby's stand-in.

import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { PulumiTrial } from "../../support/pulumi-trial.ts";

suite("a program", () => {
  const trial = new PulumiTrial("");
  after(() => trial[Symbol.dispose]());

  test("runs in its own folder, under a Node that strips types, with its config, and prints", async () => {
    trial.pulumi("config", "set", "-s", "trial", "word", "two words");
    trial.pulumi("config", "set", "-s", "trial", "--secret", "key", "hush");
    trial.write(`
      import { Config, getStack, getProject, getOrganization, secret } from "@pulumi/pulumi";
      const config = new Config();
      const [major = 0, minor = 0]: number[] = process.versions.node.split(".").map(Number);
      console.log(process.cwd(), config.get("word"));
      console.error("to stderr");
      console.log(getOrganization(), getProject(), getStack(), major > 22 || (major === 22 && minor >= 18));
      export const key = config.requireSecret("key");
    `);
    const { code, messages } = await trial.run("up");
    const printed = messages.stack?.filter(Boolean).sort();
    assert.deepEqual(
      [code, printed],
      [0, [`${trial.path}/infra two words`, "organization trial trial true", "to stderr"]],
    );
    assert.match(trial.pulumi("stack", "output", "-s", "trial"), /key +\[secret\]/);
  });

  test("is found from anywhere by pulumi -C", () => {
    const elsewhere = trial.pulumi("-C", trial.path, "preview", "-s", "trial", "--non-interactive");
    assert.match(elsewhere, /two words/);
  });

  test("can log to a resource and transform its arguments", async () => {
    trial.write(`
      import { local } from "@pulumi/command";
      import { log, runtime } from "@pulumi/pulumi";
      runtime.registerResourceTransform(async ({ name, props, opts }) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return name === "one" ? { props: { ...props, create: "echo transformed" }, opts } : undefined;
      });
      const one = new local.Command("one", { create: "echo plain" });
      log.info("a note", one);
      log.warn("a warning", one);
    `);
    const { code, messages, lines, output } = await trial.run("up");
    assert.deepEqual([code, messages.one, lines.one], [0, ["a note"], ["transformed"]]);
    assert.match(output, /warning: a warning/);
  });

  const ends: readonly [how: string, program: string, error: RegExp][] = [
    [
      "throws",
      "throw new Error('boom')",
      /Running program '.*index\.ts' failed with an unhandled exception:\nError: boom/,
    ],
    ["throws a RunError", "import { RunError } from '@pulumi/pulumi'; throw new RunError('mend it')", /^mend it\n$/],
    [
      "does not parse",
      "const x: = 1",
      /Running program '.*' failed with an unhandled exception:\n.*index\.ts:1\nconst x: = 1/,
    ],
    ["exits", "process.exit(7)", /^an unhandled error occurred: Program exited with non-zero exit code: 7/],
    ["is killed", "process.kill(process.pid, 'SIGKILL')", /Program exited with non-zero exit code: -1/],
  ];
  for (const [how, program, error] of ends) {
    test(`that ${how} fails the run with one error that says so, and deletes nothing`, async () => {
      trial.write(program);
      const { code, errors, steps } = await trial.run("up");
      assert.deepEqual([code, errors.stack?.length, steps], [1, 1, {}]);
      assert.match(errors.stack?.[0] ?? "", error);
      assert.deepEqual(Object.keys(trial.state()), ["one"]);
    });
  }

  test("is not needed to destroy what it made", async () => {
    trial.write("throw new Error('must not run')");
    const { code, steps } = await trial.run("destroy");
    assert.deepEqual([code, steps], [0, { one: ["delete"] }]);
  });

  test("has its Node and its packages named by pulumi about", () => {
    const about = JSON.parse(trial.pulumi("about", "--json", "-s", "trial"));
    assert.equal(about.runtime.language, "nodejs");
    assert.match(about.runtime.version, /^v?\d+\.\d+\.\d+$/);
    const packages = about.dependencies.map(
      ({ name, version }: { name: string; version: string }) => `${name} ${version}`,
    );
    assert.ok(packages.includes("@pulumi/command 1.2.1"), packages.join(", "));
  });
});
