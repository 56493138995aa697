// Proves that a binary runs by asking it for its version, once per file. Writes only its notes, into natsby's cache.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDir, cachedPulumiHome, type Variables } from "./paths.ts";
import { versionIn } from "./version.ts";

/** A binary that runs and what it calls itself, or why it is of no use. */
export type Verified = { readonly version: string } | { readonly reason: string };

interface Note {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly version: string;
}

/**
 * Asks a binary for its version. The answer is noted with the file's size and time, so that only a changed file is run
 * again: a truncated or replaced one never passes for the one that was seen to work.
 */
export function verify(path: string, args: readonly string[], env: Variables = process.env): Verified {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) return { reason: `there is no ${path}` };
  const noteFile = join(
    cacheDir(env),
    "verified",
    `${createHash("sha256").update(path).digest("hex").slice(0, 24)}.json`,
  );
  const noted = readNote(noteFile);
  if (noted?.path === path && noted.size === stat.size && noted.mtimeMs === stat.mtimeMs) return noted;
  const asked = ask(path, args, env);
  if ("version" in asked) writeNote(noteFile, { path, size: stat.size, mtimeMs: stat.mtimeMs, version: asked.version });
  return asked;
}

function ask(path: string, args: readonly string[], env: Variables): Verified {
  const { status, signal, error, stdout, stderr } = spawnSync(path, args, {
    encoding: "utf8",
    timeout: 20_000,
    stdio: ["ignore", "pipe", "pipe"],
    // Asking for a version must leave nothing behind in the user's own PULUMI_HOME.
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: cachedPulumiHome(env) },
  });
  if (error) return { reason: `${path} does not run (${error.message})` };
  if (status !== 0) return { reason: `${path} does not run (${signal ?? `exit ${status}`} ${firstLine(stderr)})` };
  const version = versionIn(stdout) ?? versionIn(stderr);
  return version ? { version } : { reason: `${path} does not say its version` };
}

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";

function readNote(file: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Note;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written costs a run of the binary each time, and nothing else. */
function writeNote(file: string, note: Note): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(note));
    renameSync(`${file}.${process.pid}`, file);
  } catch {}
}
