// natsby-helper: the one program of natsby's in its images. Built from natsby's own Go module into the cache, by its sources.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { goBuild } from "../toolchain/go.ts";
import { cacheDir, projectRoot, type Variables } from "../toolchain/paths.ts";
import { inWorkFolder, placeExecutable } from "../toolchain/place.ts";
import type { OnProgress } from "../toolchain/progress.ts";

const name = "natsby-helper";
const module = join(projectRoot, "scripts/toolchain/go/docker-helper");

/** The program for containers; built in some seconds where these sources were not built yet. */
export async function dockerHelper(onProgress: OnProgress, env: Variables = process.env): Promise<string> {
  const path = join(cacheDir(env), "docker-helper", sourcesDigest(), name);
  if (existsSync(path)) return path;
  onProgress({ kind: "doing", tool: name, what: "building it in Go", usually: "3 to 20 s" });
  await inWorkFolder(env, async (folder) => {
    const to = join(folder, name);
    const onDetail = (detail: string): void => onProgress({ kind: "detail", tool: name, detail });
    await goBuild({ module, package: ".", to, withinMs: 5 * 60_000, gigabytes: 0.2, env, onDetail });
    placeExecutable(to, path);
  });
  onProgress({ kind: "done", tool: name, text: "it is there" });
  return path;
}

function sourcesDigest(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(module).sort()) hash.update(readFileSync(join(module, file)));
  return hash.digest("hex").slice(0, 16);
}
