// Fetches and unpacks a vendor's archive, proved by the checksums that the vendor publishes with the release.
// The checksums are the release's own file and not pinned here: they catch a broken or exchanged download, not a vendor
// who was broken into. What is built from Go modules instead is pinned by the committed go.sum.

import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fetchFile, fetchText, unreachable } from "./network.ts";
import type { Variables } from "./paths.ts";
import type { OnProgress } from "./progress.ts";
import { runTool } from "./run-tool.ts";

/** A release as its vendor publishes it. */
export interface Release {
  readonly tool: string;
  /** Folders on the web that hold the same files, best first. */
  readonly mirrors: readonly string[];
  readonly archive: string;
  readonly checksums: string;
}

const withinMs = 120_000;

/** Unpacks a release's archive into a folder. */
export async function download(
  release: Release,
  folder: string,
  env: Variables,
  onProgress: OnProgress,
): Promise<void> {
  const mirror = await firstReachable(release, env);
  const { tool, archive } = release;
  onProgress({ kind: "doing", tool, what: `downloading ${archive}`, usually: "10 to 60 s" });
  const wanted = checksumOf(archive, await fetchText(`${mirror}/${release.checksums}`, { withinMs: 20_000, env }));
  const file = join(folder, basename(archive));
  const onBytes = (bytes: number): void =>
    onProgress({ kind: "detail", tool, detail: `${Math.round(bytes / 1e6)} MB` });
  const got = await fetchFile(`${mirror}/${archive}`, file, { withinMs, env, onBytes });
  if (got !== wanted)
    throw new Error(`${archive} is not what ${release.checksums} says: SHA-256 ${got}, not ${wanted}`);
  const unpacked = join(folder, "unpacked");
  mkdirSync(unpacked);
  await runTool(["tar", "-xzf", file, "-C", unpacked, "--strip-components=1"], { env: { ...env }, withinMs });
}

async function firstReachable({ mirrors, archive }: Release, env: Variables): Promise<string> {
  const reasons: string[] = [];
  for (const mirror of mirrors) {
    const reason = await unreachable(`${mirror}/${archive}`, env);
    if (reason === undefined) return mirror;
    reasons.push(reason);
  }
  throw new Error([...new Set(reasons)].join("; "));
}

/** The line of a file in the form of `sha256sum`. */
export function checksumOf(archive: string, checksums: string): string {
  for (const line of checksums.split("\n")) {
    const [sum, name] = line.trim().split(/\s+\*?/);
    if (name === archive && sum) return sum.toLowerCase();
  }
  throw new Error(`the published checksums do not list ${archive}`);
}
