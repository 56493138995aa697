// Where things lie, and that the pins agree with what is committed elsewhere.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  cacheDir,
  cachedNatsServer,
  commandPluginVersion,
  dockerPluginVersion,
  natsServerPath,
  natsServerVersion,
  projectRoot,
  pulumiVersion,
} from "../../scripts/toolchain/paths.ts";
import { script, temporary } from "../support/temporary.ts";

const inProject = join(projectRoot, ".natsby/cache");

test("the cache is where the user says, else where caches go, else in the project", () => {
  using home = temporary();
  assert.equal(cacheDir({ NATSBY_CACHE: "/some/where", HOME: home.path }), "/some/where");
  assert.equal(cacheDir({ XDG_CACHE_HOME: home.path, HOME: "/home/u" }), join(home.path, "natsby"));
  assert.equal(cacheDir({ XDG_CACHE_HOME: "relative", HOME: home.path }), join(home.path, ".cache/natsby"));
  assert.equal(cacheDir({}), inProject);
});

test("a home that cannot be written is no place for the cache", {
  skip: process.getuid?.() === 0 && "root writes everywhere",
}, () => {
  using home = temporary();
  chmodSync(home.path, 0o555);
  assert.equal(cacheDir({ HOME: home.path }), inProject);
});

test("a home that is a file is no place for the cache", () => {
  using home = temporary();
  assert.equal(cacheDir({ HOME: script(join(home.path, "file")) }), inProject);
});

test("nats-server is the one that is named, else natsby's own, else PATH's", () => {
  using folder = temporary();
  const env = { NATSBY_CACHE: join(folder.path, "cache"), PATH: join(folder.path, "bin") };
  assert.throws(() => natsServerPath(env), /There is no nats-server/);
  const onPath = script(join(folder.path, "bin/nats-server"));
  assert.equal(natsServerPath(env), onPath);
  mkdirSync(join(folder.path, "cache"));
  const cached = script(cachedNatsServer(env));
  assert.equal(natsServerPath(env), cached);
  assert.equal(natsServerPath({ ...env, NATSBY_NATS_SERVER: "/opt/nats-server" }), "/opt/nats-server");
});

test("the pins are the versions that package.json and the Go modules pin", () => {
  const read = (path: string): string => readFileSync(join(projectRoot, path), "utf8");
  assert.equal(JSON.parse(read("package.json")).dependencies["@pulumi/command"], commandPluginVersion);
  assert.equal(JSON.parse(read("package.json")).dependencies["@pulumi/docker"], dockerPluginVersion);
  const module = (path: string, version: string): RegExp => new RegExp(`${path} v${version.replaceAll(".", "\\.")}\\b`);
  assert.match(read("scripts/toolchain/go/pulumi/go.mod"), module("github.com/pulumi/pulumi/pkg/v3", pulumiVersion));
  assert.match(
    read("scripts/toolchain/go/nats-server/go.mod"),
    module("github.com/nats-io/nats-server/v2", natsServerVersion),
  );
});
