// Builds with Go: what Go is given, and what is said where Go cannot do it. Go itself is played by a script.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../../infra/core/errors.ts";
import { goBuild } from "../../scripts/toolchain/go.ts";
import { script, type Temporary, temporary } from "../support/temporary.ts";

interface FakeGo {
  readonly withinMs?: number;
  readonly version?: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly build?: readonly string[];
}

/** Puts a `go` on PATH that answers as given, and builds a module that needs Go 1.26.6 with it. */
function buildWith(
  folder: Temporary,
  { version = "1.26.8", settings = {}, build = [], withinMs = 30_000 }: FakeGo,
  more = {},
) {
  const usual = { GOCACHE: join(folder.path, "go-build"), GOMODCACHE: join(folder.path, "mod"), GOTOOLCHAIN: "local" };
  script(
    join(folder.path, "bin/go"),
    'case "$1" in',
    `  version) echo "go version go${version} linux/amd64" ;;`,
    `  env) echo '${JSON.stringify({ ...usual, ...settings })}' ;;`,
    `  build) for last; do :; done; env >"${folder.path}/env"; echo "$@" >"${folder.path}/args"; ${build.join("; ") || ":"} ;;`,
    "esac",
  );
  mkdirSync(join(folder.path, "module"), { recursive: true });
  writeFileSync(join(folder.path, "module/go.mod"), "module m\n\ngo 1.26.6\n");
  const details: string[] = [];
  const env = {
    PATH: `${join(folder.path, "bin")}:${process.env.PATH}`,
    NATSBY_CACHE: join(folder.path, "cache"),
    ...more,
  };
  const building = goBuild({
    module: join(folder.path, "module"),
    package: "./tool",
    set: { "m/version.Version": "v1.0.0" },
    to: join(folder.path, "tool"),
    withinMs,
    gigabytes: 0,
    env,
    onDetail: (detail) => details.push(detail),
  });
  const given = (): Record<string, string> =>
    Object.fromEntries(
      readFileSync(join(folder.path, "env"), "utf8")
        .split("\n")
        .map((line) => line.split(/=(.*)/s).slice(0, 2)),
    );
  return { building, details, given };
}

test("a build is pinned, and is not bent by the shell it starts in", async () => {
  using folder = temporary();
  const { building, given } = buildWith(
    folder,
    {},
    { GOOS: "plan9", GOWORK: "/some/go.work", GOPROXY: "https://mirror.test" },
  );
  await building;
  const env = given();
  assert.deepEqual([env.GOOS, env.GOWORK, env.CGO_ENABLED, env.GOPROXY], ["linux", "off", "0", "https://mirror.test"]);
  assert.equal(env.GOCACHE, join(folder.path, "go-build"));
  const args = readFileSync(join(folder.path, "args"), "utf8");
  assert.match(args, /-trimpath .*-ldflags=-s -w -X m\/version\.Version=v1\.0\.0 -mod=readonly -o \S+ \.\/tool/);
});

test("where Go's caches cannot be written, natsby's cache holds them", async () => {
  using folder = temporary();
  const { building, given } = buildWith(folder, { settings: { GOCACHE: "off", GOMODCACHE: "" } });
  await building;
  const env = given();
  assert.equal(env.GOCACHE, join(folder.path, "cache/go/build"));
  assert.equal(env.GOMODCACHE, join(folder.path, "cache/go/pkg/mod"));
  assert.match(env.GOFLAGS ?? "", /-modcacherw/);
});

test("offline Go is told to ask nobody", async () => {
  using folder = temporary();
  const { building, given } = buildWith(folder, {}, { NATSBY_OFFLINE: "1" });
  await building;
  assert.equal(given().GOPROXY, "off");
});

test("what Go fetches and compiles is counted", async () => {
  using folder = temporary();
  const lines = ["go: downloading a.test/x v1.0.0", "go: downloading a.test/y v1.0.0", "internal/abi", "a.test/x/sub"];
  const { building, details } = buildWith(folder, { build: lines.map((line) => `echo "${line}" >&2`) });
  await building;
  assert.equal(details.at(-1), "2 modules fetched, 2 packages compiled");
});

test("a Go that is too old is refused by its version, unless it may fetch a newer one", async () => {
  using folder = temporary();
  await assert.rejects(
    buildWith(folder, { version: "1.26.5" }).building,
    /Go 1\.26\.5 \(.*\) is too old: 1\.26\.6 or later/,
  );
  await assert.rejects(buildWith(folder, { version: "1.19", settings: { GOTOOLCHAIN: "" } }).building, /too old/);
  await buildWith(folder, { version: "1.24.0", settings: { GOTOOLCHAIN: "auto" } }).building;
});

test("a build that fails shows the end of what Go said", async () => {
  using folder = temporary();
  const build = ["echo 'dial tcp: lookup mirror.test: no such host' >&2", "exit 1"];
  await assert.rejects(buildWith(folder, { build }).building, /exit 1\n.*no such host/s);
});

test("a build that never ends is given up", async () => {
  using folder = temporary();
  const { building } = buildWith(folder, { build: ["sleep 60"], withinMs: 400 });
  await assert.rejects(building, /gave up after 0\.4 s/);
});

test("a disk with too little room is refused before the build", async () => {
  using folder = temporary();
  writeFileSync(join(folder.path, "go.mod"), "module m\n\ngo 1.21\n");
  const build = { module: folder.path, package: ".", to: join(folder.path, "m"), withinMs: 1, env: process.env };
  await assert.rejects(goBuild({ ...build, gigabytes: 1e9, onDetail: () => {} }), (error: UserError) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /needs 1000000000 GB of free disk; .* has [\d.]+ GB/);
    return /NATSBY_CACHE/.test(error.hint ?? "");
  });
});
