// What an image is made of: a folder with a Dockerfile and nothing from anywhere else, so that no registry is needed. Runs no engine.

import { createHash } from "node:crypto";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The user of every container: nobody of the image's machine, and never root. */
export const imageUser = { uid: 1000, gid: 1000 } as const;

/** A folder to build from. */
export interface ImageContext {
  readonly folder: string;
  /** Of all that is in it: another one means another image. */
  readonly digest: string;
}

/** Makes the folder anew. `files` names what is copied into it, by its place there; a path that ends in `/` is an empty folder. */
export function makeContext(
  folder: string,
  dockerfile: readonly string[],
  files: Readonly<Record<string, string>>,
): ImageContext {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [to, from] of Object.entries(files)) {
    const path = join(folder, to);
    if (to.endsWith("/")) {
      mkdirSync(path, { recursive: true });
      continue;
    }
    mkdirSync(dirname(path), { recursive: true });
    cpSync(from, path, { recursive: true, dereference: true });
    // What this machine's umask took away is no part of an image.
    if (statSync(path).isFile()) chmodSync(path, statSync(path).mode | 0o444);
  }
  writeFileSync(join(folder, "Dockerfile"), `${dockerfile.join("\n")}\n`);
  return { folder, digest: digestOf(folder) };
}

function digestOf(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(folder, name);
    hash.update(`${name}\0`);
    if (statSync(path).isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}
