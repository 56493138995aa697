// A Docker engine of a test's own: a dockerd on a private socket, with its own bridge, addresses and cgroups. None of the machine's
// is used or changed, and two at once do not meet. Needs root.

import { type ChildProcess, execFile, execFileSync, fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../infra/core/errors.ts";
import { onPath } from "../../scripts/toolchain/paths.ts";

/** Debian's package of each program that an engine is started with. */
const programs = { dockerd: "docker.io", containerd: "containerd", docker: "docker.io", ip: "iproute2" };

/** Why this machine cannot run one, found by making what an engine makes first; null where it can. */
export function noEngine(): string | null {
  if (process.getuid?.() !== 0) return "only root starts a Docker engine";
  for (const [program, from] of Object.entries(programs)) {
    if (onPath(program, searchPath()).length === 0) return `there is no ${program}: apt install ${from}`;
  }
  const id = newId();
  try {
    execFileSync("ip", ["link", "add", id, "type", "bridge"], { stdio: "pipe" });
    execFileSync("ip", ["link", "del", id]);
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/tmp"], { stdio: "pipe" });
    return null;
  } catch (error) {
    return `no Docker engine can run here: ${messageOf(error)}`;
  }
}

/** A running engine. When it, or the test's process, ends, nothing of it stays: containers, networks, mounts, files. */
export interface Engine extends AsyncDisposable {
  /** As DOCKER_HOST wants it: `unix://…`. */
  readonly url: string;
  /** Names of its links on this machine begin so. */
  readonly id: string;
  /** The first two bytes of all its addresses, such as `10.77`; `.0` is its default bridge's, and the rest below `.128` is free. */
  readonly net: string;
  /** Runs the `docker` command with it and returns what that printed. Rejects with what it said where it failed. */
  docker(words: readonly string[], withinMs?: number): Promise<string>;
  /** Ends the daemon as a reboot of its machine does, and starts it again. */
  restart(): Promise<void>;
}

const run = promisify(execFile);
const startMs = 60_000;

/** Starts one. */
export async function startEngine(): Promise<Engine> {
  const [id, net] = [newId(), `10.${randomInt(64, 250)}`];
  // Not the test's own folder: that is removed when the test is killed, before the engine has let go of it.
  const { TMPDIR: _, ...env } = searchPath();
  const keeper = fork(join(import.meta.dirname, "engine-keeper.ts"), [id, net], { env, detached: true, execArgv: [] });
  const url = await answer(keeper);
  keeper.unref();
  keeper.channel?.unref();
  return {
    ...{ url, id, net },
    async docker(words, withinMs = 60_000) {
      const { stdout } = await run("docker", ["--host", url, ...words], { timeout: withinMs, maxBuffer: 64e6 });
      return stdout.trimEnd();
    },
    async restart() {
      keeper.send("restart");
      await answer(keeper);
    },
    async [Symbol.asyncDispose]() {
      const ended = once(keeper, "exit", { signal: AbortSignal.timeout(startMs) });
      keeper.ref();
      keeper.disconnect();
      await ended;
    },
  };
}

/** What the keeper says next: where the engine is to be reached. */
async function answer(keeper: ChildProcess): Promise<string> {
  const waiting = new AbortController();
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(startMs)]);
  keeper.channel?.ref();
  try {
    const said = await Promise.race([
      once(keeper, "message", { signal }),
      once(keeper, "exit", { signal }).then(() => [{ failed: "its keeper ended" }]),
    ]);
    const { url, failed } = said[0] as { url?: string; failed?: string };
    if (url === undefined) throw new Error(`the Docker engine does not start: ${failed}`);
    return url;
  } finally {
    waiting.abort();
    keeper.channel?.unref();
  }
}

const newId = (): string => `ne${randomInt(0x10000, 0xfffff).toString(16)}`;

/** Where Debian keeps daemons is not on every PATH. */
export const searchPath = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` });
