// Builds programs from Go modules that a committed go.mod and go.sum pin. Writes into the given folder and Go's caches.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statfsSync } from "node:fs";
import { arch } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { UserError } from "../../infra/core/errors.ts";
import { cacheDir, isExecutable, isWritable, onPath, type Variables } from "./paths.ts";
import { runTool } from "./run-tool.ts";
import { isAtLeast, versionIn } from "./version.ts";

/** What is built, and where to. */
export interface Build {
  /** Folder with go.mod and go.sum. */
  readonly module: string;
  /** The main package; with `@version` it is built by its own go.mod, and checked by Go's checksum database. */
  readonly package: string;
  /** Build tags. @default none */
  readonly tags?: readonly string[];
  /** Variables of the program that the linker sets. @default none */
  readonly set?: Readonly<Record<string, string>>;
  /** The file to write. */
  readonly to: string;
  readonly withinMs: number;
  /** Free disk that it needs, modules included. */
  readonly gigabytes: number;
  readonly env: Variables;
  readonly onDetail: (detail: string) => void;
}

/** Builds one program; rejects with a reason a user understands where Go is missing, too old, or cannot fetch. */
export async function goBuild(build: Build): Promise<void> {
  const go = goFor(build.module, build.env);
  const env = goEnvironment(go, build.env);
  for (const folder of [cacheDir(build.env), env.GOCACHE, env.GOMODCACHE]) checkRoom(folder, build.gigabytes);
  const links = Object.entries(build.set ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const tags = build.tags?.length ? [`-tags=${build.tags.join(",")}`] : [];
  const flags = ["-v", "-trimpath", "-buildvcs=false", ...tags, `-ldflags=${["-s -w", ...links].join(" ")}`];
  const work = build.package.includes("@")
    ? ["install", ...flags, build.package]
    : ["build", ...flags, "-mod=readonly", "-o", build.to, build.package];
  const folder = dirname(build.to);
  await runTool([go.path, ...work], {
    cwd: build.module,
    env: { ...env, GOTMPDIR: folder, GOBIN: folder },
    withinMs: build.withinMs,
    onLine: countLines(build.onDetail),
  });
}

/** Go tells module by module and package by package what it does; the number is what a person wants to know. */
function countLines(onDetail: (detail: string) => void): (line: string) => void {
  let [modules, packages] = [0, 0];
  return (line) => {
    if (line.startsWith("go: downloading ")) modules += 1;
    else if (/^[\w.~-]+(\/[\w.~-]+)*$/.test(line)) packages += 1;
    const downloaded = modules > 0 ? [`${modules} modules fetched`] : [];
    onDetail([...downloaded, ...(packages > 0 ? [`${packages} packages compiled`] : [])].join(", "));
  };
}

/** What `go env` says; empty or "off" where Go finds no place. */
type Settings = Readonly<Record<"GOCACHE" | "GOMODCACHE" | "GOTOOLCHAIN", string>>;

interface Go {
  readonly path: string;
  readonly settings: Settings;
}

function goFor(module: string, env: Variables): Go {
  const needed = /^go (\S+)/m.exec(readFileSync(join(module, "go.mod"), "utf8"))?.[1] ?? "";
  const [path] = [...onPath("go", env), "/usr/local/go/bin/go"].filter(isExecutable);
  if (!path) throw new Error(`Go is missing: ${needed} or later is needed, from https://go.dev/dl`);
  const version = versionIn(ask(path, ["version"], env));
  if (!version) throw new Error(`${path} does not run`);
  const settings: Settings = JSON.parse(
    ask(path, ["env", "-json", "GOCACHE", "GOMODCACHE", "GOTOOLCHAIN"], env) || "{}",
  );
  // Since 1.21 Go fetches the toolchain that a go.mod asks for, unless it is told not to.
  const fetches = isAtLeast(version, "1.21.0") && settings.GOTOOLCHAIN !== "local" && !env.NATSBY_OFFLINE;
  if (isAtLeast(version, needed) || fetches) return { path, settings };
  throw new Error(`Go ${version} (${path}) is too old: ${needed} or later is needed, from https://go.dev/dl`);
}

/** Outside of any module, so that no go.mod or go.work changes the answer. */
const ask = (go: string, args: readonly string[], env: Variables): string =>
  spawnSync(go, args, { cwd: "/", encoding: "utf8", env: { ...env }, timeout: 20_000 }).stdout ?? "";

/** The user's own Go settings and caches; natsby's cache stands in for caches that cannot be written. */
function goEnvironment({ settings }: Go, env: Variables) {
  const ours = join(cacheDir(env), "go");
  const { GOCACHE, GOMODCACHE } = settings;
  const homeless = ![GOCACHE, GOMODCACHE].every((folder) => folder && isAbsolute(folder) && isWritable(folder));
  const moved = { HOME: ours, GOPATH: ours, GOFLAGS: `${env.GOFLAGS ?? ""} -modcacherw`.trim() };
  if (homeless) mkdirSync(ours, { recursive: true });
  return {
    ...env,
    ...(homeless ? moved : {}),
    ...(env.NATSBY_OFFLINE ? { GOPROXY: "off" } : {}),
    GOCACHE: homeless ? join(ours, "build") : GOCACHE,
    GOMODCACHE: homeless ? join(ours, "pkg", "mod") : GOMODCACHE,
    // A go.work above the project, a cross-compiling shell or a missing C compiler must not change what is built.
    GOWORK: "off",
    GOOS: "linux",
    GOARCH: arch() === "x64" ? "amd64" : arch(),
    CGO_ENABLED: "0",
  };
}

function checkRoom(folder: string, gigabytes: number): void {
  const free = roomIn(folder) / 1024 ** 3;
  if (free >= gigabytes) return;
  throw new UserError(`A build needs ${gigabytes} GB of free disk; ${folder} has ${free.toFixed(1)} GB.`, {
    code: "disk-full",
    hint: "Make room there, or name another place: NATSBY_CACHE=/roomy/folder npm start",
  });
}

/** Free bytes for this user on the disk that holds a folder, or will hold it. */
export function roomIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return dirname(folder) === folder ? 0 : roomIn(dirname(folder));
  }
}
