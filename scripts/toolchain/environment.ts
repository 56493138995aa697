// What a shell or a child must have in its environment so that `pulumi`, `node` and `natsby` are the right ones. It adds
// what is missing and leaves alone what the user set.

import { delimiter, join } from "node:path";
import { launchersFor } from "./launchers.ts";
import { hasOwnPassphrase, isLocalTry, localBackend } from "./local-try.ts";
import type { Toolchain } from "./look.ts";
import { launcherDir, onPath, passphraseFile, type Variables } from "./paths.ts";
import { withoutNatsby, withoutNpm } from "./shell-environment.ts";

/** The variables of `natsby env` that this environment lacks, for a child that is about to be started. */
export function toolEnvironment(toolchain: Toolchain, env: Variables = process.env): Record<string, string> {
  const { PATH = "", ...others } = fullEnvironment(toolchain, env);
  return { ...(lacksLaunchers(toolchain, env) ? { PATH } : {}), ...missing(others, env) };
}

/** Every variable that matters, whether or not this environment has it already. */
export function fullEnvironment(toolchain: Toolchain, env: Variables): Record<string, string> {
  const folders = [launcherDir, withoutNatsby(env).PATH].filter(Boolean);
  return { PATH: folders.join(delimiter), ...wantedVariables(toolchain, env) };
}

/** Whether one of natsby's launchers is not what this environment's PATH leads to. */
export function lacksLaunchers(toolchain: Toolchain, env: Variables): boolean {
  const shell = withoutNpm(env);
  const names = ["natsby", ...launchersFor(toolchain).keys()];
  return names.some((name) => onPath(name, shell)[0] !== join(launcherDir, name));
}

/** Every variable but PATH that is missing or was left by another clone. */
export const missingVariables = (toolchain: Toolchain, env: Variables): Record<string, string> =>
  missing(wantedVariables(toolchain, env), env);

const missing = (wanted: Record<string, string>, env: Variables): Record<string, string> =>
  Object.fromEntries(Object.entries(wanted).filter(([name, value]) => env[name] !== value));

function wantedVariables(toolchain: Toolchain, env: Variables): Record<string, string> {
  const { pulumi, commandPlugin, dockerPlugin, pulumiHome } = toolchain;
  const own = pulumi.source === "PATH";
  const local = isLocalTry(env, pulumiHome);
  return {
    // Pulumi's default is the user's own home: named only where something else stands in the environment.
    ...(own && !env.PULUMI_HOME ? {} : { PULUMI_HOME: pulumiHome }),
    ...(local ? { PULUMI_BACKEND_URL: localBackend } : {}),
    ...(local && !hasOwnPassphrase(env) ? { PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile } : {}),
    ...(own ? {} : unlessSet("PULUMI_SKIP_UPDATE_CHECK", env)),
    // Without this a plugin that cannot be fetched stalls `pulumi up` for minutes on a closed network.
    ...(commandPlugin.standIn || dockerPlugin?.standIn
      ? unlessSet("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", env)
      : {}),
  };
}

const unlessSet = (name: string, env: Variables): Record<string, string> => ({ [name]: env[name] ?? "true" });
