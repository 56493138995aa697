// The nats-server that runs a server: the toolchain's own on this machine; on a host of its own one that it downloads or that is copied
// there, once a version; in a container its image's.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { natsServerThere } from "../../infra/core/layout.ts";
import { archOf, type NatsServerRelease, releaseOf } from "../../infra/core/nats-server-release.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { checksumOf } from "../toolchain/download.ts";
import { isOrRepairs } from "../toolchain/nats-server.ts";
import { fetchText } from "../toolchain/network.ts";
import { natsServerFor } from "../toolchain/stack-versions.ts";
import { versionIn } from "../toolchain/version.ts";
import { downloadThere } from "./nats-server-download.ts";

/** Copying and downloading take a while on a slow road. */
const turnMs = 240_000;
const askMs = 20_000;
const sumsMs = 5_000;

/** Its path on the server's host. @throws UserError where neither it nor this machine has one that runs there. */
export async function natsServerOn(host: Host, plan: ServerPlan): Promise<string> {
  if (host.natsServer !== undefined) return imagesOwn(host, host.natsServer, plan.version);
  if (plan.host === undefined) return natsServerFor(plan.version);
  const path = natsServerThere(plan.dataDir, plan.version);
  await host.inTurn(path, turnMs, async () => {
    const own = ownNatsServer(plan.version);
    const copied = "path" in own ? await digestOf(own.path) : null;
    const there = await digestThere(host, path);
    if (there !== null && (there === copied || there === (await downloadedOnce(host, path)))) return;
    const machine = await machineOf(host);
    const why = await download(host, plan, path, machine);
    if (why === null) return;
    if (!("path" in own) || machine !== thisMachine) throw neitherWay(host, plan, machine, why, own);
    tell(plan, `host ${host.name} does not download it (${why}): it is copied there`);
    await host.bring(own.path, path, 0o755);
    if ((await digestThere(host, path)) === copied) return;
    throw new Error(`${path} on host ${host.name} is not what was brought there`);
  });
  return path;
}

/** An image that the config names may have another version than the config says. */
async function imagesOwn(host: Host, path: string, wanted: string): Promise<string> {
  const { stdout } = await host.run([path, "--version"], { withinMs: askMs });
  const found = versionIn(stdout);
  if (found === undefined || isOrRepairs(found, wanted)) return path;
  throw new UserError(`the image on host ${host.name} has nats-server ${found}, and the config says ${wanted}`, {
    code: "tool-missing",
    hint: `pulumi config set --path natsServer.version ${found}`,
  });
}

const tell = ({ version }: ServerPlan, text: string): void =>
  void process.stderr.write(`nats-server ${version}: ${text}\n`);

type Own = { readonly path: string } | { readonly missing: string };

function ownNatsServer(version: string): Own {
  try {
    return { path: natsServerFor(version) };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

/** What a download wrote beside what it brought: nobody but root writes there. Who names a program of their own wants that one. */
async function downloadedOnce(host: Host, path: string): Promise<string | null> {
  if (process.env.NATSBY_NATS_SERVER) return null;
  return /^[0-9a-f]{64}/.exec((await host.read(`${path}.sha256`)) ?? "")?.[0] ?? null;
}

/** Has the host fetch the release. Null when it is there; else why not. @throws UserError where what came is not what it should be. */
async function download(host: Host, plan: ServerPlan, path: string, machine: string): Promise<string | null> {
  if (process.env.NATSBY_NATS_SERVER) return "NATSBY_NATS_SERVER names one";
  if (process.env.NATSBY_OFFLINE) return "NATSBY_OFFLINE is set";
  const arch = archOf(machine);
  if (arch === null) return `there is no release for ${machine}`;
  const { code } = await host.run(["sh", "-c", "command -v curl || command -v wget"], { withinMs: askMs });
  if (code !== 0) return "it has neither curl nor wget";
  const release = releaseOf(plan.version, arch, plan.download?.downloadUrl);
  try {
    const sum = plan.download?.sha256?.[arch] ?? checksumOf(release.archive, await sumsOf(release));
    tell(plan, `host ${host.name} downloads ${release.url}, usually 5 to 60 s`);
    await downloadThere(host, release, sum, path);
    return null;
  } catch (error) {
    if (error instanceof UserError) throw error;
    return messageOf(error);
  }
}

const sumsOf = ({ sums }: NatsServerRelease): Promise<string> => fetchText(sums, { withinMs: sumsMs });

/** As `uname` says it. */
async function machineOf(host: Host): Promise<string> {
  const { stdout } = await host.run(["uname", "-sm"], { withinMs: askMs });
  return stdout.trim();
}

const machines: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
const systems: Readonly<Record<string, string>> = { linux: "Linux", darwin: "Darwin" };
const thisMachine = `${systems[process.platform] ?? process.platform} ${machines[process.arch] ?? process.arch}`;

function neitherWay(host: Host, plan: ServerPlan, machine: string, why: string, own: Own): UserError {
  const copy = "path" in own ? `this machine's is for ${thisMachine}` : own.missing;
  const { url } = releaseOf(plan.version, archOf(machine) ?? "<arch>", plan.download?.downloadUrl);
  return new UserError(
    `host ${host.name} (${machine}) gets no nats-server ${plan.version}: it does not download it (${why}), and ${copy}`,
    {
      code: "tool-missing",
      hint: `let it fetch ${url} by curl or wget, or from a mirror: pulumi config set --path natsServer.downloadUrl <url>; or run natsby on a machine like it`,
    },
  );
}

/** Null where there is no such file. */
async function digestThere(host: Host, path: string): Promise<string | null> {
  const { code, stdout } = await host.run(["sha256sum", path], { withinMs: askMs });
  return code === 0 ? (/[0-9a-f]{64}/.exec(stdout)?.[0] ?? null) : null;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
