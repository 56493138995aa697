// Driver `local`: this machine, in this process. Writes are tmp + fsync + rename with mode 0600 unless said otherwise.

import { chmod, copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { stackFiles } from "../core/layout.ts";
import { checkClaim, checkWrite, newGuard, parseGuard } from "./guard.ts";
import { type Claim, type Guard, type Host, isLeftover, stagedPath, thisMachine } from "./host.ts";
import { withLock } from "./lock.ts";
import { lookAt } from "./look.ts";
import { portOwner } from "./port-owner.ts";
import { findProcesses, pidLives, signalProcess, stopProcess } from "./processes.ts";
import { runProgram } from "./run-program.ts";
import { startProcess } from "./start-process.ts";
import { appendLine, putInPlace, readText, refuseFolder, writeSynced, writeText } from "./text-file.ts";

const lockMs = 5_000;

/** This machine as the host of the stack whose files lie in `dataDir`. */
export function localHost(dataDir: string): Host {
  return {
    name: thisMachine,
    ...filesHere,
    ...guardedHere(dataDir),
    ...processesHere(dataDir),
    inTurn: withLock,
    portOwner,
    reach: async (port, address = "127.0.0.1") => ({ address, port }),
    async [Symbol.asyncDispose]() {},
  };
}

const filesHere = {
  read: readText,
  look: (paths) => Promise.all(paths.map(lookAt)),
  list: (folder) => readdir(folder).catch(() => []),
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  write: writeText,
  remove: (path) => rm(path, { recursive: true, force: true }),
  move: rename,
  append: appendLine,
  async bring(file, path, mode) {
    const aside = `${path}.next`;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await copyFile(file, aside);
    await chmod(aside, mode);
    await rename(aside, path);
  },
} satisfies Partial<Host>;

function guardedHere(dataDir: string) {
  const guardPath = `${dataDir}/${stackFiles.guard}`;
  const readGuard = async (): Promise<Guard> => {
    const text = await readText(guardPath);
    return text === null ? newGuard : parseGuard(text, guardPath);
  };
  const guarded = <T>(claim: Claim, work: () => Promise<T>): Promise<T> =>
    withLock(dataDir, lockMs, async () => {
      checkWrite(await readGuard(), claim, thisMachine);
      return work();
    });
  return {
    guard: readGuard,
    guarded,
    claim: (claim) =>
      withLock(dataDir, lockMs, async () => {
        checkClaim(await readGuard(), claim, thisMachine);
        await writeText(guardPath, `${JSON.stringify(claim)}\n`, 0o600);
      }),
    async stage(path, text, mode, claim) {
      await refuseFolder(path);
      await writeSynced(stagedPath(path, claim), text, mode);
    },
    commit: (path, claim, reader) =>
      guarded(claim, async () => {
        await putInPlace(stagedPath(path, claim), path);
        if (reader !== undefined) signalProcess(reader, "SIGHUP");
      }),
    async tidy(folder, claim) {
      const names = await readdir(folder).catch(() => []);
      const left = names.filter((one) => isLeftover(one, claim));
      await Promise.all(left.map((one) => rm(`${folder}/${one}`, { recursive: true, force: true })));
    },
  } satisfies Partial<Host>;
}

const processesHere = (dataDir: string) =>
  ({
    run: runProgram,
    processes: async () => findProcesses(dataDir),
    lives: async (pid) => pidLives(pid),
    start: (options) => startProcess({ dataDir, ...options }),
    signal: async (process, signal) => signalProcess(process, signal),
    stop: stopProcess,
  }) satisfies Partial<Host>;
