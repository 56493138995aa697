// As a user who is not root and has no home: start, flip and stop, with natsby's cache inside the project.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import type { StatusJson } from "../../infra/core/status.ts";
import { cacheDir, onPath } from "../../scripts/toolchain/paths.ts";
import { endsWith, type Ran } from "../support/bounded-run.ts";
import { makeProject } from "../support/project.ts";

/** `nobody`: in /etc/passwd of every Linux, with a home that is not there. */
const nobody = 65_534;
const become = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
// The folder for temporary files may be of this user alone.
const project = makeProject({ below: "/var/tmp" });
const temporary = join(dirname(project.path), "tmp");
after(() => project[Symbol.asyncDispose]());

test("a user who is not root and has no home starts, flips and stops", async (t) => {
  const hindrance = await whyNot();
  if (hindrance !== null) return t.skip(hindrance);
  giveFiles();
  const { stdout } = await endsWith(0, asNobody(["npm", "start"]));
  assert.match(stdout, /^OK {2}stack local: publisher0 is heard at every upstream$/m);
  const owners = [...project.processes().values()].map(({ pid }) => statSync(`/proc/${pid}`).uid);
  assert.deepEqual(owners, Array(6).fill(nobody));
  await using witness = await project.witness(await statusAsNobody());
  await witness.hears("publisher0");
  const flip = [
    'eval "$(node scripts/bootstrap.mjs env)"',
    "pulumi config set activePublisher publisher1",
    "pulumi up --yes --skip-preview",
  ];
  await endsWith(0, asNobody(["sh", "-e", "-c", flip.join("\n")]));
  await witness.hears("publisher1");
  for (const { handovers, doubled } of await witness.take()) assert.deepEqual([handovers.length, doubled], [1, 0]);
  await endsWith(0, asNobody(["npm", "stop"]));
  assert.equal(project.processes().size, 0);
});

/** Without a cache that is named and without a home natsby's cache is in the project. */
function asNobody(argv: readonly string[]): Promise<Ran> {
  const env = { NATSBY_CACHE: "", XDG_CACHE_HOME: "", HOME: "/nonexistent", TMPDIR: temporary };
  return project.run([...become, ...argv], { env });
}

async function statusAsNobody(): Promise<StatusJson> {
  const words = ["status", "--json", "--credentials"];
  return JSON.parse((await endsWith(0, asNobody(["node", "scripts/bootstrap.mjs", ...words]))).stdout);
}

/** The folder becomes the user's; what would take minutes to bring is in the cache already. */
function giveFiles(): void {
  mkdirSync(temporary);
  for (const part of ["nats-server", "pulumi/versions", "pulumi/plugins"]) {
    const [from, to] = [join(cacheDir(), part), join(project.path, ".natsby/cache", part)];
    if (existsSync(from)) cpSync(from, to, { recursive: true });
  }
  execFileSync("chown", ["-R", `${nobody}:${nobody}`, dirname(project.path)]);
}

async function whyNot(): Promise<string | null> {
  if (process.getuid?.() !== 0) return "this user is not root, so every other test is this one";
  if (onPath("setpriv").length === 0) return "there is no setpriv to become another user with";
  const tools = await project.run([...become, "sh", "-c", "node --version && node_modules/.bin/node --version"]);
  return tools.code === 0 ? null : `another user cannot run what is here: ${tools.output.trim()}`;
}
