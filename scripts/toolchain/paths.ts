// Where everything that the set-up brings lies, and which versions are pinned. Looks at the disk; never writes to it.

import { accessSync, constants, statSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { UserError } from "../../infra/core/errors.ts";

/** Variables of a process, as `process.env` gives them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Pulumi's CLI: the version that is built or downloaded; later ones on PATH are taken too. */
export const pulumiVersion = "3.274.1";
/** The nats-server of every upstream and dummy of a stack that names no other. */
export const natsServerVersion = "2.15.2";
/** Pulumi's plugin `command`: must be the version of `@pulumi/command` in package.json. */
export const commandPluginVersion = "1.2.1";
/** Pulumi's plugin `docker`: must be the version of `@pulumi/docker` in package.json. */
export const dockerPluginVersion = "5.2.0";
/** The oldest Node that runs TypeScript without a flag. */
export const oldestNode = "22.18.0";

/** Folder of this checkout. */
export const projectRoot: string = resolve(import.meta.dirname, "../..");
/** What runs and what is known of it, ignored by git: removed with the checkout. */
export const runtimeDir: string = join(projectRoot, ".natsby");
/** Folder of the file backend of a local try. */
export const stateDir: string = join(runtimeDir, "state");
/** Protects the secrets in the local try's config and state. */
export const passphraseFile: string = join(runtimeDir, "passphrase");
/** Launchers that `natsby env` puts on PATH. */
export const launcherDir: string = join(runtimeDir, "bin");

/**
 * natsby's cache, one per user and shared by clones: `NATSBY_CACHE`, else `$XDG_CACHE_HOME/natsby`, else
 * `$HOME/.cache/natsby`; inside the project where none of these can be written.
 */
export function cacheDir(env: Variables = process.env): string {
  if (env.NATSBY_CACHE) return resolve(env.NATSBY_CACHE);
  const shared = [env.XDG_CACHE_HOME, env.HOME && join(env.HOME, ".cache")];
  const base = shared.find((folder) => folder && isAbsolute(folder) && isWritable(folder));
  return base ? join(base, "natsby") : join(runtimeDir, "cache");
}

/** The PULUMI_HOME that natsby fills where the machine has no Pulumi of its own. */
export const cachedPulumiHome = (env?: Variables): string => join(cacheDir(env), "pulumi");

/** Folder of the CLI and language host that natsby brought. */
export const cachedPulumiBin = (env?: Variables): string =>
  join(cachedPulumiHome(env), "versions", pulumiVersion, "bin");

/** Where a PULUMI_HOME keeps a plugin. */
export const pluginDir = (pulumiHome: string, kind: string, version: string): string =>
  join(pulumiHome, "plugins", `resource-${kind}-v${version}`);

/** Where a PULUMI_HOME keeps the plugin `command`. */
export const commandPluginDir = (pulumiHome: string): string => pluginDir(pulumiHome, "command", commandPluginVersion);

/** The nats-server that natsby brought. */
export const cachedNatsServer = (env?: Variables, version: string = natsServerVersion): string =>
  join(cacheDir(env), "nats-server", version, "bin", "nats-server");

/** The PULUMI_HOME that Pulumi itself would use: without the variable it goes by the passwd entry, never by HOME. */
export function pulumiHomeOf(env: Variables): string {
  return env.PULUMI_HOME || join(userInfo().homedir, ".pulumi");
}

/**
 * The nats-server to run: `NATSBY_NATS_SERVER`, else natsby's own, else PATH's. natsby's own goes before PATH's, so
 * that a running cluster never changes its binary because a shell has another PATH.
 */
export function natsServerPath(env: Variables = process.env): string {
  const found = env.NATSBY_NATS_SERVER || firstExecutable([cachedNatsServer(env)]) || onPath("nats-server", env)[0];
  if (found) return found;
  throw new UserError("There is no nats-server: neither in natsby's cache nor on PATH.", {
    code: "tool-missing",
    hint: "npm start brings it; natsby doctor lists what is missing.",
  });
}

/** Every executable of this name on PATH, in PATH's order. */
export function onPath(name: string, env: Variables = process.env): readonly string[] {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}

/** Whether this is a file that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const firstExecutable = (paths: readonly string[]): string | undefined => paths.find(isExecutable);

/** Whether a folder can be written, or made where it does not exist yet. */
export function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    return missing && dirname(folder) !== folder && isWritable(dirname(folder));
  }
}
