// Finds Pulumi's plugin `command`, or brings it: Pulumi's own download, else natsby's stand-in, built in Go and marked.
// Never writes to a PULUMI_HOME of the user's: there Pulumi fetches its plugins itself.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { isWholeBinary } from "./binary.ts";
import { goBuild } from "./go.ts";
import { unreachable } from "./network.ts";
import {
  cachedPulumiHome,
  commandPluginDir,
  commandPluginVersion,
  isExecutable,
  projectRoot,
  type Variables,
} from "./paths.ts";
import { inWorkFolder, placeFolder } from "./place.ts";
import type { OnProgress } from "./progress.ts";
import { runTool } from "./run-tool.ts";
import type { Found, Tool, Way } from "./tool.ts";

const name = "pulumi-resource-command";
const marker = "STAND-IN";
const module = join(projectRoot, "scripts/toolchain/go/pulumi");

/** What Pulumi itself would download. */
const officialUrl = `https://github.com/pulumi/pulumi-command/releases/download/v${commandPluginVersion}/${name}-v${commandPluginVersion}-linux-${arch() === "x64" ? "amd64" : arch()}.tar.gz`;

/** Looks in the PULUMI_HOME that is used, then in natsby's; the user's own Pulumi may fetch what is missing itself. */
export function findCommandPlugin(pulumi: Found, home: string, env: Variables): Found {
  const cached = commandPluginDir(cachedPulumiHome(env));
  const own = commandPluginDir(home);
  const tool = { name, version: commandPluginVersion };
  if (own !== cached && isInstalled(own))
    return { ...tool, path: join(own, name), source: "pulumi-home", standIn: false };
  const reason = reasonAgainst(cached);
  if (!reason) return inCache(cached);
  const fetches =
    "source" in pulumi && pulumi.source === "PATH" && !isOn(env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION);
  if (fetches) return { ...tool, path: join(own, name), source: "pulumi", standIn: false };
  return { ...tool, passed: [{ source: "the cache", reason }] };
}

function inCache(folder: string): Tool {
  const standIn = existsSync(join(folder, marker));
  const source = standIn ? "build" : "download";
  return { name, version: commandPluginVersion, path: join(folder, name), source, standIn };
}

function reasonAgainst(folder: string): string | undefined {
  if (!existsSync(folder)) return `there is no ${folder}`;
  if (!isInstalled(folder)) return `${folder} is broken or half-written`;
  const mark = join(folder, marker);
  if (!existsSync(mark) || readFileSync(mark, "utf8") === markText()) return undefined;
  return `the stand-in in ${folder} was built from another natsby's sources`;
}

/** Pulumi leaves a `.partial` file beside the folder of a plugin that it did not finish to install. */
const isInstalled = (folder: string): boolean =>
  !existsSync(`${folder}.partial`) && isExecutable(join(folder, name)) && isWholeBinary(join(folder, name));

const isOn = (flag: string | undefined): boolean => flag === "true" || flag === "1";

/** Why Pulumi cannot fetch the plugin, or undefined where it can. */
export const pluginUnreachable = (env: Variables): Promise<string | undefined> => unreachable(officialUrl, env);

/** The ways to bring the plugin into natsby's PULUMI_HOME. */
export function waysToCommandPlugin(
  pulumi: Tool,
  home: string,
  env: Variables,
  onProgress: OnProgress,
): readonly Way[] {
  const done = (text: string): void => onProgress({ kind: "done", tool: name, text });
  const download: Way = {
    source: "pulumi plugin install",
    bring: async () => {
      await install(pulumi, env, onProgress);
      done(`${commandPluginVersion} is there, from the official download`);
    },
  };
  const standIn: Way = {
    source: "natsby's stand-in in Go",
    bring: async () => {
      await inWorkFolder(env, (folder) => build(folder, env, onProgress));
      done(`natsby's stand-in for ${commandPluginVersion} is there`);
    },
  };
  return home === cachedPulumiHome(env) ? [download, standIn] : [standIn];
}

async function install(pulumi: Tool, env: Variables, onProgress: OnProgress): Promise<void> {
  const reason = await pluginUnreachable(env);
  if (reason) throw new Error(reason);
  onProgress({ kind: "doing", tool: name, what: "pulumi plugin install", usually: "5 to 30 s" });
  await runTool([pulumi.path, "plugin", "install", "resource", "command", commandPluginVersion, "--reinstall"], {
    env: { ...env, PULUMI_HOME: cachedPulumiHome(env), PULUMI_SKIP_UPDATE_CHECK: "true" },
    withinMs: 60_000,
  });
  const broken = reasonAgainst(commandPluginDir(cachedPulumiHome(env)));
  if (broken) throw new Error(broken);
}

async function build(folder: string, env: Variables, onProgress: OnProgress): Promise<void> {
  onProgress({ kind: "doing", tool: name, what: "building natsby's stand-in in Go", usually: "10 s to 2 min" });
  const made = join(folder, "plugin");
  mkdirSync(made);
  await goBuild({
    module,
    package: "./command-plugin",
    to: join(made, name),
    withinMs: 15 * 60_000,
    gigabytes: 1,
    env,
    onDetail: (detail) => onProgress({ kind: "detail", tool: name, detail }),
  });
  writeFileSync(join(made, marker), markText());
  placeFolder(made, commandPluginDir(cachedPulumiHome(env)), env);
}

/** Says what this is, and of which sources, so that a newer natsby builds it anew. */
function markText(): string {
  const sources = join(module, "command-plugin");
  const files = readdirSync(sources).filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"));
  const hash = createHash("sha256");
  for (const file of [...files.sort().map((file) => join(sources, file)), join(module, "go.sum")])
    hash.update(readFileSync(file));
  return `natsby's stand-in for Pulumi's plugin command ${commandPluginVersion}, built where the real one cannot be had.\nsources: ${hash.digest("hex")}\n`;
}
