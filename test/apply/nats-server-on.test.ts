// Where a host of its own gets its nats-server from: it downloads the release and checks it, or gets this machine's. A real sshd, curl,
// wget, and a mirror on loopback; a host of another kind is one whose sshd runs under `setarch`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { natsServerThere } from "../../infra/core/layout.ts";
import type { NatsServerSource } from "../../infra/core/nats-server-release.ts";
import { dummyPlan, type ServerPlan } from "../../infra/core/plan.ts";
import { sshHost } from "../../infra/hosts/ssh.ts";
import { natsServerOn } from "../../scripts/apply/nats-server-on.ts";
import { onPath } from "../../scripts/toolchain/paths.ts";
import { natsServerFor } from "../../scripts/toolchain/stack-versions.ts";
import { noSshd, type Sshd, startSshd } from "../support/sshd.ts";
import { temporary } from "../support/temporary.ts";
import { testPublisher, testTopology } from "../support/topology.ts";

const version = "2.15.2";
const missing = ["curl", "wget", "setarch", "tar"].find((program) => onPath(program).length === 0);
const skip = noSshd() ?? (missing === undefined ? false : `there is no ${missing}: apt install ${missing}`);

describe("a host gets its nats-server", { skip }, () => {
  const folder = temporary("mirror");
  const asked: string[] = [];
  const server = createServer(({ url = "" }, answer) => {
    asked.push(url);
    const file = join(folder.path, "served", url);
    if (existsSync(file)) answer.end(readFileSync(file));
    else answer.writeHead(404).end();
  });
  let downloadUrl: string;
  let sshd: Sshd | undefined;
  const kept = { server: process.env.NATSBY_NATS_SERVER, offline: process.env.NATSBY_OFFLINE };

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    downloadUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}/releases/`;
    delete process.env.NATSBY_NATS_SERVER;
  });
  after(() => {
    server.close();
    if (kept.server !== undefined) process.env.NATSBY_NATS_SERVER = kept.server;
    folder[Symbol.dispose]();
  });
  beforeEach(() => {
    asked.length = 0;
    delete process.env.NATSBY_OFFLINE;
  });
  afterEach(async () => {
    await sshd?.[Symbol.asyncDispose]();
    if (kept.offline !== undefined) process.env.NATSBY_OFFLINE = kept.offline;
  });

  /** Puts a release for this architecture on the mirror, and returns the checksum of its archive. */
  function release(arch: string, sum?: string): string {
    const name = `nats-server-v${version}-linux-${arch}`;
    const at = join(folder.path, "served/releases", `v${version}`);
    mkdirSync(join(folder.path, name), { recursive: true });
    mkdirSync(at, { recursive: true });
    // Told apart from the one of this machine by what hangs on it.
    const binary = Buffer.concat([readFileSync(natsServerFor(version)), Buffer.from(`of the mirror, for ${arch}`)]);
    writeFileSync(join(folder.path, name, "nats-server"), binary, { mode: 0o755 });
    execFileSync("tar", ["-czf", join(at, `${name}.tar.gz`), "-C", folder.path, name]);
    const own = createHash("sha256")
      .update(readFileSync(join(at, `${name}.tar.gz`)))
      .digest("hex");
    writeFileSync(join(at, "SHA256SUMS"), `${sum ?? own}  ${name}.tar.gz\n`);
    return own;
  }

  /** Has it brought to a host, and says what is there. */
  async function bringTo(host: Sshd, download?: NatsServerSource) {
    sshd = host;
    const { port, user, hostKey, key } = host;
    const dataDir = `${host.folder}/data dir`;
    const target = { name: "east", address: "127.0.0.1", port, user, hostKey, privateKey: key.privateKey };
    await using there = sshHost(target, { stack: "test", dataDir, serviceManager: "none", sudo: false });
    const topology = testTopology({ dataDir });
    const plan: ServerPlan = { ...dummyPlan(topology, testPublisher(0)), host: "east", ...(download && { download }) };
    const path = await natsServerOn(there, plan);
    assert.equal(path, natsServerThere(dataDir, version));
    const again = asked.length;
    await natsServerOn(there, plan);
    assert.equal(asked.length, again, "it is fetched once");
    assert.match(execFileSync(path, ["--version"], { encoding: "utf8" }), /v2\.15\.2/);
    const left = readdirSync(join(dataDir, "bin")).filter((name) => name.includes("next"));
    assert.deepEqual(left, []);
    const end = readFileSync(path).subarray(-40).toString("latin1");
    return /of the mirror, for (\w+)$/.exec(end)?.[1] ?? "this machine";
  }

  /** Programs on PATH before all others; none of the others that `but` names are found. */
  function pathWithout(but: readonly string[]): string {
    const bin = join(folder.path, `bin-${but.join("-")}`);
    mkdirSync(bin, { recursive: true });
    const names = new Set(["/usr/bin", "/bin", "/usr/sbin"].flatMap((at) => readdirSync(at)));
    for (const name of names) {
      const [path] = onPath(name);
      if (path !== undefined && !but.includes(name) && !existsSync(join(bin, name))) symlinkSync(path, join(bin, name));
    }
    return bin;
  }

  const thisArch = process.arch === "x64" ? "amd64" : "arm64";

  it("by its own download, checked by the release's checksums", async () => {
    release(thisArch);
    assert.equal(await bringTo(await startSshd(), { downloadUrl }), thisArch);
    assert.deepEqual(asked, [
      `/releases/v${version}/SHA256SUMS`,
      `/releases/v${version}/nats-server-v${version}-linux-${thisArch}.tar.gz`,
    ]);
  });

  it("by a checksum of the config, and then nobody asks the mirror for one", async () => {
    const sum = release(thisArch, "0".repeat(64));
    assert.equal(await bringTo(await startSshd(), { downloadUrl, sha256: { [thisArch]: sum } }), thisArch);
    assert.equal(asked.length, 1);
  });

  it("of its own kind, where that is another than this machine's", async () => {
    release("386");
    assert.equal(await bringTo(await startSshd([], {}, ["setarch", "i686"]), { downloadUrl }), "386");
  });

  it("never what is not what its checksum says", async () => {
    release(thisArch, "0".repeat(64));
    await assert.rejects(bringTo(await startSshd(), { downloadUrl }), {
      code: "tool-missing",
      message: /host east: what http:\S+ gives is not what it should be: SHA-256 [0-9a-f]{64}, not 0{64}$/,
      hint: /NATSBY_OFFLINE=1/,
    });
    assert.deepEqual(readdirSync(join(sshd?.folder ?? "", "data dir/bin")), []);
  });

  it("from this machine, where it cannot be downloaded, or is not to be", async () => {
    assert.equal(await bringTo(await startSshd(), { downloadUrl: `${downloadUrl}nothing` }), "this machine");
    assert.equal(asked.length, 1, "only the checksums were asked for");
    await sshd?.[Symbol.asyncDispose]();
    asked.length = 0;
    process.env.NATSBY_OFFLINE = "1";
    assert.equal(await bringTo(await startSshd(), { downloadUrl }), "this machine");
    assert.equal(asked.length, 0);
  });

  it("neither way, where this machine is of another kind: told what to type", async () => {
    process.env.NATSBY_OFFLINE = "1";
    await assert.rejects(bringTo(await startSshd([], {}, ["setarch", "i686"])), {
      code: "tool-missing",
      message:
        /^host east \(Linux i686\) gets no nats-server 2\.15\.2: it does not download it \(NATSBY_OFFLINE is set\), and this machine's is for Linux /,
      hint: /let it fetch https:\/\/github\.com\S+-linux-386\.tar\.gz by curl or wget.*pulumi config set --path natsServer\.downloadUrl/,
    });
  });

  it("by wget, where it has no curl", async () => {
    release(thisArch);
    assert.equal(await bringTo(await startSshd([], { PATH: pathWithout(["curl"]) }), { downloadUrl }), thisArch);
  });
});
