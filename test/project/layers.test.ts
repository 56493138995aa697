// The rules about who may import whom, each tried on a file that breaks it: a rule that never fires guards nothing.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { temporary } from "../support/temporary.ts";

/** Each file and what it imports, with the rules that this breaks. */
const broken: readonly (readonly [file: string, imports: string, rules: readonly string[]])[] = [
  ["infra/core/a.ts", "../hosts/fine.ts", ["core-imports-inwards"]],
  ["infra/hosts/a.ts", "../observe/fine.ts", ["hosts-imports-inwards"]],
  ["infra/observe/a.ts", "../platforms/fine.ts", ["observe-imports-inwards"]],
  ["infra/platforms/a.ts", "../components/fine.ts", ["platforms-imports-inwards"]],
  ["infra/components/a.ts", "../index.ts", ["components-imports-inwards"]],
  ["infra/components/b.ts", "../../scripts/fine.ts", ["program-knows-no-scripts"]],
  ["scripts/a.ts", "../infra/components/fine.ts", ["scripts-need-no-pulumi-program"]],
  ["scripts/b.ts", "../test/fine.ts", ["scripts-need-no-pulumi-program"]],
  ["infra/core/b.ts", "node:fs", ["core-is-pure"]],
  ["infra/core/c.ts", "node:crypto", ["core-is-pure"]],
  ["infra/core/secrets.ts", "node:os", ["core-only-hashes"]],
  ["infra/observe/b.ts", "nats", ["only-observe-speaks-nats"]],
  ["scripts/c.ts", "nats", ["only-observe-speaks-nats"]],
  ["scripts/d.ts", "@pulumi/pulumi", ["only-program-uses-pulumi"]],
  ["infra/hosts/b.ts", "@pulumi/command", ["only-program-uses-pulumi"]],
  ["scripts/toolchain/language-host/a.ts", "@pulumi/pulumi", ["language-host-uses-stubs"]],
  ["scripts/e.ts", "@grpc/grpc-js", ["only-language-host-speaks-grpc"]],
  ["infra/components/c.ts", "@pulumi/pulumi/proto/language_pb.js", ["only-language-host-speaks-grpc"]],
  ["infra/core/d.ts", "valibot", ["only-settings-parse"]],
  ["infra/hosts/c.ts", "./d.ts", ["no-cycles"]],
  ["infra/hosts/e.ts", "./nowhere.ts", ["no-missing-file"]],
  ["infra/hosts/f.ts", "fast-check", ["no-development-package-at-run-time"]],
  ["infra/core/settings.ts", "valibot", []],
  ["infra/core/certificates.ts", "node:crypto", []],
  ["infra/observe/nats.ts", "nats", []],
  ["infra/platforms/b.ts", "@pulumi/command", []],
  ["scripts/toolchain/language-host/b.ts", "@grpc/grpc-js", []],
];

const fine = [
  "infra/index",
  "scripts/fine",
  "test/fine",
  ...["hosts", "observe", "platforms", "components"].map((layer) => `infra/${layer}/fine`),
];

interface Cruised {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function cruise(): Cruised["summary"]["violations"] {
  using folder = temporary();
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder.path, file)), { recursive: true });
    writeFileSync(join(folder.path, file), text);
  };
  for (const file of [".dependency-cruiser.mjs", "tsconfig.json", "package.json"]) {
    copyFileSync(join(projectRoot, file), join(folder.path, file));
  }
  symlinkSync(join(projectRoot, "node_modules"), join(folder.path, "node_modules"));
  for (const name of fine) write(`${name}.ts`, "export const fine = 1;\n");
  write("infra/hosts/d.ts", 'import * as a from "./c.ts";\nexport const b = a;\n');
  for (const [file, imports] of broken) write(file, `import * as a from "${imports}";\nexport const b = a;\n`);
  const program = join(folder.path, "node_modules/.bin/depcruise");
  const args = [program, "--config", ".dependency-cruiser.mjs", "--output-type", "json", "infra", "scripts", "test"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: "utf8" });
  assert.ok(stdout.startsWith("{"), stderr);
  return (JSON.parse(stdout) as Cruised).summary.violations;
}

const violations = cruise();

for (const [file, imports, rules] of broken) {
  test(`${file} ${rules.length > 0 ? "must not" : "may"} import ${imports}`, () => {
    const hit = violations.filter(({ from }) => from === file).map(({ rule }) => rule.name);
    assert.deepEqual([...new Set(hit)].sort(), [...rules].sort());
  });
}
