// Hosts of a test's own: real Debian systems with systemd and sshd, each with its address, its host key and a network that can be
// cut, on a Docker engine that ends with the test. Needs root.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onPath } from "../../scripts/toolchain/paths.ts";
import { type Engine, noEngine, searchPath, startEngine } from "./engine.ts";
import { hostImage, noHostImage } from "./host-image.ts";
import { type KeyPair, makeKey, noSshd } from "./sshd.ts";
import { temporary } from "./temporary.ts";
import { until } from "./until.ts";

/** Why this machine cannot; null where it can. */
export const noHosts = (): string | null => noSshd() ?? noHostImage() ?? noEngine() ?? noPacketFilter();

/** One of them. */
export interface TestHost {
  readonly name: string;
  readonly address: string;
  /** As in known_hosts, without the name. */
  readonly hostKey: string;
}

/** The operator's side is this process's own network. */
export const operator = "operator";

const image = "natsby-host";
const bootMs = 30_000;

/** Several of them on one network. */
export class TestHosts implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #folder = temporary("hosts");
  readonly #hosts = new Map<string, TestHost>();
  readonly #cuts: { readonly from: string; readonly to: string }[] = [];
  /** Rules of packet filters, each in its host's own network. */
  readonly #losses: { readonly of: string; readonly rule: readonly string[] }[] = [];
  /** Lets its holder in as `root` and as `deploy`, who may do nothing more. */
  readonly key: KeyPair = makeKey(join(this.#folder.path, "user"));

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Starts one for each name; they are up when it returns. */
  static async start(names: readonly string[]): Promise<TestHosts> {
    const archive = await hostImage();
    const hosts = new TestHosts(await startEngine());
    try {
      await hosts.#begin(archive, names);
      return hosts;
    } catch (error) {
      await hosts[Symbol.asyncDispose]();
      throw error;
    }
  }

  of(name: string): TestHost {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** This machine's address as the hosts see it, or a host's. */
  addressOf(name: string): string {
    return name === operator ? `${this.#engine.net}.1.1` : this.of(name).address;
  }

  /** Runs a program there as root, past sshd: a host that is cut off is still looked at. */
  within(name: string, ...argv: readonly string[]): Promise<string> {
    return this.#engine.docker(["exec", name, ...argv]);
  }

  /** Gives `deploy` these lines of sudoers. */
  async permit(name: string, ...lines: readonly string[]): Promise<void> {
    await this.within(name, "sh", "-c", 'printf "%s\\n" "$@" >/etc/sudoers.d/deploy', "sh", ...lines);
  }

  /** What `from` sends to `to` is lost, without a word, until {@link heal}: it goes to a card that nobody has. */
  async deafen(from: string, to: string): Promise<void> {
    await this.#setDeaf(from, to, true);
    this.#cuts.push({ from, to });
  }

  /** Nothing goes through between the two. */
  async cut(one: string, other: string): Promise<void> {
    await this.deafen(one, other);
    await this.deafen(other, one);
  }

  /** Cuts it off from everybody. */
  async isolate(name: string): Promise<void> {
    for (const other of [operator, ...this.#hosts.keys()]) if (other !== name) await this.cut(name, other);
  }

  /** Of what goes to and fro between a host and another, such a share is lost, at random, until {@link heal} or its reboot. */
  async lose(share: number, of: string, other: string): Promise<void> {
    const dropped = ["--match", "statistic", "--mode", "random", "--probability", String(share), "--jump", "DROP"];
    for (const rule of [
      ["INPUT", "--source", this.addressOf(other), ...dropped],
      ["OUTPUT", "--destination", this.addressOf(other), ...dropped],
    ]) {
      await this.#inNetwork(of, "iptables", "--wait", "--append", ...rule);
      this.#losses.push({ of, rule });
    }
  }

  async heal(): Promise<void> {
    for (const { of, rule } of this.#losses.splice(0)) {
      await this.#inNetwork(of, "iptables", "--wait", "--delete", ...rule).catch(() => undefined);
    }
    for (const { from, to } of this.#cuts.splice(0)) await this.#setDeaf(from, to, false).catch(() => undefined);
  }

  /** Every process of it stands still; its connections stay. */
  async freeze(name: string): Promise<void> {
    await this.#engine.docker(["pause", name]);
  }

  async thaw(name: string): Promise<void> {
    await this.#engine.docker(["unpause", name]);
  }

  /** Shuts it down in good order and boots it. What was cut stays cut. */
  async reboot(name: string): Promise<void> {
    await this.#engine.docker(["stop", "--time", "20", name]);
    await this.#boot(name);
  }

  /** Its power fails. */
  async powerOff(name: string): Promise<void> {
    await this.#engine.docker(["kill", name]);
  }

  async powerOn(name: string): Promise<void> {
    await this.#boot(name);
  }

  /** Sets it up anew: an empty disk and another host key, at its old address. */
  async replace(name: string): Promise<void> {
    const { address } = this.of(name);
    await this.#engine.docker(["rm", "--force", name]);
    rmSync(join(this.#folder.path, name), { recursive: true });
    await this.#add(name, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { from, to } of this.#cuts.splice(0)) {
      if (from === operator) await this.#setDeaf(from, to, false).catch(() => undefined);
    }
    await this.#engine[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }

  async #begin(archive: string, names: readonly string[]): Promise<void> {
    const { id, net, docker } = this.#engine;
    await docker(["import", "--change", 'CMD ["/sbin/init"]', archive, image], 120_000);
    const bridge = ["--opt", `com.docker.network.bridge.name=${id}hosts`];
    await docker(["network", "create", ...bridge, "--subnet", `${net}.1.0/24`, "--gateway", `${net}.1.1`, "hosts"]);
    await Promise.all(names.map((name, index) => this.#add(name, `${net}.1.${index + 10}`)));
  }

  async #add(name: string, address: string): Promise<void> {
    const folder = join(this.#folder.path, name);
    mkdirSync(folder);
    const { publicKey: hostKey } = makeKey(join(folder, "ssh_host_ed25519_key"));
    const { docker } = this.#engine;
    const place = ["--name", name, "--hostname", name, "--network", "hosts", "--ip", address];
    await docker(["create", ...place, ...bootable, image]);
    this.#hosts.set(name, { name, address, hostKey });
    for (const file of ["ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"]) {
      await docker(["cp", join(folder, file), `${name}:/etc/ssh/${file}`]);
    }
    await this.#boot(name);
    const letIn = [
      'for home in /root /home/deploy; do mkdir -p -m 700 $home/.ssh; echo "$1" >$home/.ssh/authorized_keys; done',
      "chown -R deploy: /home/deploy/.ssh",
    ];
    await this.within(name, "sh", "-c", letIn.join("\n"), "sh", this.key.publicKey);
  }

  async #boot(name: string): Promise<void> {
    await this.#engine.docker(["start", name]);
    const isUp = () => this.within(name, "systemctl", "is-active", "ssh.service").then((state) => state === "active");
    await until(`${name} is up`, isUp, bootMs);
    for (const { from, to } of this.#cuts) if (from === name) await this.#setDeaf(from, to, true);
  }

  async #setDeaf(from: string, to: string, deaf: boolean): Promise<void> {
    const device = from === operator ? `${this.#engine.id}hosts` : "eth0";
    const neighbour = [this.addressOf(to), "dev", device];
    const nobody = ["lladdr", "02:00:00:00:00:01", "nud", "permanent"];
    const words = deaf ? ["neigh", "replace", ...neighbour, ...nobody] : ["neigh", "del", ...neighbour];
    await this.#inNetwork(from, "ip", ...words);
  }

  /** What begins a command line of this machine that runs in a host's network, or in this machine's own. */
  async enter(name: string): Promise<readonly [string, ...string[]]> {
    if (name === operator) return ["nsenter"];
    const pid = await this.#engine.docker(["inspect", "--format", "{{.State.Pid}}", name]);
    return ["nsenter", `--net=/proc/${pid}/ns/net`];
  }

  async #inNetwork(name: string, ...argv: readonly string[]): Promise<void> {
    const [enter, ...words] = [...(await this.enter(name)), ...argv] as const;
    execFileSync(enter, words, { stdio: "pipe", env: searchPath() });
  }
}

/** Packets are dropped by it, in the hosts' networks only. */
const noPacketFilter = (): string | null =>
  onPath("iptables", searchPath()).length > 0 ? null : "there is no iptables: apt install iptables";

/** What systemd needs of a container, and root to see whose programs are whose: no more rights than these are there everywhere. */
const bootable = [
  ...["--stop-signal", "SIGRTMIN+3"],
  ...[
    "--cap-add",
    "SYS_ADMIN",
    "--cap-add",
    "SYS_PTRACE",
    "--tmpfs",
    "/run",
    "--tmpfs",
    "/run/lock",
    "--tmpfs",
    "/tmp",
  ],
  ...["--volume", "/sys/fs/cgroup:/sys/fs/cgroup:ro"],
];
