// Finds Pulumi's CLI, or brings it: from the vendor's download, else built from the vendor's Go modules.
// Never touches a CLI that the user installed, nor the PULUMI_HOME that belongs to it.

import { existsSync, realpathSync } from "node:fs";
import { arch, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { isScript } from "./binary.ts";
import { download, type Release } from "./download.ts";
import { goBuild } from "./go.ts";
import { officialHostFor, wrapperName } from "./language-runtime.ts";
import { noteOrigin, originOf } from "./origin.ts";
import { cachedPulumiBin, cachedPulumiHome, onPath, projectRoot, pulumiVersion, type Variables } from "./paths.ts";
import { inWorkFolder, placeExecutable, placeFolder } from "./place.ts";
import type { OnProgress } from "./progress.ts";
import type { Found, Passed, Way } from "./tool.ts";
import { verify } from "./verified.ts";
import { isAtLeast } from "./version.ts";

const name = "pulumi";

/** The release that is downloaded. */
const pulumiRelease: Release = {
  tool: name,
  mirrors: [
    "https://get.pulumi.com/releases/sdk",
    `https://github.com/pulumi/pulumi/releases/download/v${pulumiVersion}`,
  ],
  archive: `pulumi-v${pulumiVersion}-linux-${arch()}.tar.gz`,
  checksums: `pulumi-${pulumiVersion}-checksums.txt`,
};

/** Takes the user's own CLI where it is new enough and whole, else the one in natsby's cache. */
export function findPulumi(env: Variables): Found {
  const passed: Passed[] = [];
  const own = ownPulumi(env);
  if (!own) passed.push({ source: "PATH", reason: "there is no pulumi on PATH" });
  else {
    const found = verify(own, ["version"], env);
    const reason = "reason" in found ? found.reason : reasonAgainst(own, found.version, env);
    if ("version" in found && !reason)
      return { name, version: found.version, path: own, source: "PATH", standIn: false };
    passed.push({ source: "PATH", reason: reason ?? "" });
  }
  const path = join(cachedPulumiBin(env), name);
  const cached = verify(path, ["version"], env);
  if ("version" in cached && cached.version === pulumiVersion) {
    return { name, version: pulumiVersion, path, source: originOf(versionFolder(env)), standIn: false };
  }
  passed.push({ source: "the cache", reason: "reason" in cached ? cached.reason : `${path} is ${cached.version}` });
  return { name, version: pulumiVersion, passed };
}

function reasonAgainst(path: string, version: string, env: Variables): string | undefined {
  if (!isAtLeast(version, pulumiVersion)) return `${path} is ${version}, wanted is ${pulumiVersion} or later`;
  return officialHostFor(path, env) ? undefined : `${path} has no ${wrapperName} beside it or on PATH`;
}

/** The first CLI on PATH that no natsby put there. */
const ownPulumi = (env: Variables): string | undefined => onPath(name, env).find((path) => !isNatsbys(path, env));

function isNatsbys(path: string, env: Variables): boolean {
  const folder = dirname(realpathSync(path));
  const cached = cachedPulumiBin(env);
  if (folder === cached || (existsSync(cached) && folder === realpathSync(cached))) return true;
  // Another clone's cache: natsby's own builds have a script for a language host, or a note beside the version.
  return isScript(join(folder, wrapperName)) || originOf(dirname(folder)) !== "cache";
}

const versionFolder = (env: Variables): string => dirname(cachedPulumiBin(env));

/** The PULUMI_HOME that goes with a CLI: the user's own, or natsby's; one that another natsby left is no user's. */
export function homeFor(pulumi: Found, env: Variables): string {
  const named = env.PULUMI_HOME;
  if (named && !isNatsbyHome(named, env)) return named;
  const own = "source" in pulumi && pulumi.source === "PATH";
  return own ? join(userInfo().homedir, ".pulumi") : cachedPulumiHome(env);
}

/** Whether a PULUMI_HOME was filled by natsby. */
const isNatsbyHome = (home: string, env: Variables): boolean =>
  home === cachedPulumiHome(env) || originOf(home) === "natsby";

/** The ways to bring a CLI that is missing. */
export function waysToPulumi(env: Variables, onProgress: OnProgress): readonly Way[] {
  const finish = (source: "download" | "build", words: string): void => {
    noteOrigin(versionFolder(env), source);
    noteOrigin(cachedPulumiHome(env), "natsby");
    onProgress({ kind: "done", tool: name, text: `${pulumiVersion} is there, from ${words}` });
  };
  const downloaded = (): Promise<void> =>
    inWorkFolder(env, async (folder) => {
      await download(pulumiRelease, folder, env, onProgress);
      placeFolder(join(folder, "unpacked"), cachedPulumiBin(env), env);
      finish("download", "the official download");
    });
  const built = (): Promise<void> =>
    inWorkFolder(env, async (folder) => {
      placeExecutable(await build(folder, env, onProgress), join(cachedPulumiBin(env), name));
      finish("build", "its Go modules");
    });
  return [
    { source: "the official download", bring: downloaded },
    { source: "its Go modules", bring: built },
  ];
}

async function build(folder: string, env: Variables, onProgress: OnProgress): Promise<string> {
  const to = join(folder, name);
  onProgress({ kind: "doing", tool: name, what: "building from its Go modules", usually: "3 to 6 min, once" });
  await goBuild({
    module: join(projectRoot, "scripts/toolchain/go/pulumi"),
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    set: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}` },
    to,
    withinMs: 30 * 60_000,
    gigabytes: 3,
    env,
    onDetail: (detail) => onProgress({ kind: "detail", tool: name, detail }),
  });
  return to;
}
