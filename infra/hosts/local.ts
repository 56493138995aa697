// Driver `local`: this machine, in this process. Writes are tmp + fsync + rename with mode 0600 unless said otherwise.

import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { stackFiles } from "../core/layout.ts";
import { checkClaim, checkWrite, newGuard, parseGuard } from "./guard.ts";
import { type Claim, type Guard, type Host, stagedPath } from "./host.ts";
import { withLock } from "./lock.ts";
import { runProgram } from "./run-program.ts";

const lockMs = 5_000;

/** This machine as the host of the stack whose files lie in `dataDir`. */
export function localHost(dataDir: string): Host {
  const guardPath = `${dataDir}/${stackFiles.guard}`;
  const name = "local";
  const readGuard = async (): Promise<Guard> => {
    const text = await readText(guardPath);
    return text === null ? newGuard : parseGuard(text, guardPath);
  };
  return {
    name,
    read: readText,
    guard: readGuard,
    claim: (claim: Claim) =>
      withLock(dataDir, lockMs, async () => {
        checkClaim(await readGuard(), claim, name);
        await writeText(guardPath, `${JSON.stringify(claim)}\n`, 0o600);
      }),
    stage: (path, text, mode) => writeSynced(stagedPath(path), text, mode),
    commit: (path, claim) =>
      withLock(dataDir, lockMs, async () => {
        checkWrite(await readGuard(), claim, name);
        await rename(stagedPath(path), path);
      }),
    append: appendLine,
    run: runProgram,
    async [Symbol.asyncDispose]() {},
  };
}

/** Writes a file whole or not at all. */
export async function writeText(path: string, text: string, mode: number): Promise<void> {
  await writeSynced(stagedPath(path), text, mode);
  await rename(stagedPath(path), path);
  await syncFolder(dirname(path));
}

/** The text of a file; null when there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

async function writeSynced(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await rm(path, { force: true });
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "a", 0o600);
  try {
    await file.writeFile(`${line}\n`);
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
