// The nats-server that runs a server: the toolchain's own on this machine; on a host of its own a copy of it, brought once; in a container its image's.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../infra/core/errors.ts";
import { natsServerThere } from "../../infra/core/layout.ts";
import type { ServerPlan } from "../../infra/core/plan.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { isOrRepairs } from "../toolchain/nats-server.ts";
import { natsServerFor } from "../toolchain/stack-versions.ts";
import { versionIn } from "../toolchain/version.ts";

/** Copying takes a while on a slow road. */
const turnMs = 120_000;
const askMs = 20_000;

/** Its path on the server's host. @throws UserError where this machine has none, or none that runs there. */
export async function natsServerOn(host: Host, plan: ServerPlan): Promise<string> {
  if (host.natsServer !== undefined) return imagesOwn(host, host.natsServer, plan.version);
  const own = natsServerFor(plan.version);
  if (plan.host === undefined) return own;
  const path = natsServerThere(plan.dataDir, plan.version);
  await host.inTurn(path, turnMs, async () => {
    const wanted = await digestOf(own);
    if ((await digestThere(host, path)) === wanted) return;
    await refuseOtherMachine(host);
    await host.bring(own, path, 0o755);
    if ((await digestThere(host, path)) === wanted) return;
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

/** A program of another machine would only not start, and say nothing that helps. */
async function refuseOtherMachine(host: Host): Promise<void> {
  const machines: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };
  const { stdout } = await host.run(["uname", "-sm"], { withinMs: askMs });
  const own = `Linux ${machines[process.arch] ?? process.arch}`;
  if (stdout.trim() === own) return;
  throw new UserError(`host ${host.name} is ${stdout.trim()}, and the nats-server of this machine is for ${own}`, {
    code: "tool-missing",
    hint: "run natsby on a machine like the stack's hosts",
  });
}
