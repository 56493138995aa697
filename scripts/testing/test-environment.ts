// The environment of checks and tests: natsby's tools first on PATH, and nothing of the user's own Pulumi or npm.

import { delimiter, dirname } from "node:path";
import type { Toolchain } from "../toolchain/look.ts";
import { launcherDir, type Variables } from "../toolchain/paths.ts";
import { withoutNatsby } from "../toolchain/shell-environment.ts";

/** A login, a backend, a passphrase, or a runner around this one would change what tests see. */
const strange = /^(PULUMI_|NPM_(?!CONFIG_)|NODE_TEST|NATSBY_(OBSERVE|FAILPOINT|PROCESS|OFFLINE))/i;

/** For programs of node_modules: the Node that runs this one is PATH's `node`. */
export function checkEnvironment(env: Variables = process.env): NodeJS.ProcessEnv {
  const shell = withoutNatsby(env);
  const kept = Object.fromEntries(Object.entries(shell).filter(([name]) => !strange.test(name)));
  return { ...kept, PATH: [dirname(process.execPath), shell.PATH].filter(Boolean).join(delimiter) };
}

/** For tests: what a user's shell has after `natsby env`, but no backend, home or passphrase. */
export function testEnvironment({ natsServer }: Toolchain, env: Variables = process.env): NodeJS.ProcessEnv {
  const { PATH } = withoutNatsby(env);
  const folders = [launcherDir, dirname(natsServer.path), PATH];
  return { ...checkEnvironment(env), PATH: folders.filter(Boolean).join(delimiter), PULUMI_SKIP_UPDATE_CHECK: "true" };
}
