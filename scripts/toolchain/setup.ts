// The set-up: brings every tool that is missing, each from the first source that works, into natsby's cache.
//
// It reads, all optional:
//   NATSBY_CACHE        the cache's folder (see paths.ts)
//   NATSBY_NATS_SERVER  a nats-server to use as it is
//   NATSBY_OFFLINE=1    no download is tried, and Go builds from its module cache alone
//   HTTPS_PROXY, NO_PROXY, GOPROXY and Go's other settings, as downloads and Go understand them

import { join } from "node:path";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { prepareImages } from "../docker/prepare-images.ts";
import { refuseOddFolder } from "./folder.ts";
import { waysToLanguageHost } from "./language-runtime.ts";
import { placeLaunchers } from "./launchers.ts";
import { prepareLocalTry } from "./local-try.ts";
import { withLock } from "./lock.ts";
import { complete, everyTool, type Look, look, type Toolchain } from "./look.ts";
import { waysToNatsServer } from "./nats-server.ts";
import { cacheDir, isWritable, natsServerVersion, projectRoot, type Variables } from "./paths.ts";
import { sweepWorkFolders } from "./place.ts";
import { commandPlugin, dockerPlugin, type Plugin, pluginUnreachable, waysToPlugin } from "./plugin.ts";
import type { OnProgress } from "./progress.ts";
import { waysToPulumi } from "./pulumi.ts";
import { withoutNatsby } from "./shell-environment.ts";
import { dockerIsAsked } from "./stack-platforms.ts";
import { bringNatsServer, versionsAsked } from "./stack-versions.ts";
import { bring, type Found, isTool } from "./tool.ts";

export type { OnProgress, Toolchain };

/**
 * Brings what is missing and says so; with everything there it only looks, which costs a few milliseconds.
 * @param docker whether the plugin docker is needed. @default where a stack of this checkout runs on Docker
 */
export async function setUp(
  onProgress: OnProgress,
  env: Variables = process.env,
  docker: boolean = dockerIsAsked(),
): Promise<Toolchain> {
  refuseOddFolder(projectRoot);
  const shell = withoutNatsby(env);
  const toolchain = complete(await lookOnline(env, docker)) ?? (await bringAll(onProgress, shell, docker));
  for (const version of versionsAsked()) await bringNatsServer(version, onProgress, shell);
  if (docker) await prepareImages([natsServerVersion, ...versionsAsked()], onProgress, shell);
  placeLaunchers(toolchain);
  prepareLocalTry();
  return toolchain;
}

async function bringAll(onProgress: OnProgress, env: Variables, docker: boolean): Promise<Toolchain> {
  const cache = cacheDir(env);
  if (!isWritable(cache)) {
    const hint = "Name another place: NATSBY_CACHE=/some/folder npm start";
    throw new UserError(`natsby's cache ${cache} cannot be written.`, { code: "cache-read-only", hint });
  }
  const onWait = (holder: string): void => {
    onProgress({ kind: "waiting", text: `waiting for another set-up, ${holder}, to finish with ${cache}` });
  };
  return withLock(join(cache, "setup.lock"), onWait, async () => {
    sweepWorkFolders(env);
    await bringMissing(await lookOnline(env, docker), onProgress, env);
    const after = look(env, docker);
    return complete(after) ?? nothingWorks(after);
  });
}

/** Looks, and doubts a plugin that Pulumi would have to fetch where nothing can be fetched. */
async function lookOnline(env: Variables, docker: boolean): Promise<Look> {
  const found = look(env, docker);
  const command = await doubt(commandPlugin, found.commandPlugin, env);
  if (found.dockerPlugin === undefined) return { ...found, commandPlugin: command };
  return { ...found, commandPlugin: command, dockerPlugin: await doubt(dockerPlugin, found.dockerPlugin, env) };
}

async function doubt(plugin: Plugin, found: Found, env: Variables): Promise<Found> {
  if (!isTool(found) || found.source !== "pulumi") return found;
  const reason = await pluginUnreachable(plugin, env);
  if (!reason) return found;
  const { name, version } = found;
  return { name, version, passed: [{ source: "Pulumi's own download", reason }] };
}

/** The pieces of Pulumi need each other in this order; nats-server is brought at the same time. */
async function bringMissing(found: Look, onProgress: OnProgress, env: Variables): Promise<void> {
  const { node, natsServer } = found;
  if (!isTool(node)) await bring(node, [], onProgress);
  const natsServerThere = isTool(natsServer) || bring(natsServer, waysToNatsServer(env, onProgress), onProgress);
  const outcomes = await Promise.allSettled([bringPulumi(found, onProgress, env), natsServerThere]);
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
  if (failures.length > 1 && failures.every((failure) => failure instanceof UserError)) throw both(failures);
  if (failures.length > 0) throw failures[0];
}

async function bringPulumi(found: Look, onProgress: OnProgress, env: Variables): Promise<void> {
  if (!isTool(found.pulumi)) await bring(found.pulumi, waysToPulumi(env, onProgress), onProgress);
  const { pulumi, languageHost, pulumiHome } = look(env, false);
  if (!isTool(pulumi)) return;
  if (!isTool(languageHost)) await bring(languageHost, waysToLanguageHost(env), quietly(onProgress));
  for (const [plugin, there] of [
    [commandPlugin, found.commandPlugin],
    [dockerPlugin, found.dockerPlugin],
  ] as const) {
    if (there === undefined || isTool(there)) continue;
    await bring(there, waysToPlugin(plugin, pulumi, pulumiHome, env, onProgress), onProgress);
  }
}

/** The language host is written in a moment: that it was not there before is no news. */
const quietly =
  (onProgress: OnProgress): OnProgress =>
  (progress) => {
    if (progress.kind !== "passed") onProgress(progress);
  };

function both(failures: readonly UserError[]): UserError {
  const [first] = failures;
  const { hint, code } = first ?? {};
  return new UserError(failures.map(messageOf).join("\n"), { ...(hint && { hint }), ...(code && { code }) });
}

function nothingWorks(found: Look): never {
  const broken = everyTool<Found>(found).flatMap((tool) => (isTool(tool) ? [] : [tool]));
  const reasons = broken.flatMap(({ name, passed }) => passed.map(({ reason }) => `  ${name}: ${reason}`));
  throw new UserError(["What was just brought does not work:", ...reasons].join("\n"), { code: "tool-missing" });
}
