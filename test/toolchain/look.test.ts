// Which tools are taken for the user's own, and which of natsby's stand in.

import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { languageHostWrapper } from "../../scripts/toolchain/language-host/wrapper.ts";
import { complete, type Look, look } from "../../scripts/toolchain/look.ts";
import { noteOrigin } from "../../scripts/toolchain/origin.ts";
import {
  cachedNatsServer,
  cachedPulumiBin,
  cachedPulumiHome,
  commandPluginDir,
  natsServerPath,
  pulumiVersion,
} from "../../scripts/toolchain/paths.ts";
import { isTool } from "../../scripts/toolchain/tool.ts";
import { rightNode } from "../support/project-copy.ts";
import { script, type Temporary, temporary } from "../support/temporary.ts";

const plugin = "pulumi-resource-command";
const host = "pulumi-language-nodejs";

/** A machine with a Node and an empty cache, and a PULUMI_HOME of the user's. */
function machine(folder: Temporary): Record<string, string> {
  script(join(folder.path, "node/node"), `exec '${rightNode}' "$@"`);
  return {
    PATH: `${join(folder.path, "own")}:${join(folder.path, "node")}:/usr/bin:/bin`,
    NATSBY_CACHE: join(folder.path, "cache"),
    PULUMI_HOME: join(folder.path, "home"),
  };
}

/** A whole binary that is no script: what it does when it runs matters to nobody. */
function binary(path: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  copyFileSync(natsServerPath(), path);
  chmodSync(path, 0o755);
}

function ownPulumi(folder: Temporary, version = "v3.300.0"): void {
  script(join(folder.path, "own/pulumi"), `echo ${version}`);
  binary(join(folder.path, "own", host));
}

function fillCache(env: Record<string, string>): void {
  script(join(cachedPulumiBin(env), "pulumi"), `echo v${pulumiVersion}`);
  writeFileSync(join(cachedPulumiBin(env), host), languageHostWrapper(), { mode: 0o755 });
  script(cachedNatsServer(env), "echo nats-server: v2.15.2");
  binary(join(commandPluginDir(cachedPulumiHome(env)), plugin));
}

const reasonsIn = (found: Look["pulumi"]): string =>
  isTool(found) ? "there" : found.passed.map(({ source, reason }) => `${source}: ${reason}`).join("\n");

test("on an empty machine every place that was looked at is named", () => {
  using folder = temporary();
  const found = look(machine(folder));
  assert.match(reasonsIn(found.pulumi), /^PATH: there is no pulumi on PATH\nthe cache: there is no /);
  assert.match(reasonsIn(found.natsServer), /^the cache: there is no .*\nPATH: there is no nats-server there$/);
  assert.match(reasonsIn(found.commandPlugin), /^the cache: there is no /);
  assert.ok(isTool(found.node));
});

test("a Pulumi of the user's keeps his PULUMI_HOME, his language host and his plugins", () => {
  using folder = temporary();
  const env = machine(folder);
  ownPulumi(folder);
  fillCache(env);
  binary(join(commandPluginDir(join(folder.path, "home")), plugin));
  const found = look(env);
  const { pulumi, languageHost, commandPlugin } = found;
  assert.ok(isTool(pulumi) && isTool(languageHost) && isTool(commandPlugin));
  assert.deepEqual([pulumi.source, pulumi.version, languageHost.standIn], ["PATH", "3.300.0", false]);
  assert.equal(found.pulumiHome, join(folder.path, "home"));
  assert.deepEqual([commandPlugin.source, commandPlugin.standIn], ["pulumi-home", false]);
  assert.ok(complete(found));
});

test("without PULUMI_HOME it is the one that Pulumi itself would use", () => {
  using folder = temporary();
  const { PULUMI_HOME: _, ...env } = machine(folder);
  ownPulumi(folder);
  assert.equal(look(env).pulumiHome, join(userInfo().homedir, ".pulumi"));
  // Left in the shell by an earlier `natsby env`, before the user had a Pulumi of his own.
  assert.equal(look({ ...env, PULUMI_HOME: cachedPulumiHome(env) }).pulumiHome, join(userInfo().homedir, ".pulumi"));
});

