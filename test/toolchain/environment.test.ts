// What a shell lacks: a table of shells, each with what it has set and what natsby adds.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fullEnvironment, toolEnvironment } from "../../scripts/toolchain/environment.ts";
import { launchersFor } from "../../scripts/toolchain/launchers.ts";
import type { Toolchain } from "../../scripts/toolchain/look.ts";
import { launcherDir, passphraseFile, stateDir, type Variables } from "../../scripts/toolchain/paths.ts";
import type { Tool } from "../../scripts/toolchain/tool.ts";
import { temporary } from "../support/temporary.ts";

const tool = (name: string, over: Partial<Tool> = {}): Tool => ({
  name,
  version: "1.0.0",
  path: `/cache/${name}`,
  source: "cache",
  standIn: false,
  ...over,
});

/** A machine that had nothing: all is natsby's. */
const brought: Toolchain = {
  node: tool("node", { source: "npm", path: "/project/node_modules/.bin/node" }),
  pulumi: tool("pulumi", { source: "build" }),
  languageHost: tool("pulumi-language-nodejs", { source: "natsby", standIn: true }),
  commandPlugin: tool("pulumi-resource-command", {
    source: "build",
    standIn: true,
    path: "/cache/home/plugins/p/pulumi-resource-command",
  }),
  natsServer: tool("nats-server", { source: "build" }),
  pulumiHome: "/cache/home",
};

/** A machine with Pulumi and Node of the user's own. */
const own: Toolchain = {
  ...brought,
  node: tool("node", { source: "PATH" }),
  pulumi: tool("pulumi", { source: "PATH" }),
  languageHost: tool("pulumi-language-nodejs", { source: "PATH" }),
  commandPlugin: tool("pulumi-resource-command", {
    source: "pulumi-home",
    path: "/home/u/.pulumi/plugins/p/pulumi-resource-command",
  }),
  pulumiHome: "/home/u/.pulumi",
};

const local = { PULUMI_BACKEND_URL: `file://${stateDir}?metadata=skip`, PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile };
const closed = { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" };
const path = { PATH: `${launcherDir}:/bin` };

const rows: readonly (readonly [string, Toolchain, Variables, Record<string, string>])[] = [
  [
    "a bare shell gets all of it",
    brought,
    { PATH: "/bin" },
    { ...path, PULUMI_HOME: "/cache/home", ...local, ...closed },
  ],
  ["a Pulumi of the user's keeps its home", own, { PATH: "/bin" }, { ...path, ...local }],
  ["a backend of the user's stays, and gets no passphrase", own, { PATH: "/bin", PULUMI_BACKEND_URL: "s3://b" }, path],
  ["an access token means Pulumi's own service", own, { PATH: "/bin", PULUMI_ACCESS_TOKEN: "pul-1" }, path],
  [
    "a passphrase of the user's stays",
    own,
    { PATH: "/bin", PULUMI_CONFIG_PASSPHRASE: "" },
    { ...path, PULUMI_BACKEND_URL: local.PULUMI_BACKEND_URL },
  ],
  [
    "a passphrase file of the user's stays",
    own,
    { PATH: "/bin", PULUMI_CONFIG_PASSPHRASE_FILE: "/etc/pass" },
    { ...path, PULUMI_BACKEND_URL: local.PULUMI_BACKEND_URL },
  ],
  [
    "what another clone's `natsby env` left is replaced",
    own,
    {
      PATH: "/other/.natsby/bin:/bin",
      PULUMI_BACKEND_URL: "file:///other/.natsby/state?metadata=skip",
      PULUMI_CONFIG_PASSPHRASE_FILE: "/other/.natsby/passphrase",
    },
    { ...path, ...local },
  ],
  [
    "an update check that the user wants stays",
    brought,
    { PATH: "/bin", PULUMI_SKIP_UPDATE_CHECK: "false", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "false" },
    { ...path, PULUMI_HOME: "/cache/home", ...local },
  ],
  [
    "what npm put on PATH is not passed on",
    own,
    { PATH: "/p/node_modules/.bin:/bin", npm_command: "exec" },
    { ...path, ...local },
  ],
];

for (const [what, toolchain, env, expected] of rows) {
  test(what, () => assert.deepEqual(toolEnvironment(toolchain, env), expected));
}

test("a login of the user's stays, the local try's own is none", () => {
  using home = temporary();
  const login = (current: string): Record<string, string> => {
    writeFileSync(join(home.path, "credentials.json"), JSON.stringify({ current }));
    return toolEnvironment({ ...own, pulumiHome: home.path }, { PATH: "/bin" });
  };
  assert.deepEqual(login("https://api.pulumi.com"), path);
  assert.deepEqual(login("file:///other/.natsby/state"), { ...path, ...local });
  assert.deepEqual(login(""), { ...path, ...local });
});

test("a child of an environment that has it all gets nothing, and programs are still told all of it", () => {
  const full = fullEnvironment(brought, { PATH: "/bin" });
  const { PATH: _, ...missing } = toolEnvironment(brought, full);
  assert.deepEqual(missing, {});
  assert.deepEqual(fullEnvironment(brought, full), full);
});

test("natsby launches what it brought and nothing that is the user's", () => {
  assert.deepEqual([...launchersFor(brought).keys()], ["node", "pulumi"]);
  assert.deepEqual([...launchersFor(own).keys()], []);
});

test("a stand-in plugin beside a PULUMI_HOME of the user's is found through PATH", () => {
  const launchers = launchersFor({ ...own, commandPlugin: brought.commandPlugin });
  assert.deepEqual([...launchers], [["pulumi-resource-command", brought.commandPlugin.path]]);
  const docker = tool("pulumi-resource-docker", { source: "build", standIn: true });
  assert.deepEqual([...launchersFor({ ...own, dockerPlugin: docker }).keys()], ["pulumi-resource-docker"]);
});

test("a stand-in for the plugin docker alone keeps Pulumi from fetching too", () => {
  const docker = tool("pulumi-resource-docker", { source: "build", standIn: true, path: "/cache/home/plugins/d/d" });
  const env = toolEnvironment({ ...own, dockerPlugin: docker }, { PATH: "/bin" });
  assert.equal(env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION, "true");
});
