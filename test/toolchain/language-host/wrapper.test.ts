import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { languageHostWrapper } from "../../../scripts/toolchain/language-host/wrapper.ts";
import { script, temporary } from "../../support/temporary.ts";

/** A cache with the wrapper, and two projects whose `scripts/run` says what it was given. */
function place() {
  const folder = temporary("a cache & more");
  const wrapper = join(folder.path, "bin/pulumi-language-nodejs");
  mkdirSync(join(folder.path, "bin"));
  writeFileSync(wrapper, languageHostWrapper());
  chmodSync(wrapper, 0o755);
  const project = (name: string) => {
    const root = join(folder.path, name);
    script(join(root, "scripts/run"), `printf '%s|' ${name} "$@"`);
    mkdirSync(join(root, "scripts/toolchain/language-host"), { recursive: true });
    mkdirSync(join(root, "infra/deep er"), { recursive: true });
    writeFileSync(join(root, "scripts/toolchain/language-host/main.ts"), "");
    return root;
  };
  const run = (cwd: string) => spawnSync(wrapper, ["-x y", "127.0.0.1:1"], { cwd, encoding: "utf8" });
  return { folder, project, run };
}

test("the wrapper hands over to the project around the folder it is started in, whichever clone that is", () => {
  const { folder, project, run } = place();
  using _ = folder;
  const [one, two] = [project("one"), project("two")];
  const expected = (name: string) => `${name}|toolchain/language-host/main|-x y|127.0.0.1:1|`;
  assert.equal(run(one).stdout, expected("one"));
  assert.equal(run(join(one, "infra")).stdout, expected("one"));
  assert.equal(run(join(two, "infra/deep er")).stdout, expected("two"));
});

test("the wrapper follows the real folders where the program lies behind a link", () => {
  const { folder, project, run } = place();
  using _ = folder;
  symlinkSync(join(project("one"), "infra"), join(folder.path, "linked"));
  assert.match(run(join(folder.path, "linked")).stdout, /^one\|/);
});

test("outside of a natsby project the wrapper says what it is and where Pulumi's own is", () => {
  const { folder, run } = place();
  using _ = folder;
  for (const cwd of [folder.path, "/"]) {
    const { status, stderr, stdout } = run(cwd);
    assert.deepEqual([status, stdout], [3, ""]);
    assert.match(stderr, /STAND-IN.* serves natsby projects only, and .* is in none\.\nFor other projects/);
  }
});

test("the wrapper names no folder of this machine", () => {
  assert.doesNotMatch(languageHostWrapper(), /\/(home|root|tmp|work|usr)\//);
});
