// The set-up in a copy of this project, whose Go modules build in a moment: from nothing, from broken, and twice at once.

import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import {
  cachedNatsServer,
  cachedPulumiBin,
  cachedPulumiHome,
  commandPluginDir,
} from "../../scripts/toolchain/paths.ts";
import { type ProjectCopy, projectCopy, rightNode } from "../support/project-copy.ts";
import { script } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const placesIn = ({ env }: ProjectCopy) => ({
  pulumi: join(cachedPulumiBin(env), "pulumi"),
  languageHost: join(cachedPulumiBin(env), "pulumi-language-nodejs"),
  pluginDir: commandPluginDir(cachedPulumiHome(env)),
  natsServer: cachedNatsServer(env),
});

function start(copy: ProjectCopy, env: Record<string, string> = {}): ChildProcessByStdio<null, Readable, Readable> {
  const args = [join(copy.path, "scripts/natsby.ts"), "env"];
  return spawn(rightNode, args, { cwd: copy.path, env: { ...copy.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

test("from nothing everything is built, every source that was tried is named, and the second time nothing is done", () => {
  using copy = projectCopy();
  const first = copy.natsby(["env"]);
  assert.equal(first.status, 0, first.stderr);
  const places = placesIn(copy);
  for (const path of [places.pulumi, places.languageHost, places.natsServer]) assert.ok(existsSync(path), path);
  assert.ok(existsSync(join(places.pluginDir, "STAND-IN")), "the stand-in is marked");
  for (const line of [
    "pulumi: not from PATH: there is no pulumi on PATH",
    "pulumi: not from the official download: NATSBY_OFFLINE is set",
    "pulumi: building from its Go modules (usually 3 to 6 min, once)",
    "pulumi: 3.274.1 is there, from its Go modules",
    "nats-server: 2.15.2 is there, from its Go modules",
    "pulumi-resource-command: not from pulumi plugin install: NATSBY_OFFLINE is set",
    "pulumi-resource-command: natsby's stand-in for 1.2.1 is there",
  ]) {
    assert.ok(first.stderr.includes(line), `${line}\nin\n${first.stderr}`);
  }
  assert.deepEqual(readdirSync(join(copy.cache, "tmp")), [], "nothing half-made is left");

  const second = copy.natsby(["env"]);
  assert.equal(second.stderr, "");
  assert.equal(second.stdout, first.stdout);
});

test("what is broken in the cache is made anew, and nothing else", () => {
  using copy = projectCopy();
  assert.equal(copy.natsby(["env"]).status, 0);
  const { pulumi, languageHost, pluginDir, natsServer } = placesIn(copy);
  const untouched = statSync(pulumi).mtimeMs;

  truncateSync(natsServer, 20_000);
  const cut = copy.natsby(["env"]);
  assert.match(cut.stderr, /nats-server: not from the cache: .* does not run/);
  assert.match(cut.stderr, /nats-server: 2\.15\.2 is there/);

  rmSync(join(pluginDir, "pulumi-resource-command"));
  writeFileSync(`${pluginDir}.partial`, "");
  rmSync(`${pluginDir}.partial`);
  const halfWritten = copy.natsby(["env"]);
  assert.match(halfWritten.stderr, /is broken or half-written\n/);
  assert.equal(halfWritten.status, 0);

  writeFileSync(languageHost, "#!/bin/sh\nexec /another/natsby\n");
  assert.equal(copy.natsby(["env"]).status, 0);
  assert.match(readFileSync(languageHost, "utf8"), /STAND-IN/);

  rmSync(natsServer);
  mkdirSync(natsServer);
  assert.equal(copy.natsby(["env"]).status, 0);
  assert.equal(copy.natsby(["doctor"]).status, 0);
  assert.equal(statSync(pulumi).mtimeMs, untouched, "a whole one is left alone");
});

test("the plugin docker is brought when a stack runs on Docker, and not for an example of one", () => {
  using copy = projectCopy();
  const write = (lines: string): void =>
    writeFileSync(join(copy.path, "stacks/Pulumi.docker.yaml"), `config:\n  natsby:platform: docker\n${lines}`);
  mkdirSync(join(copy.path, "stacks"));
  write("  # natsby:clusterSecret: written by natsby init\n");
  assert.ok(!copy.natsby(["env"]).stderr.includes("pulumi-resource-docker"));
  assert.ok(!copy.natsby(["doctor"]).stdout.includes("pulumi-resource-docker"));

  write('  natsby:clusterSecret:\n    secure: "…"\n');
  assert.match(copy.natsby(["doctor"]).stdout, /^pulumi-resource-docker {3}MISSING {3}wanted is 5\.2\.0$/m);
  const brought = copy.natsby(["env"]);
  assert.equal(brought.status, 0, brought.stderr);
  assert.match(
    brought.stderr,
    /pulumi-resource-docker: building natsby's stand-in in Go \(usually 3 to 8 min, once\)\n.*stand-in for 5\.2\.0 is there/s,
  );
  assert.match(
    copy.natsby(["doctor"]).stdout,
    /^pulumi-resource-docker {3}5\.2\.0 {5}STAND-IN, built from Go modules$/m,
  );
  assert.equal(copy.natsby(["env"]).stderr, "");
});

test("a stand-in that was built from other sources is built anew", () => {
  using copy = projectCopy();
  assert.equal(copy.natsby(["env"]).status, 0);
  const source = join(copy.path, "scripts/toolchain/go/pulumi/command-plugin/main.go");
  writeFileSync(source, `${readFileSync(source, "utf8")}\n// newer\n`);
  assert.match(copy.natsby(["env"]).stderr, /was built from another natsby's sources/);
  assert.equal(copy.natsby(["env"]).stderr, "");
});

test("of two set-ups at once one waits for the other, and each tool is built once", async () => {
  using copy = projectCopy();
  const both = [start(copy), start(copy)];
  const stories = await Promise.all(both.map(async (child) => [text(child.stderr), once(child, "exit")] as const));
  const [first, second] = await Promise.all(stories.map(([story]) => story));
  for (const [, exit] of stories) assert.equal((await exit)[0], 0);
  const all = `${first}${second}`;
  assert.match(all, /waiting for another set-up, process \d+, to finish with /);
  assert.equal(all.split("pulumi: building from its Go modules").length, 2, all);
});

test("a set-up that was killed leaves nothing that stops the next one", async () => {
  using copy = projectCopy();
  const go = join(copy.path, "slow/go");
  script(go, '[ "$1" = build ] || exec go.real "$@"', "exec sleep 3");
  script(join(copy.path, "slow/go.real"), `PATH='${copy.env.PATH}' exec go "$@"`);
  const killed = start(copy, { PATH: `${join(copy.path, "slow")}:${copy.env.PATH}` });
  await until("it is building", () => readdirSync(join(copy.cache, "tmp")).length > 0, 30_000);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  assert.ok(existsSync(join(copy.cache, "setup.lock")));
  const next = copy.natsby(["env"]);
  assert.equal(next.status, 0, next.stderr);
  assert.deepEqual(readdirSync(join(copy.cache, "tmp")), []);
});

test("a set-up that is asked to stop takes its build along", async () => {
  using copy = projectCopy();
  const pids = join(copy.path, "pids");
  script(join(copy.path, "slow/go"), '[ "$1" = build ] || exec go.real "$@"', `echo $$ >>'${pids}'`, "exec sleep 30");
  script(join(copy.path, "slow/go.real"), `PATH='${copy.env.PATH}' exec go "$@"`);
  const stopped = start(copy, { PATH: `${join(copy.path, "slow")}:${copy.env.PATH}` });
  await until(
    "both builds run",
    () => existsSync(pids) && readFileSync(pids, "utf8").trim().split("\n").length === 2,
    30_000,
  );
  stopped.kill("SIGTERM");
  assert.equal((await once(stopped, "exit"))[1], "SIGTERM");
  for (const pid of readFileSync(pids, "utf8").trim().split("\n")) {
    await until(
      `build ${pid} is gone`,
      () => !existsSync(`/proc/${pid}`) || /State:\tZ/.test(readFileSync(`/proc/${pid}/status`, "utf8")),
      30_000,
    );
  }
});

test("where no source works the error names each with its reason, and what to do", () => {
  using copy = projectCopy();
  script(
    join(copy.path, "old/go"),
    'case "$1" in version) echo go version go1.17.1 linux/amd64 ;; *) echo "{}" ;; esac',
  );
  const { status, stdout, stderr } = copy.natsby(["env"], { PATH: `${join(copy.path, "old")}:${copy.env.PATH}` });
  assert.equal(status, 3);
  assert.equal(stdout, "(exit 3)\n", "`eval` ends with it");
  const error = stderr.slice(stderr.indexOf("natsby: "));
  for (const [tool, last] of [
    ["pulumi 3.274.1", 4],
    ["nats-server 2.15.2", 4],
  ] as const) {
    const lines = error.slice(error.indexOf(`${tool} could not be had from any source:`)).split("\n");
    assert.equal(lines.slice(1, last + 1).filter((line) => line.startsWith("  ")).length, last, error);
  }
  assert.match(error, /its Go modules: Go 1\.17\.1 \(.*old\/go\) is too old: 1\.21 or later/);
  assert.match(error, /install Go .* npm start/);
});

test("a folder that Pulumi cannot open is refused before anything is done", () => {
  for (const name of ["a#b", "100%", "what?", "a:b", "a\tb"]) {
    using copy = projectCopy(name);
    const { status, stderr } = copy.natsby(["env"]);
    assert.equal(status, 3);
    assert.match(stderr, /natsby cannot run in the folder ".*": .*\n {2}Move or rename the folder/, name);
    assert.ok(!existsSync(copy.cache) && !existsSync(join(copy.path, ".natsby")));
  }
});

test("nothing is written outside of the project, natsby's cache and Go's caches", () => {
  using copy = projectCopy();
  const home = join(copy.path, "home");
  mkdirSync(home);
  const goCaches = {
    GOCACHE: goFolder("GOCACHE", ".cache/go-build"),
    GOMODCACHE: goFolder("GOMODCACHE", "go/pkg/mod"),
  };
  const done = copy.natsby(["env"], { HOME: home, XDG_CONFIG_HOME: join(home, "of-go"), ...goCaches });
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(
    readdirSync(home).filter((name) => name !== "of-go"),
    [],
  );
});

const goFolder = (name: string, usual: string): string => process.env[name] ?? join(process.env.HOME ?? "/", usual);
