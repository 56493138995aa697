// The way to an engine behind SSH: one connection of the system's ssh, in which the engine's socket is a socket of this machine and its
// host's ports are dialled. It ends with this process, also when that is killed.

import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type SshPlace, sshOptions, sshPlaceOf } from "../../core/engine-ssh.ts";
import { messageOf } from "../../core/errors.ts";
import type { EngineAddress } from "../../core/topology.ts";
import { runProgram } from "../run-program.ts";
import { dockerEnvironment, unreachable } from "./engine.ts";

/** Asks where the engine's own socket is, and stays for as long as somebody holds its stdin. */
const stay = "docker context inspect --format '{{.Endpoints.docker.Host}}' && exec cat";
/** A socket's path has some hundred bytes, and ssh needs twenty of its own. */
const longestFolder = 60;
const forwardMs = 5_000;
const endMs = 2_000;
/** Who asks again sooner is told the same: each would wait for the whole bound. */
const againMs = 30_000;

interface Connection {
  readonly child: ChildProcess;
  /** Where the engine is reached here, as DOCKER_HOST wants it. */
  readonly url: string;
}

/** Connects when it is first asked, and again after it was lost. */
export class SshWay implements AsyncDisposable {
  readonly #engine: EngineAddress;
  readonly #place: SshPlace;
  readonly #withinMs: number;
  #connection: Promise<Connection> | undefined;
  #folder = "";

  private constructor(engine: EngineAddress, place: SshPlace, withinMs: number) {
    [this.#engine, this.#place, this.#withinMs] = [engine, place, withinMs];
  }

  /** Null where the engine is this machine's. */
  static to(engine: EngineAddress, withinMs: number): SshWay | null {
    const place = sshPlaceOf(engine);
    return place === null ? null : new SshWay(engine, place, withinMs);
  }

  /** Where the engine is reached here. @throws UserError code "host-unreachable" */
  async url(): Promise<string> {
    this.#connection ??= this.#connect().catch((cause: unknown) => {
      setTimeout(() => this.#forget(), againMs).unref();
      throw unreachable(this.#engine, messageOf(cause), cause);
    });
    return (await this.#connection).url;
  }

  /** The program whose stdin and stdout are a connection to a port, as the engine's host reaches it. */
  async dial(address: string, port: number): Promise<readonly [string, ...string[]]> {
    await this.url();
    return this.#ssh(["-o", "ControlMaster=no", "-W", `${address}:${port}`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    this.#forget();
    if (connection !== undefined) await end(connection.child);
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true, force: true });
  }

  #forget(): void {
    this.#connection = undefined;
  }

  async #connect(): Promise<Connection> {
    const parent = [tmpdir(), "/tmp"].find((path) => path.length < longestFolder) ?? tmpdir();
    this.#folder = mkdtempSync(join(parent, "natsby-"));
    const master = [
      "-M",
      "-T",
      "-o",
      "ControlPersist=no",
      "-o",
      "ServerAliveInterval=5",
      "-o",
      "ServerAliveCountMax=2",
    ];
    // What is in the folder must go although nobody of natsby's is left to do it.
    const script = 'trap : TERM; folder=$1; shift; "$@"; code=$?; rm -rf -- "$folder"; exit $code';
    const argv = ["-c", script, "sh", this.#folder, ...this.#ssh(master, [stay])];
    const child = spawn("sh", argv, { env: dockerEnvironment(), stdio: ["pipe", "pipe", "pipe"], detached: true });
    try {
      const there = await firstLine(child, this.#withinMs);
      const here = join(this.#folder, "engine");
      await this.#forward(`${here}:${placeOf(there)}`);
      child.once("close", () => this.#forget());
      return { child, url: `unix://${here}` };
    } catch (error) {
      await end(child);
      throw error;
    }
  }

  async #forward(spec: string): Promise<void> {
    const argv = this.#ssh(["-O", "forward", "-L", spec]);
    const { code, stderr } = await runProgram(argv, { withinMs: forwardMs, environment: dockerEnvironment() });
    if (code !== 0) throw new Error(`its sshd does not forward the engine's socket: ${stderr.trim()}`);
  }

  #ssh(options: readonly string[], command: readonly string[] = []): readonly [string, ...string[]] {
    const { portOptions, target } = this.#place;
    const control = ["-S", join(this.#folder, "ssh")];
    return ["ssh", ...sshOptions(this.#engine), ...control, ...portOptions, ...options, "--", target, ...command];
  }
}

/** What `ssh -L` takes. */
function placeOf(there: string): string {
  if (there.startsWith("unix://")) return there.slice("unix://".length);
  if (there.startsWith("tcp://")) return there.slice("tcp://".length);
  throw new Error(`its docker command names no engine of its own, but ${JSON.stringify(there)}`);
}

/** @throws with what ssh said, where it ended or the time is up. */
function firstLine(child: ChildProcessByStdio<Writable, Readable, Readable>, withinMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let [said, wrong] = ["", ""];
  const late = `gave up after ${withinMs / 1000} s waiting until it is connected by ssh`;
  const timer = setTimeout(() => reject(new Error(late)), withinMs);
  child.stdin.on("error", () => undefined);
  child.stderr.setEncoding("utf8").on("data", (text: string) => (wrong += text));
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    if (said.includes("\n")) resolve(said.slice(0, said.indexOf("\n")).trim());
  });
  child.once("error", reject);
  child.once("close", (code) => reject(new Error(wrong.trim() || `ssh ended with ${code}`)));
  return promise.finally(() => clearTimeout(timer));
}

/** Also one whose other end stands still. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const [ended, late] = [once(child, "close"), new AbortController()];
  child.stdin?.end();
  signal(child.pid, "SIGTERM");
  const given = sleep(endMs, undefined, { signal: late.signal }).catch(() => undefined);
  await Promise.race([ended, given.then(() => signal(child.pid ?? 0, "SIGKILL"))]);
  late.abort();
}

/** With all that it started. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {}
}
