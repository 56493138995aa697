// Keeps the project's own bin folder: what `natsby env` puts on PATH. Writes there only.

import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Toolchain } from "./look.ts";
import { launcherDir, projectRoot } from "./paths.ts";
import { quote } from "./shell.ts";
import type { Tool } from "./tool.ts";

/** Commands that this project's bin folder must answer to, each with the file it leads to; the rest is the user's own. */
export function launchersFor(toolchain: Toolchain): ReadonlyMap<string, string> {
  const { node, pulumi, commandPlugin, dockerPlugin, pulumiHome } = toolchain;
  const plugins = [commandPlugin, ...(dockerPlugin ? [dockerPlugin] : [])];
  const brought: readonly [string, Tool, boolean][] = [
    ["node", node, node.source !== "PATH"],
    ["pulumi", pulumi, pulumi.source !== "PATH"],
    // A home that is the user's gets no plugin of ours; Pulumi finds one on PATH as well.
    ...plugins.map((plugin): [string, Tool, boolean] => [plugin.name, plugin, isElsewhere(plugin, pulumiHome)]),
  ];
  return new Map(brought.filter(([, , wanted]) => wanted).map(([name, tool]) => [name, tool.path]));
}

const isElsewhere = (plugin: Tool, home: string): boolean =>
  plugin.source !== "pulumi" && !plugin.path.startsWith(`${home}/`);

/** Makes the bin folder hold exactly these launchers, and `natsby`. */
export function placeLaunchers(toolchain: Toolchain): void {
  const launchers = launchersFor(toolchain);
  mkdirSync(launcherDir, { recursive: true });
  for (const name of ["node", "pulumi", "pulumi-resource-command", "pulumi-resource-docker"]) {
    const target = launchers.get(name);
    if (target) placeLink(join(launcherDir, name), target);
    else rmSync(join(launcherDir, name), { force: true });
  }
  placeScript(join(launcherDir, "natsby"), natsbyLauncher());
}

/** `bootstrap.mjs` sees to node_modules; with npm's Node it then needs no second process. */
function natsbyLauncher(): string {
  const node = quote(join(projectRoot, "node_modules/.bin/node"));
  return [
    "#!/bin/sh",
    "# Made by natsby: runs this project's natsby from anywhere.",
    `node=${node}`,
    '[ -x "$node" ] || node=node',
    `exec "$node" ${quote(join(projectRoot, "scripts/bootstrap.mjs"))} "$@"`,
    "",
  ].join("\n");
}

function placeLink(path: string, target: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(path) === target) return;
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, path);
}

function placeScript(path: string, text: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() && readFileSync(path, "utf8") === text) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o755 });
  renameSync(draft, path);
}