test("a plugin that the user's Pulumi lacks is left to Pulumi, unless it may not fetch or natsby has one", () => {
  using folder = temporary();
  const env = machine(folder);
  ownPulumi(folder);
  const sourceIn = (found: Look): string => (isTool(found.commandPlugin) ? found.commandPlugin.source : "missing");
  assert.equal(sourceIn(look(env)), "pulumi");
  assert.equal(sourceIn(look({ ...env, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" })), "missing");
  fillCache(env);
  assert.equal(sourceIn(look(env)), "download");
});

test("a Pulumi that is too old or has no language host is passed over, with the reason", () => {
  using folder = temporary();
  const env = machine(folder);
  script(join(folder.path, "own/pulumi"), "echo v3.300.0");
  assert.match(reasonsIn(look(env).pulumi), /own\/pulumi has no pulumi-language-nodejs beside it/);
  ownPulumi(folder, "v3.200.0");
  assert.match(reasonsIn(look(env).pulumi), /own\/pulumi is 3\.200\.0, wanted is 3\.274\.1 or later/);
  ownPulumi(folder, "''");
  assert.match(reasonsIn(look(env).pulumi), /own\/pulumi does not say its version/);
  fillCache(env);
  const found = look({ ...env, PULUMI_HOME: "" });
  assert.ok(isTool(found.pulumi) && found.pulumi.path === join(cachedPulumiBin(env), "pulumi"));
  assert.equal(found.pulumiHome, cachedPulumiHome(env));
});

test("what a natsby put on PATH is not taken for the user's", () => {
  using folder = temporary();
  const env = machine(folder);
  const other = { NATSBY_CACHE: join(folder.path, "other") };
  fillCache(other);
  noteOrigin(cachedPulumiHome(other), "natsby");
  script(join(folder.path, "clone/.natsby/bin/pulumi"), "echo v3.300.0");
  const PATH = `${join(folder.path, "clone/.natsby/bin")}:${cachedPulumiBin(other)}:${env.PATH}`;
  const found = look({ ...env, PATH, PULUMI_HOME: cachedPulumiHome(other) });
  assert.match(reasonsIn(found.pulumi), /^PATH: there is no pulumi on PATH\n/);
  assert.equal(found.pulumiHome, cachedPulumiHome(env));
});

test("node_modules/.bin counts as PATH only where the user put it there", () => {
  using folder = temporary();
  const env = machine(folder);
  const bin = join(folder.path, "project/node_modules/.bin");
  script(join(bin, "node"), "echo v99.0.0");
  const nodeIn = (found: Look): string => (isTool(found.node) ? found.node.version : "missing");
  const PATH = `${bin}:${env.PATH}`;
  assert.equal(nodeIn(look({ ...env, PATH })), "99.0.0");
  assert.notEqual(nodeIn(look({ ...env, PATH, npm_command: "exec" })), "99.0.0");
});

test("nats-server may be a later repair of the pinned version, not another series", () => {
  using folder = temporary();
  const env = machine(folder);
  const own = join(folder.path, "own/nats-server");
  for (const [version, expected] of [
    ["v2.15.3", "there"],
    ["v2.15.1", `is 2.15.1, wanted is 2.15.2`],
    ["v2.16.0", `is 2.16.0, wanted is 2.15.2`],
  ] as const) {
    script(own, `echo nats-server: ${version}`);
    assert.ok(reasonsIn(look(env).natsServer).includes(expected), version);
  }
  script(own, "echo nats-server: v2.14.0");
  const named = look({ ...env, NATSBY_NATS_SERVER: own }).natsServer;
  assert.ok(isTool(named) && named.source === "environment");
});
