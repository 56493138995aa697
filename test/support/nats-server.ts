// A real nats-server for one test: on free ports, in a folder of its own, and gone when the test's scope ends.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processMarker } from "../../infra/core/layout.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { awaitFrozen } from "./frozen.ts";
import { freePorts } from "./ports.ts";
import { askMonitor } from "./servers.ts";
import { until } from "./until.ts";

/** Where a server listens, on loopback. */
export interface Ports {
  readonly client: number;
  readonly monitor: number;
  readonly cluster: number;
}

/** What to start. */
export interface NatsServerOptions {
  /** Its `server_name`. @default "test" */
  readonly name?: string;
  /** More of its config, given its ports: `cluster {…}`, `accounts {…}`. @default nothing */
  readonly config?: (ports: Ports) => string;
  /** Other files beside nats.conf, by name. @default none */
  readonly files?: Readonly<Record<string, string>>;
  /** Fixed ports. @default free ones */
  readonly ports?: Partial<Ports>;
  /** Marks the process as natsby's own, of the stack in this folder. @default unmarked */
  readonly dataDir?: string;
}

const startMs = 5_000;

/** Starts a nats-server and waits until it is ready; throws with its own words when it ends before that. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const { name = "test", files = {}, config = () => "" } = options;
  const [client = 0, monitor = 0, cluster = 0] = await freePorts(3);
  const ports = { client, monitor, cluster, ...options.ports };
  const folder = await mkdtemp(join(tmpdir(), `natsby-${name}-`));
  const base = `server_name: "${name}"\nlisten: "127.0.0.1:${ports.client}"\nhttp: "127.0.0.1:${ports.monitor}"\n`;
  await writeFile(join(folder, "nats.conf"), base + config(ports));
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  const mark = options.dataDir === undefined ? {} : { [processMarker]: `${options.dataDir}/${name}` };
  const server = new NatsServer(name, folder, ports, mark);
  try {
    await server.ready();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** A running nats-server. */
export class NatsServer implements AsyncDisposable {
  readonly name: string;
  readonly folder: string;
  readonly ports: Ports;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #startedAt = Date.now();
  #log = "";

  constructor(name: string, folder: string, ports: Ports, mark: Readonly<Record<string, string>>) {
    [this.name, this.folder, this.ports] = [name, folder, ports];
    const options = { cwd: folder, detached: true, env: { ...process.env, ...mark } } as const;
    this.#process = spawn(natsServerPath(), ["-c", "nats.conf"], { ...options, stdio: ["ignore", "ignore", "pipe"] });
    this.#ended = once(this.#process, "close").catch((error: Error) => {
      this.#log += error.message;
    });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#log += text;
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get clientUrl(): string {
    return `nats://127.0.0.1:${this.ports.client}`;
  }

  /** Ended, or never started: its end then came as an error. */
  get #isGone(): boolean {
    return this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Everything it has logged, while its config names no log file. */
  get log(): string {
    return this.#log;
  }

  /** Sends a signal: SIGSTOP freezes it, SIGCONT thaws it, SIGHUP reloads it. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Freezes it, and waits until every thread of it is: one may answer for a moment after the signal. */
  freeze(): void {
    this.signal("SIGSTOP");
    awaitFrozen(this.pid);
  }

  /** Ends it, frozen or not, and waits for that. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (!this.#isGone) this.signal(signal);
    await this.#ended;
  }

  /** What a monitoring endpoint says, such as `/varz`. */
  async ask(path: string): Promise<Record<string, unknown>> {
    return (await askMonitor(`http://127.0.0.1:${this.ports.monitor}${path}`)) as Record<string, unknown>;
  }

  /** Waits until it answers by its name, raced with an early end and a bound. */
  async ready(): Promise<void> {
    const answers = until(
      `${this.name} answers`,
      async () => this.#isGone || this.#isMine(await this.ask("/varz")),
      startMs,
    ).catch(() => false);
    const answered = await answers;
    if (this.#isGone) await this.#ended;
    if (!answered || this.#isGone) {
      throw new Error(`nats-server ${this.name} is not ready: ${this.#log.trim() || "it says nothing"}`);
    }
  }

  /** An older server on the same port is not this one, whatever its name. */
  #isMine({ server_name, start }: Record<string, unknown>): boolean {
    return server_name === this.name && Date.parse(String(start)) >= this.#startedAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
