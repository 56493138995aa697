// Finds nats-server, or brings it: from the vendor's download, else built from the vendor's Go modules.

import { arch } from "node:os";
import { dirname, join } from "node:path";
import { download, type Release } from "./download.ts";
import { goBuild } from "./go.ts";
import { noteOrigin, originOf } from "./origin.ts";
import { cachedNatsServer, natsServerVersion, onPath, projectRoot, type Variables } from "./paths.ts";
import { inWorkFolder, placeExecutable } from "./place.ts";
import type { OnProgress } from "./progress.ts";
import type { Found, Passed, Source, Tool, Way } from "./tool.ts";
import { verify } from "./verified.ts";
import { isAtLeast, seriesOf } from "./version.ts";

const name = "nats-server";
const natsServerPackage = "github.com/nats-io/nats-server/v2";

/** The release that is downloaded. */
const releaseOf = (version: string): Release => ({
  tool: name,
  mirrors: [`https://github.com/nats-io/nats-server/releases/download/v${version}`],
  archive: `nats-server-v${version}-linux-${arch() === "x64" ? "amd64" : arch()}.tar.gz`,
  checksums: "SHA256SUMS",
});

/** Looks in the same order as `natsServerPath`, and asks what it finds for its version. */
export function findNatsServer(env: Variables): Found {
  const passed: Passed[] = [];
  for (const { source, place, path } of candidates(env)) {
    const reason = path ? reasonAgainst(path, env) : `there is no ${name} there`;
    if (path && reason === undefined) return toolAt(path, source, env);
    passed.push({ source: place, reason: reason ?? "" });
  }
  return { name, version: natsServerVersion, passed };
}

interface Candidate {
  readonly source: Source;
  readonly place: string;
  readonly path: string | undefined;
}

function candidates(env: Variables): readonly Candidate[] {
  const named = env.NATSBY_NATS_SERVER;
  if (named) return [{ source: "environment", place: "NATSBY_NATS_SERVER", path: named }];
  return [
    { source: originOf(versionFolder(env)), place: "the cache", path: cachedNatsServer(env) },
    { source: "PATH", place: "PATH", path: onPath(name, env)[0] },
  ];
}

/** The pinned version, or a later repair of it: other series gossip and reload in ways that were not looked at. */
function reasonAgainst(path: string, env: Variables): string | undefined {
  const found = verify(path, ["--version"], env);
  if ("reason" in found) return found.reason;
  const { version } = found;
  return isOrRepairs(version, natsServerVersion) || env.NATSBY_NATS_SERVER
    ? undefined
    : `${path} is ${version}, wanted is ${natsServerVersion}`;
}

/** Whether a version is the wanted one or a later repair of it. */
export const isOrRepairs = (version: string, wanted: string): boolean =>
  seriesOf(version) === seriesOf(wanted) && isAtLeast(version, wanted);

function toolAt(path: string, source: Source, env: Variables): Tool {
  const found = verify(path, ["--version"], env);
  return { name, version: "version" in found ? found.version : "", path, source, standIn: false };
}

const versionFolder = (env: Variables, version?: string): string => dirname(dirname(cachedNatsServer(env, version)));

/**
 * The ways to bring a nats-server that is missing; none where NATSBY_NATS_SERVER names one that does not work.
 * @param version another one than the pinned one is checked by the vendor's own checksums, or by Go's. @default the pinned one
 */
export function waysToNatsServer(
  env: Variables,
  onProgress: OnProgress,
  version: string = natsServerVersion,
): readonly Way[] {
  if (env.NATSBY_NATS_SERVER) return [];
  const way = (source: "download" | "build", words: string, make: (folder: string) => Promise<string>): Way => ({
    source: words,
    bring: () =>
      inWorkFolder(env, async (folder) => {
        placeExecutable(await make(folder), cachedNatsServer(env, version));
        noteOrigin(versionFolder(env, version), source);
        onProgress({ kind: "done", tool: name, text: `${version} is there, from ${words}` });
      }),
  });
  return [
    way("download", "the official download", async (folder) => {
      await download(releaseOf(version), folder, env, onProgress);
      return join(folder, "unpacked", name);
    }),
    way("build", "its Go modules", (folder) => build(version, folder, env, onProgress)),
  ];
}

async function build(version: string, folder: string, env: Variables, onProgress: OnProgress): Promise<string> {
  onProgress({ kind: "doing", tool: name, what: "building from its Go modules", usually: "1 to 2 min" });
  const to = join(folder, name);
  const isPinned = version === natsServerVersion;
  await goBuild({
    module: join(projectRoot, "scripts/toolchain/go/nats-server"),
    package: isPinned ? natsServerPackage : `${natsServerPackage}@v${version}`,
    to,
    withinMs: 15 * 60_000,
    gigabytes: 1,
    env,
    onDetail: (detail) => onProgress({ kind: "detail", tool: name, detail }),
  });
  return to;
}
