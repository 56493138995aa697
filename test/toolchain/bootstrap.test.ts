// The bootstrap on an old Node, in a minimal project, with an npm that plays its part: so no test installs anything.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { projectRoot } from "../../scripts/toolchain/paths.ts";
import { oldNode, rightNode, shellOf } from "../support/project-copy.ts";
import { script, type Temporary, temporary } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const someNode = oldNode() ?? rightNode;
const lock = {
  lockfileVersion: 3,
  packages: { "": {}, "node_modules/a": { version: "1.0.0" }, "node_modules/d": { version: "2.0.0", dev: true } },
};

/** What `npm ci` does, as far as the bootstrap can see; it notes each run, and can be slow or fail. */
const npm = `
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
appendFileSync("npm-runs", process.argv.slice(2).join(" ") + "\\n");
writeFileSync("npm-pid", String(process.pid));
writeFileSync("npm-cache", process.env.npm_config_cache ?? "npm's own");
rmSync("node_modules", { recursive: true, force: true });
mkdirSync("node_modules/.bin", { recursive: true });
symlinkSync(${JSON.stringify(rightNode)}, "node_modules/.bin/node");
await new Promise((resolve) => setTimeout(resolve, Number(process.env.NPM_TAKES ?? 0)));
if (process.env.NPM_FAILS) { console.error("npm error " + process.env.NPM_FAILS); process.exit(1); }
const packages = ${JSON.stringify({ "node_modules/a": { version: "1.0.0" }, "node_modules/d": { version: "2.0.0" } })};
for (const path of Object.keys(packages)) {
  mkdirSync(path, { recursive: true });
  writeFileSync(path + "/package.json", "{}");
}
writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages }));
`;

function project(folder: Temporary): Temporary {
  mkdirSync(join(folder.path, "scripts"));
  mkdirSync(join(folder.path, "npm"));
  copyFileSync(join(projectRoot, "scripts/bootstrap.mjs"), join(folder.path, "scripts/bootstrap.mjs"));
  writeFileSync(join(folder.path, "package-lock.json"), JSON.stringify(lock));
  writeFileSync(join(folder.path, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder.path, "npm/npm-cli.js"), npm);
  const say =
    "const args: string[] = process.argv.slice(2);\nconsole.log(JSON.stringify({ args, version: process.version }));\n";
  writeFileSync(join(folder.path, "scripts/natsby.ts"), `${say}process.exitCode = 2;\n`);
  writeFileSync(join(folder.path, "scripts/test.ts"), say);
  return folder;
}

function bootstrap({ path }: Temporary, args: readonly string[], env: Record<string, string> = {}, node = someNode) {
  const shell = shellOf({ NATSBY_CACHE: join(path, "cache"), npm_execpath: join(path, "npm/npm-cli.js") });
  return spawn(node, [join(path, "scripts/bootstrap.mjs"), ...args], { cwd: "/", env: { ...shell, ...env } });
}

async function ended(child: ChildProcess) {
  const [stdout, stderr, [status, signal]] = await Promise.all([
    text(child.stdout as NonNullable<typeof child.stdout>),
    text(child.stderr as NonNullable<typeof child.stderr>),
    once(child, "exit"),
  ]);
  return { stdout, stderr, status, signal };
}

const npmRuns = ({ path }: Temporary): number =>
  existsSync(join(path, "npm-runs")) ? readFileSync(join(path, "npm-runs"), "utf8").trim().split("\n").length : 0;

test("on a fresh clone node_modules is installed without scripts, then the right Node takes over; later nothing is done", async () => {
  using folder = project(temporary("a fresh clone"));
  const first = await ended(bootstrap(folder, ["start", "two words"]));
  assert.match(first.stderr, /natsby: installing node_modules with npm ci \(usually 10 to 60 s, once\)/);
  assert.deepEqual(JSON.parse(first.stdout), { args: ["start", "two words"], version: process.version });
  assert.equal(first.status, 2, "the exit code is the program's");
  assert.match(readFileSync(join(folder.path, "npm-runs"), "utf8"), /^ci --include=dev --ignore-scripts /);
  const second = await ended(bootstrap(folder, ["start"]));
  assert.equal(second.stderr, "");
  const inProcess = await ended(bootstrap(folder, ["start"], {}, rightNode));
  assert.deepEqual([JSON.parse(inProcess.stdout).args, inProcess.status], [["start"], 2]);
  const script = await ended(bootstrap(folder, ["--run", "test", "x"]));
  assert.deepEqual([JSON.parse(script.stdout).args, script.status], [["x"], 0]);
  assert.equal(npmRuns(folder), 1);
});

test("what is no longer what package-lock.json says is installed again", async () => {
  using folder = project(temporary());
  await ended(bootstrap(folder, []));
  rmSync(join(folder.path, "node_modules/a"), { recursive: true });
  await ended(bootstrap(folder, []));
  assert.equal(npmRuns(folder), 2, "a package that was taken away");
  writeFileSync(join(folder.path, "package-lock.json"), JSON.stringify({ ...lock, name: "changed" }));
  await ended(bootstrap(folder, []));
  assert.equal(npmRuns(folder), 2, "another lock file that the same packages fit");
  const newer = { ...lock, packages: { ...lock.packages, "node_modules/a": { version: "1.0.1" } } };
  writeFileSync(join(folder.path, "package-lock.json"), JSON.stringify(newer));
  const { status, stderr } = await ended(bootstrap(folder, []));
  assert.equal(npmRuns(folder), 3, "another version");
  assert.equal(status, 3);
  assert.match(stderr, /npm ci ended well, yet node_modules is not what package-lock\.json says/);
});

