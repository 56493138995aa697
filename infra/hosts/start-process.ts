// Starts a process that outlives natsby: own session, no inherited pipe, marked so that it is found again without a pid file.

import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { processMarker } from "../core/layout.ts";
import type { StartOptions } from "./host.ts";

/** Starts it and returns its pid. Rejects when the program cannot be executed. */
export function startProcess(options: StartOptions & { readonly dataDir: string }): Promise<number> {
  const { dataDir, name, cwd, output } = options;
  const [program, ...args] = options.argv;
  const log = openSync(output, "a", 0o600);
  const child = spawn(program, args, {
    cwd,
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...cleanEnvironment(), ...options.environment, [processMarker]: `${dataDir}/${name}` },
  });
  closeSync(log);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => {
      child.unref();
      resolve(child.pid as number);
    });
  });
}

/**
 * A server or publisher must not inherit Pulumi's secrets: every provider command sees the passphrase. Where natsby's cache
 * is stays known: the reference publisher would open another one below HOME.
 */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PULUMI_|NATSBY_(?!CACHE$)|NODE_COMPILE)/.test(name)),
  );
}
