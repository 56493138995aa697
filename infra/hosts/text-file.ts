// Text files of this machine, written whole or not at all: tmp + fsync + rename. What is in the way is told as the user's to mend.

import { mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, UserError } from "../core/errors.ts";

/** Writes a file whole or not at all. */
export async function writeText(path: string, text: string, mode: number): Promise<void> {
  const aside = `${path}.next`;
  await writeSynced(aside, text, mode);
  await putInPlace(aside, path);
  await syncFolder(dirname(path));
}

/** The text of a file; null when there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** Found before the gap, not in it. */
export async function refuseFolder(path: string): Promise<void> {
  const names = await readdir(path).catch(() => []);
  if (names.length > 0) throw unwritable(path, { code: "ENOTEMPTY" });
}

/** An empty folder in the file's place holds nothing and goes; one with something in it is not natsby's to remove. */
export async function putInPlace(from: string, path: string): Promise<void> {
  try {
    await rename(from, path);
  } catch (error) {
    if (codeOf(error) !== "EISDIR") throw error;
    await rmdir(path).catch((cause) => {
      throw unwritable(path, cause);
    });
    await rename(from, path);
  }
}

export async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rm(path, { force: true });
    const file = await open(path, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** What is in the way is the user's to mend: a full disk, a folder that belongs to somebody else. */
export function unwritable(path: string, cause: unknown): UserError {
  const words = reasons[codeOf(cause)] ?? messageOf(cause);
  return new UserError(`${path} cannot be written: ${words}`, {
    code: "unwritable",
    hint: `ls -ld ${path} ${dirname(path)}; df ${dirname(path)}`,
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "this user's quota is used up",
  EROFS: "it is on a read-only disk",
  EACCES: "this user may not",
  EPERM: "this user may not",
  ENOTEMPTY: "a directory with files in it stands there",
};

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";

/** What a killed writer left without its end stays a line of its own: it must not swallow this one. */
export async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "a+", 0o600);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    await file.writeFile(`${size > 0 && buffer.toString() !== "\n" ? "\n" : ""}${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that a rename survives a power cut. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
