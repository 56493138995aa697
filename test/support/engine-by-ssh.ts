// A Docker engine of a test's own that is reached by SSH, as one of another machine: its sshd is the only way that natsby is told of.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { type Engine, noEngine, startEngine } from "./engine.ts";
import { noSshd, type Sshd, startSshd } from "./sshd.ts";

/** Why this machine cannot; null where it can. */
export const noEngineBySsh = (): string | null => noSshd() ?? noEngine();

/** One of them. */
export class EngineBySsh implements AsyncDisposable {
  readonly engine: Engine;
  readonly sshd: Sshd;

  private constructor(engine: Engine, sshd: Sshd) {
    [this.engine, this.sshd] = [engine, sshd];
  }

  static async start(): Promise<EngineBySsh> {
    const engine = await startEngine();
    // The `docker` command of a session there speaks to this engine, as it does to a machine's own.
    const found = { DOCKER_HOST: engine.url, PATH: process.env.PATH ?? "" };
    const sshd = await startSshd([], found).catch(async (error: unknown) => {
      await engine[Symbol.asyncDispose]();
      throw error;
    });
    return new EngineBySsh(engine, sshd);
  }

  /** As DOCKER_HOST wants it. */
  get url(): string {
    return `ssh://${this.sshd.user}@127.0.0.1:${this.sshd.port}`;
  }

  /** Its host's address, for other engines. */
  get address(): string {
    return addressOf(this.engine);
  }

  /** What the config says of it. */
  get host() {
    return { engine: this.url, address: this.address, hostKey: this.sshd.hostKey };
  }

  /** As when its machine loses the network: no way to it, and its containers reach nobody and are reached by nobody. */
  async cutOff(): Promise<void> {
    this.sshd.freeze();
    await this.#setLinks("down");
  }

  async back(): Promise<void> {
    await this.#setLinks("up");
    this.sshd.thaw();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.sshd.thaw();
    await this.sshd[Symbol.asyncDispose]();
    await this.engine[Symbol.asyncDispose]();
  }

  /** Bridges of its networks are called after those, and its own after it. */
  async #setLinks(state: "up" | "down"): Promise<void> {
    const ids = (await this.engine.docker(["network", "ls", "--quiet", "--no-trunc"])).split("\n");
    const bridges = ids.map((id) => `br-${id.slice(0, 12)}`);
    const all = readdirSync("/sys/class/net").filter(
      (name) => bridges.includes(name) || name === `${this.engine.id}br`,
    );
    for (const name of all) execFileSync("ip", ["link", "set", name, state], { stdio: "pipe" });
  }
}

/** Where others reach what a host with this engine publishes: it is the address of the engine's own bridge. */
export const addressOf = ({ net }: Engine): string => `${net}.0.1`;
