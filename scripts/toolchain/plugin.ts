// Finds a plugin of Pulumi's, or brings it: Pulumi's own download, else natsby's stand-in, built in Go and marked.
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
  commandPluginVersion,
  dockerPluginVersion,
  isExecutable,
  pluginDir,
  projectRoot,
  type Variables,
} from "./paths.ts";
import { inWorkFolder, placeFolder } from "./place.ts";
import type { OnProgress } from "./progress.ts";
import { runTool } from "./run-tool.ts";
import type { Found, Tool, Way } from "./tool.ts";

const marker = "STAND-IN";

/** A plugin of Pulumi's, and what natsby builds in its place. */
export interface Plugin {
  /** As Pulumi calls it. */
  readonly kind: "command" | "docker";
  readonly version: string;
  /** Folder of the Go module of the stand-in. */
  readonly module: string;
  /** Its main package, and the folders with its sources, from the module's. */
  readonly package: string;
  readonly sources: readonly string[];
  readonly tags: readonly string[];
  /** How long its build usually takes, and the free disk that it needs. */
  readonly usually: string;
  readonly gigabytes: number;
}

const goFolder = join(projectRoot, "scripts/toolchain/go");

/** What every stack needs. */
export const commandPlugin: Plugin = {
  kind: "command",
  version: commandPluginVersion,
  module: join(goFolder, "pulumi"),
  package: "./command-plugin",
  sources: ["command-plugin"],
  tags: [],
  usually: "10 s to 2 min",
  gigabytes: 1,
};

/** What a stack with `platform: docker` needs as well. The tag leaves out what @pulumi/docker has not. */
export const dockerPlugin: Plugin = {
  kind: "docker",
  version: dockerPluginVersion,
  module: join(goFolder, "docker-plugin"),
  package: ".",
  sources: [".", "shim"],
  tags: ["no_compose"],
  usually: "3 to 8 min, once",
  gigabytes: 3,
};

const nameOf = ({ kind }: Plugin): string => `pulumi-resource-${kind}`;

/** Where a PULUMI_HOME keeps a plugin. */
const dirOf = ({ kind, version }: Plugin, home: string): string => pluginDir(home, kind, version);

/** What Pulumi itself would download. */
function officialUrl(plugin: Plugin): string {
  const { kind, version } = plugin;
  const archive = `${nameOf(plugin)}-v${version}-linux-${arch() === "x64" ? "amd64" : arch()}.tar.gz`;
  return `https://github.com/pulumi/pulumi-${kind}/releases/download/v${version}/${archive}`;
}

/** Looks in the PULUMI_HOME that is used, then in natsby's; the user's own Pulumi may fetch what is missing itself. */
export function findPlugin(plugin: Plugin, pulumi: Found, home: string, env: Variables): Found {
  const cached = dirOf(plugin, cachedPulumiHome(env));
  const own = dirOf(plugin, home);
  const name = nameOf(plugin);
  const tool = { name, version: plugin.version };
  if (own !== cached && isInstalled(own, name))
    return { ...tool, path: join(own, name), source: "pulumi-home", standIn: false };
  const reason = reasonAgainst(plugin, cached);
  if (!reason) return inCache(plugin, cached);
  const fetches =
    "source" in pulumi && pulumi.source === "PATH" && !isOn(env.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION);
  if (fetches) return { ...tool, path: join(own, name), source: "pulumi", standIn: false };
  return { ...tool, passed: [{ source: "the cache", reason }] };
}

function inCache(plugin: Plugin, folder: string): Tool {
  const standIn = existsSync(join(folder, marker));
  const source = standIn ? "build" : "download";
  const name = nameOf(plugin);
  return { name, version: plugin.version, path: join(folder, name), source, standIn };
}

