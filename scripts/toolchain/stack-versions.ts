// The nats-server of a stack that names a version of its own: where it is, and how it is brought.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../infra/core/errors.ts";
import { isOrRepairs, waysToNatsServer } from "./nats-server.ts";
import { cachedNatsServer, natsServerPath, natsServerVersion, projectRoot, type Variables } from "./paths.ts";
import type { OnProgress } from "./progress.ts";
import { bring } from "./tool.ts";
import { verify } from "./verified.ts";

/**
 * The nats-server to run for a stack that asks for `version`.
 * @throws UserError where this machine has none.
 */
export function natsServerFor(version: string, env: Variables = process.env): string {
  const cached = cachedNatsServer(env, version);
  const path = env.NATSBY_NATS_SERVER || !existsSync(cached) ? natsServerPath(env) : cached;
  const found = verify(path, ["--version"], env);
  if ("version" in found && isOrRepairs(found.version, version)) return path;
  const instead = "version" in found ? `${path} is ${found.version}` : found.reason;
  throw new UserError(`nats-server ${version}, which the stack's config asks for, is not here: ${instead}`, {
    code: "tool-missing",
    hint: env.NATSBY_NATS_SERVER ? "NATSBY_NATS_SERVER names another one: unset it" : "npx natsby env brings it",
  });
}

/** Brings this version where it is missing. @throws UserError where no source has it. */
export async function bringNatsServer(version: string, onProgress: OnProgress, env: Variables): Promise<void> {
  if (env.NATSBY_NATS_SERVER || version === natsServerVersion || existsSync(cachedNatsServer(env, version))) return;
  await bring({ name: "nats-server", version, passed: [] }, waysToNatsServer(env, onProgress, version), onProgress);
}

/** The versions that the stacks of this checkout name. */
export function versionsAsked(folder: string = join(projectRoot, "stacks")): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^Pulumi\..+\.yaml$/.test(name)) : [];
  const found = names.flatMap((name) => versionIn(readFileSync(join(folder, name), "utf8")) ?? []);
  return [...new Set(found)];
}

/** As `pulumi config set --path natsServer.version` writes it, as JSON in a line, or by hand: read for speed without a parser. */
function versionIn(text: string): string | undefined {
  return /^ *[\w-]*:?natsServer:[^\n]*?(?:\n +)?["']?\{?["']?version["']?: *["']?(\d+\.\d+\.\d+[\w.-]*)/m.exec(
    text,
  )?.[1];
}