test("npm keeps its own cache, and has one in the project where there is no home", async () => {
  using folder = project(temporary());
  await ended(bootstrap(folder, [], { HOME: folder.path }));
  assert.equal(readFileSync(join(folder.path, "npm-cache"), "utf8"), "npm's own");
  rmSync(join(folder.path, "node_modules"), { recursive: true });
  await ended(bootstrap(folder, [], { HOME: "" }));
  assert.equal(readFileSync(join(folder.path, "npm-cache"), "utf8"), join(folder.path, ".natsby/cache/npm"));
});

test("what the user's own npm ci installed is taken as it is; without development packages only the tests install", async () => {
  using folder = project(temporary());
  await ended(bootstrap(folder, []));
  rmSync(join(folder.path, "node_modules/.natsby-installed.json"));
  await ended(bootstrap(folder, []));
  assert.equal(npmRuns(folder), 1);
  rmSync(join(folder.path, "node_modules/.natsby-installed.json"));
  rmSync(join(folder.path, "node_modules/d"), { recursive: true });
  const without = { packages: { "node_modules/a": { version: "1.0.0" } } };
  writeFileSync(join(folder.path, "node_modules/.package-lock.json"), JSON.stringify(without));
  assert.equal((await ended(bootstrap(folder, ["status"]))).status, 2);
  assert.equal(npmRuns(folder), 1);
  assert.equal((await ended(bootstrap(folder, ["--run", "test"]))).status, 0);
  assert.equal(npmRuns(folder), 2);
});

test("an install that was killed heals, and its lock stops nobody", async () => {
  using folder = project(temporary());
  const killed = bootstrap(folder, [], { NPM_TAKES: "1500" });
  await until("npm is at work", () => npmRuns(folder) === 1, 30_000);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  assert.ok(existsSync(join(folder.path, ".natsby/install.lock")));
  // Its npm lives on; without the folder it would never end.
  process.kill(Number(readFileSync(join(folder.path, "npm-pid"), "utf8")), "SIGKILL");
  assert.equal((await ended(bootstrap(folder, []))).status, 2);
});

test("an install that is asked to stop takes npm along and lets go of the lock", async () => {
  using folder = project(temporary());
  const stopped = bootstrap(folder, [], { NPM_TAKES: "30000" });
  await until("npm is at work", () => npmRuns(folder) === 1, 30_000);
  stopped.kill("SIGTERM");
  const { status, stderr } = await ended(stopped);
  assert.equal(status, 3);
  assert.match(stderr, /npm ci failed \(SIGTERM\)/);
  assert.ok(!existsSync(join(folder.path, ".natsby/install.lock")));
});

test("of two at once one installs and the other waits", async () => {
  using folder = project(temporary());
  const both = await Promise.all([1, 2].map(() => ended(bootstrap(folder, [], { NPM_TAKES: "800" }))));
  assert.deepEqual(
    both.map(({ status }) => status),
    [2, 2],
  );
  assert.match(both.map(({ stderr }) => stderr).join(""), /waiting for process \d+, which installs node_modules/);
  assert.equal(npmRuns(folder), 1);
});

test("an npm that fails is shown with what it said", async () => {
  using folder = project(temporary());
  const { status, stderr } = await ended(bootstrap(folder, [], { NPM_FAILS: "network is closed" }));
  assert.equal(status, 3);
  assert.match(stderr, /natsby: npm ci failed \(exit 1\):\nnpm error network is closed/);
  assert.doesNotMatch(stderr, /at .*bootstrap/, "no stack");
});

test("signals reach the program, and its end by one is passed on", async () => {
  using folder = project(temporary());
  writeFileSync(join(folder.path, "scripts/test.ts"), 'console.log("up");\nsetInterval(() => {}, 1000);\n');
  writeFileSync(
    join(folder.path, "scripts/calm.ts"),
    'process.on("SIGTERM", () => process.exit(5));\nconsole.log("up");\nsetInterval(() => {}, 1000);\n',
  );
  await ended(bootstrap(folder, []));
  for (const [name, status, signal] of [
    ["test", null, "SIGTERM"],
    ["calm", 5, null],
  ] as const) {
    const child = bootstrap(folder, ["--run", name]);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [status, signal]);
  }
});

test("without a Node that is new enough anywhere it says so", {
  skip: !oldNode() && "this machine's Node is new",
}, async () => {
  using folder = project(temporary());
  await ended(bootstrap(folder, []));
  rmSync(join(folder.path, "node_modules/.bin/node"));
  const PATH = join(script(join(folder.path, "old/node"), `exec ${oldNode()} "$@"`), "..");
  const { status, stderr } = await ended(bootstrap(folder, [], { PATH }));
  assert.deepEqual(
    [status, stderr],
    [
      3,
      "natsby: Node 22.18 or later is needed on PATH (npm brings it for Linux on x64 and arm64): https://nodejs.org\n",
    ],
  );
});
