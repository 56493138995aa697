// What the stand-ins do not do is refused in words that name them and the way to the real pieces.

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { look } from "../../../scripts/toolchain/look.ts";
import type { CommandSpec } from "../../support/command-program.ts";
import { PulumiTrial } from "../../support/pulumi-trial.ts";
import { script } from "../../support/temporary.ts";

const { commandPlugin, languageHost } = look();
const standIns = [commandPlugin, languageHost].every((tool) => "standIn" in tool && tool.standIn);

suite("the stand-ins", { skip: !standIns && "the real pieces are here" }, () => {
  const trial = new PulumiTrial(new URL("../../support/command-program.ts", import.meta.url));
  after(() => trial[Symbol.dispose]());

  const refused: readonly [what: string, spec: CommandSpec, error: RegExp][] = [
    [
      "archives",
      { args: { create: "true", archivePaths: ["*"] } },
      /archivePaths is left out: natsby's STAND-IN.* pulumi plugin install resource command 1\.2\.1/s,
    ],
    [
      "a number for a host's address",
      { args: { connection: { host: 10 as never }, create: "true" }, remote: true },
      /host must be a string/,
    ],
    [
      "a number for a text",
      { args: { create: "true", environment: { PORT: 4222 as never } } },
      /must be a map of strings/,
    ],
  ];
  for (const [what, spec, error] of refused) {
    test(`refuse ${what} at preview`, async () => {
      writeFileSync(join(trial.path, "infra/commands.json"), JSON.stringify({ plain: spec }));
      const { code, output } = await trial.run("preview");
      assert.notEqual(code, 0);
      assert.match(output, error);
    });
  }

  test("refuse to run a policy pack", async () => {
    const pack = join(trial.path, "policies");
    mkdirSync(pack);
    writeFileSync(join(pack, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(pack, "package.json"), `{"name": "policies", "version": "1.0.0"}`);
    const { code, output } = await trial.run("preview", "--policy-pack", pack);
    assert.notEqual(code, 0);
    assert.match(output, /RunPlugin is left out of natsby's STAND-IN.*https:\/\/www\.pulumi\.com\/docs\/install/s);
  });

  test("install npm packages without their scripts", () => {
    const npm = script(join(trial.path, "bin/npm"), 'echo "npm $*" in "$PWD"', "exit 5");
    trial.env.PATH = `${join(npm, "..")}:${trial.env.PATH}`;
    assert.throws(
      () => trial.pulumi("install"),
      /npm install --ignore-scripts --loglevel=error in .*a trial\/infra.*npm install ended with 5/s,
    );
  });
});
