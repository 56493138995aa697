// The environment as the user's shell has it: without what npm, npx and an earlier `natsby env` put on PATH. Pure.

import { basename, delimiter, dirname } from "node:path";
import type { Variables } from "./paths.ts";

/** What tools are looked for in: natsby's own launchers on PATH must not be taken for the user's tools. */
export function withoutNatsby(env: Variables): Variables {
  const folders = foldersOf(withoutNpm(env)).filter((folder) => !isLauncherDir(folder));
  return { ...env, PATH: folders.join(delimiter) };
}

/** npm and npx put node_modules/.bin of every parent folder first; the shell that reads our exports does not have them. */
export function withoutNpm(env: Variables): Variables {
  const underNpm = env.npm_command !== undefined || env.npm_lifecycle_event !== undefined;
  const folders = foldersOf(env);
  const first = underNpm ? folders.findIndex((folder) => !isNpms(folder)) : 0;
  return { ...env, PATH: folders.slice(first === -1 ? folders.length : first).join(delimiter) };
}

const foldersOf = (env: Variables): readonly string[] => (env.PATH ?? "").split(delimiter).filter(Boolean);

const isNpms = (folder: string): boolean =>
  (basename(folder) === ".bin" && basename(dirname(folder)) === "node_modules") || basename(folder) === "node-gyp-bin";

const isLauncherDir = (folder: string): boolean =>
  basename(folder) === "bin" && basename(dirname(folder)) === ".natsby";
