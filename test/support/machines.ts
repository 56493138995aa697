// Machines of a test's own: network namespaces with addresses on a bridge, so that a partition is a real one. Needs root and `ip`.
// It makes nothing that outlives it, and touches no route but those of its own addresses.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../infra/core/errors.ts";
import { natsServerPath } from "../../scripts/toolchain/paths.ts";
import { forward } from "./forward.ts";

/** Why this machine cannot, found by making one; null where it can. */
export function noMachines(): string | null {
  if (process.getuid?.() !== 0) return "only root makes network namespaces";
  const id = `nb${randomInt(0x1000, 0xffff).toString(16)}`;
  try {
    ip("netns", "add", id);
    ip("link", "add", id, "type", "bridge");
    ip("link", "del", id);
    return null;
  } catch (error) {
    return `no network namespace can be made here: ${messageOf(error)}`;
  } finally {
    try {
      ip("netns", "del", id);
    } catch {}
  }
}

/** The operator's side is this process's own network. */
export const operator = "operator";

/** One machine for each name. */
export class Machines implements Disposable {
  readonly #id = `nb${randomInt(0x1000, 0xffff).toString(16)}`;
  readonly #net = `10.${randomInt(64, 250)}.${randomInt(1, 250)}`;
  readonly #folder = mkdtempSync(join(tmpdir(), "natsby-machines-"));
  readonly #names: readonly string[];
  readonly #cuts: (() => void)[] = [];
  readonly #forwarding: ChildProcess[] = [];
  readonly #forwarded: Server[] = [];
  /** A run that is stopped must not leave them on this machine. */
  readonly #atExit = (): void => this[Symbol.dispose]();
  readonly #serverBefore = process.env.NATSBY_NATS_SERVER;

  constructor(names: readonly string[]) {
    this.#names = names;
    const real = natsServerPath();
    ip("link", "add", this.#id, "type", "bridge");
    ip("addr", "add", `${this.#net}.1/24`, "dev", this.#id);
    ip("link", "set", this.#id, "up");
    for (const [index, name] of names.entries()) this.#add(index, name);
    // A server is started in its own folder: whoever starts it, natsby's cutover too, starts it on its own machine.
    const wrapper = join(this.#folder, "nats-server");
    const enter = `exec nsenter "--net=/run/netns/${this.#id}-\${PWD##*/}" "${real}" "$@"`;
    writeFileSync(wrapper, `#!/bin/sh\n[ -e "/run/netns/${this.#id}-\${PWD##*/}" ] && ${enter}\nexec "${real}" "$@"\n`);
    chmodSync(wrapper, 0o755);
    process.env.NATSBY_NATS_SERVER = wrapper;
    process.once("exit", this.#atExit);
  }

  addressOf(name: string): string {
    return `${this.#net}.${name === operator ? 1 : this.#names.indexOf(name) + 10}`;
  }

  /** What starts a program on this machine. */
  within(name: string): readonly string[] {
    return ["nsenter", `--net=/run/netns/${this.#id}-${name}`];
  }

  /**
   * A server's monitoring binds to its own loopback. Here it is reached at its machine's address, and at the operator's loopback
   * by way of that: what is cut off from the operator does not answer there either.
   */
  async showMonitoring(name: string, port: number): Promise<void> {
    const [program = "", ...args] = [...this.within(name), process.execPath, join(import.meta.dirname, "forward.ts")];
    const told = [this.addressOf(name), "127.0.0.1", String(port)];
    const child = spawn(program, [...args, ...told], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#forwarding.push(child);
    await once(child, "message");
    this.#forwarded.push(await forward("127.0.0.1", this.addressOf(name), port));
  }

  /**
   * What `from` sends to `to` is lost, until {@link heal}: it goes to a card that nobody has. Without a word, as on a wire that is
   * cut: a route that leads nowhere would be an error for whoever sends.
   */
  deafen(from: string, to: string): void {
    const [within, device] = from === operator ? [[], this.#id] : [["-n", `${this.#id}-${from}`], "eth0"];
    const neighbour = [this.addressOf(to), "dev", device] as const;
    ip(...within, "neigh", "replace", ...neighbour, "lladdr", "02:00:00:00:00:01", "nud", "permanent");
    this.#cuts.push(() => ip(...within, "neigh", "del", ...neighbour));
  }

  /** Nothing goes through between the two. */
  cut(one: string, other: string): void {
    this.deafen(one, other);
    this.deafen(other, one);
  }

  heal(): void {
    for (const mend of this.#cuts.splice(0)) mend();
  }

  [Symbol.dispose](): void {
    process.off("exit", this.#atExit);
    this.heal();
    for (const child of this.#forwarding) child.kill("SIGKILL");
    for (const server of this.#forwarded) server.close();
    for (const name of this.#names) ip("netns", "del", `${this.#id}-${name}`);
    ip("link", "del", this.#id);
    rmSync(this.#folder, { recursive: true, force: true });
    if (this.#serverBefore === undefined) delete process.env.NATSBY_NATS_SERVER;
    else process.env.NATSBY_NATS_SERVER = this.#serverBefore;
  }

  #add(index: number, name: string): void {
    const space = `${this.#id}-${name}`;
    const outside = `${this.#id}v${index}`;
    ip("netns", "add", space);
    ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", space);
    ip("link", "set", outside, "master", this.#id, "up");
    ip("-n", space, "addr", "add", `${this.addressOf(name)}/24`, "dev", "eth0");
    for (const device of ["lo", "eth0"]) ip("-n", space, "link", "set", device, "up");
  }
}

function ip(...words: readonly string[]): void {
  execFileSync("ip", words, { stdio: "pipe" });
}
