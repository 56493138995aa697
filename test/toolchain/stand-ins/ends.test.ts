// Runs that are cut short: Ctrl-C, and a CLI that is killed. Nothing of the stand-ins may stay behind.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { descendantsOf, parentOf, runs } from "../../support/descendants.ts";
import { PulumiTrial } from "../../support/pulumi-trial.ts";
import { until } from "../../support/until.ts";

suite("a run that is cut short", () => {
  const trial = new PulumiTrial("");
  after(() => trial[Symbol.dispose]());
  const infra = join(trial.path, "infra");
  const command = (create: string) =>
    trial.write(
      `import { local } from "@pulumi/command"; new local.Command("one", { create: ${JSON.stringify(create)} });`,
    );
  const pidIn = (file: string) =>
    until(
      `${file} holds a pid`,
      () => existsSync(join(infra, file)) && Number(readFileSync(join(infra, file), "utf8")),
      60_000,
    );

  test("by Ctrl-C ends the command with all that it started, and says what it printed", async () => {
    command("echo begun; sleep 300 & echo $! > child; echo $$ > shell; wait");
    const { cli, ended } = trial.start("up");
    const pids = [await pidIn("child"), await pidIn("shell")];
    const began = performance.now();
    process.kill(cli.pid, "SIGINT");
    const { code, errors } = await ended;
    assert.equal(code, 1);
    assert.ok(performance.now() - began < 4_000, "it ends at once");
    assert.match(errors.one?.[0] ?? "", /^signal: killed: running "echo begun; sleep 300.*":\nbegun\n/);
    await until("its processes are gone", () => !pids.some(runs), 2_000);
    assert.deepEqual(trial.state(), {});
  });

  test("by Ctrl-C ends a program that does nothing but wait", async () => {
    trial.write(
      `import { writeFileSync } from "node:fs"; writeFileSync("program", String(process.pid)); setTimeout(() => {}, 300_000);`,
    );
    const { cli, ended } = trial.start("up");
    const program = await pidIn("program");
    process.kill(cli.pid, "SIGINT");
    const { code, errors } = await ended;
    assert.deepEqual([code, errors.stack], [1, ["update canceled\n"]]);
    await until("the program is gone", () => !runs(program), 2_000);
  });

  test("by the death of the CLI takes host, program and plugin along; the command lives on to its end", async () => {
    command("echo $$ > orphan; n=0; while [ ! -e go ] && [ $n -lt 300 ]; do sleep 0.1; n=$((n+1)); done; : > finished");
    const { cli, ended } = trial.start("up");
    const orphan = await pidIn("orphan");
    const pieces = descendantsOf(cli.pid).filter((pid) => pid !== orphan && parentOf(pid) !== orphan);
    assert.equal(pieces.length, 3, "a host, a program, a plugin");
    process.kill(cli.pid, "SIGKILL");
    await ended;
    await until("the pieces are gone", () => !pieces.some(runs), 2_500);
    assert.ok(runs(orphan), "the command still runs");
    writeFileSync(join(infra, "go"), "");
    await until("the command has come to its end", () => existsSync(join(infra, "finished")), 5_000);
    trial.pulumi("cancel", "--yes", "-s", "trial");
    command("echo again");
    const { code, lines } = await trial.run("up");
    assert.deepEqual([code, lines.one], [0, ["again"]]);
  });
});
