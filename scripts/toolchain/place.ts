// Puts what was built or downloaded into natsby's cache: whole or not at all. Touches nothing outside the cache.

import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { cacheDir, type Variables } from "./paths.ts";

const workRoot = (env: Variables): string => join(cacheDir(env), "tmp");

/** A folder for half-made things, on the same disk as the cache so that a rename is enough; removed afterwards. */
export async function inWorkFolder<T>(env: Variables, work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync(workRoot(env), { recursive: true });
  const folder = mkdtempSync(join(workRoot(env), "work-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes what interrupted set-ups left. Only for the holder of the lock. */
export function sweepWorkFolders(env: Variables): void {
  rmSync(workRoot(env), { recursive: true, force: true });
}

/** Moves an executable to its place: synced before the rename, so that a crash leaves the old one or the new one. */
export function placeExecutable(from: string, to: string): void {
  chmodSync(from, 0o755);
  sync(from);
  mkdirSync(dirname(to), { recursive: true });
  if (statSync(to, { throwIfNoEntry: false })?.isDirectory()) rmSync(to, { recursive: true });
  renameSync(from, to);
  sync(dirname(to));
}

/** Moves a folder of executables to its place; what lay there before goes away as a whole. */
export function placeFolder(from: string, to: string, env: Variables): void {
  for (const name of readdirSync(from)) sync(join(from, name));
  mkdirSync(dirname(to), { recursive: true });
  mkdirSync(workRoot(env), { recursive: true });
  const old = join(mkdtempSync(join(workRoot(env), "old-")), "old");
  try {
    renameSync(to, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  renameSync(from, to);
  sync(dirname(to));
  rmSync(dirname(old), { recursive: true, force: true });
}

function sync(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
