// A copy of this project for tests of its set-up: the real scripts, and Go modules that build in a moment. Its programs
// only say their version, so that a test never builds Pulumi.

import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  cacheDir,
  natsServerVersion,
  oldestNode,
  onPath,
  projectRoot,
  pulumiVersion,
} from "../../scripts/toolchain/paths.ts";
import { withoutNatsby } from "../../scripts/toolchain/shell-environment.ts";
import { isAtLeast } from "../../scripts/toolchain/version.ts";
import { type Temporary, temporary } from "./temporary.ts";

/** The copy, its cache, and ways to run something in it. */
export interface ProjectCopy extends Temporary {
  readonly cache: string;
  /** The environment of a fresh shell: no network, nothing of natsby's. */
  readonly env: Record<string, string>;
  /** Runs natsby as its launcher would, by the right Node. */
  natsby(args: readonly string[], env?: Readonly<Record<string, string>>): SpawnSyncReturns<string>;
}

/** This very Node: what `scripts/run` and the bootstrap hand over to. */
export const rightNode = process.execPath;

/** What a user's shell would run as `node`, where it is older than natsby needs; else none. */
export function oldNode(): string | undefined {
  const [node] = onPath("node", withoutNatsby(process.env));
  const { stdout = "" } = node ? spawnSync(node, ["--version"], { encoding: "utf8" }) : {};
  return stdout && !isAtLeast(stdout.trim().slice(1), oldestNode) ? node : undefined;
}

/** Copies what the set-up needs; node_modules is the real one. */
export function projectCopy(name = "copy of natsby"): ProjectCopy {
  const folder = temporary(name);
  const { path } = folder;
  for (const part of ["scripts", "infra", "package.json", "package-lock.json"]) {
    cpSync(join(projectRoot, part), join(path, part), { recursive: true });
  }
  symlinkSync(join(projectRoot, "node_modules"), join(path, "node_modules"));
  useTinyModules(join(path, "scripts/toolchain/go"));
  const cache = join(dirname(path), "cache");
  // Compiled code of node_modules is the same for all copies.
  const env = shellOf({ NATSBY_CACHE: cache, NATSBY_OFFLINE: "1", NODE_COMPILE_CACHE: join(cacheDir(), "compiled") });
  const natsby: ProjectCopy["natsby"] = (args, more = {}) =>
    spawnSync(rightNode, [join(path, "scripts/natsby.ts"), ...args], {
      cwd: path,
      env: { ...env, ...more },
      encoding: "utf8",
      timeout: 60_000,
    });
  return { ...folder, cache, env, natsby };
}

/** This machine's environment without Pulumi, npm and natsby, and with Node and Go. */
export function shellOf(more: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(withoutNatsby(process.env)).filter(([name]) => !/^(PULUMI|NATSBY|npm|NODE)_/i.test(name));
  const folders = (Object.fromEntries(kept).PATH ?? "").split(":");
  const plain = folders.filter(
    (folder) => !["pulumi", "nats-server"].some((tool) => onPath(tool, { PATH: folder })[0]),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: plain.join(":"), ...more };
}

function useTinyModules(folder: string): void {
  rmSync(folder, { recursive: true });
  const pulumi = join(folder, "pulumi");
  goProgram(pulumi, "cmd/pulumi", pulumiVersion);
  goProgram(pulumi, "command-plugin", "a plugin");
  writeFileSync(join(pulumi, "go.mod"), "module github.com/pulumi/pulumi/pkg/v3\n\ngo 1.21\n");
  writeFileSync(join(pulumi, "go.sum"), "");
  goProgram(join(folder, "docker-plugin"), ".", "a plugin");
  goProgram(join(folder, "docker-plugin"), "shim", "a part of a plugin");
  writeFileSync(join(folder, "docker-plugin/go.mod"), "module natsby/toolchain/docker-plugin\n\ngo 1.21\n");
  writeFileSync(join(folder, "docker-plugin/go.sum"), "");
  goProgram(join(folder, "docker-helper"), ".", "a helper");
  writeFileSync(join(folder, "docker-helper/go.mod"), "module natsby/toolchain/docker-helper\n\ngo 1.21\n");
  goProgram(join(folder, "nats-server"), ".", `nats-server: v${natsServerVersion}`);
  writeFileSync(join(folder, "nats-server/go.mod"), "module github.com/nats-io/nats-server/v2\n\ngo 1.21\n");
}

/** It prints by the runtime alone: with no package imported it is built in a second. */
function goProgram(module: string, folder: string, says: string): void {
  mkdirSync(join(module, folder), { recursive: true });
  writeFileSync(join(module, folder, "main.go"), `package main\n\nfunc main() { println(${JSON.stringify(says)}) }\n`);
}