function reasonAgainst(plugin: Plugin, folder: string): string | undefined {
  if (!existsSync(folder)) return `there is no ${folder}`;
  if (!isInstalled(folder, nameOf(plugin))) return `${folder} is broken or half-written`;
  const mark = join(folder, marker);
  if (!existsSync(mark) || readFileSync(mark, "utf8") === markText(plugin)) return undefined;
  return `the stand-in in ${folder} was built from another natsby's sources`;
}

/** Pulumi leaves a `.partial` file beside the folder of a plugin that it did not finish to install. */
const isInstalled = (folder: string, name: string): boolean =>
  !existsSync(`${folder}.partial`) && isExecutable(join(folder, name)) && isWholeBinary(join(folder, name));

const isOn = (flag: string | undefined): boolean => flag === "true" || flag === "1";

/** Why Pulumi cannot fetch the plugin, or undefined where it can. */
export const pluginUnreachable = (plugin: Plugin, env: Variables): Promise<string | undefined> =>
  unreachable(officialUrl(plugin), env);

/** The ways to bring a plugin into natsby's PULUMI_HOME. */
export function waysToPlugin(
  plugin: Plugin,
  pulumi: Tool,
  home: string,
  env: Variables,
  onProgress: OnProgress,
): readonly Way[] {
  const done = (text: string): void => onProgress({ kind: "done", tool: nameOf(plugin), text });
  const download: Way = {
    source: "pulumi plugin install",
    bring: async () => {
      await install(plugin, pulumi, env, onProgress);
      done(`${plugin.version} is there, from the official download`);
    },
  };
  const standIn: Way = {
    source: "natsby's stand-in in Go",
    bring: async () => {
      await inWorkFolder(env, (folder) => build(plugin, folder, env, onProgress));
      done(`natsby's stand-in for ${plugin.version} is there`);
    },
  };
  return home === cachedPulumiHome(env) ? [download, standIn] : [standIn];
}

async function install(plugin: Plugin, pulumi: Tool, env: Variables, onProgress: OnProgress): Promise<void> {
  const reason = await pluginUnreachable(plugin, env);
  if (reason) throw new Error(reason);
  onProgress({ kind: "doing", tool: nameOf(plugin), what: "pulumi plugin install", usually: "5 to 30 s" });
  await runTool([pulumi.path, "plugin", "install", "resource", plugin.kind, plugin.version, "--reinstall"], {
    env: { ...env, PULUMI_HOME: cachedPulumiHome(env), PULUMI_SKIP_UPDATE_CHECK: "true" },
    withinMs: 60_000,
  });
  const broken = reasonAgainst(plugin, dirOf(plugin, cachedPulumiHome(env)));
  if (broken) throw new Error(broken);
}

async function build(plugin: Plugin, folder: string, env: Variables, onProgress: OnProgress): Promise<void> {
  const { module, tags, gigabytes, usually } = plugin;
  const tool = nameOf(plugin);
  onProgress({ kind: "doing", tool, what: "building natsby's stand-in in Go", usually });
  const made = join(folder, "plugin");
  mkdirSync(made);
  await goBuild({
    ...{ module, tags, gigabytes, env },
    package: plugin.package,
    to: join(made, tool),
    withinMs: 30 * 60_000,
    onDetail: (detail) => onProgress({ kind: "detail", tool, detail }),
  });
  writeFileSync(join(made, marker), markText(plugin));
  placeFolder(made, dirOf(plugin, cachedPulumiHome(env)), env);
}

/** Says what this is, and of which sources, so that a newer natsby builds it anew. */
function markText({ kind, version, module, sources }: Plugin): string {
  const hash = createHash("sha256");
  for (const file of [...sources.flatMap((folder) => goFiles(join(module, folder))), join(module, "go.sum")])
    hash.update(readFileSync(file));
  return `natsby's stand-in for Pulumi's plugin ${kind} ${version}, built where the real one cannot be had.\nsources: ${hash.digest("hex")}\n`;
}

const goFiles = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"))
    .sort()
    .map((file) => join(folder, file));
