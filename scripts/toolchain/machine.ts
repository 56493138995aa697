// Looks at what natsby needs of the machine besides its tools. Changes nothing.

import { existsSync } from "node:fs";
import { arch, platform } from "node:os";
import { messageOf, type UserError } from "../../infra/core/errors.ts";
import type { Check } from "../../infra/core/host-checks.ts";
import { refuseOddFolder } from "./folder.ts";
import { roomIn } from "./go.ts";
import { cacheDir, isWritable, onPath, projectRoot, runtimeDir, type Variables } from "./paths.ts";
import { withoutNatsby } from "./shell-environment.ts";
import { verify } from "./verified.ts";

/** What a day of logs and state, and a build's leftovers, can need. */
const comfortableGigabytes = 1;

/** Every check. `building` says whether a tool is missing that Go may have to build. */
export function checkMachine(building: boolean, env: Variables = process.env): readonly Check[] {
  const shell = withoutNatsby(env);
  return [system(), folder(), writable(shell), disk(shell, building), npm(shell), go(shell, building)];
}

function system(): Check {
  const ok = platform() === "linux" && existsSync("/proc/self/stat") && ["x64", "arm64"].includes(arch());
  const text = `${platform()} ${arch()}${existsSync("/proc/self/stat") ? " with /proc" : ", no /proc"}`;
  return { name: "system", ok, needed: true, text, ...(ok ? {} : { mend: "Run natsby on Linux, x64 or arm64." }) };
}

function folder(): Check {
  const name = "folder";
  try {
    refuseOddFolder(projectRoot);
    return { name, ok: true, needed: true, text: projectRoot };
  } catch (error) {
    const { hint } = error as UserError;
    return { name, ok: false, needed: true, text: messageOf(error), ...(hint && { mend: hint }) };
  }
}

function writable(env: Variables): Check {
  const shut = [cacheDir(env), runtimeDir].filter((path) => !isWritable(path));
  const [name, needed] = ["cache", true];
  if (shut.length === 0) return { name, ok: true, needed, text: cacheDir(env) };
  const mend = "Name another place: export NATSBY_CACHE=/some/folder";
  return { name, ok: false, needed, text: `${shut.join(" and ")} cannot be written`, mend };
}

function disk(env: Variables, building: boolean): Check {
  const wanted = building ? 3 : comfortableGigabytes;
  const free = Math.min(...[cacheDir(env), runtimeDir].map(roomIn)) / 1024 ** 3;
  const check = { name: "free disk", ok: free >= wanted, needed: building, text: `${free.toFixed(1)} GB` };
  return check.ok ? check : { ...check, mend: `Make room: ${wanted} GB are wanted.` };
}

/** npm is what brings node_modules, and with it Node itself. */
function npm(env: Variables): Check {
  return program("npm", ["--version"], false, "Install npm: apt install npm", env);
}

/** Go is needed only where the vendors' downloads cannot be reached. */
function go(env: Variables, building: boolean): Check {
  const mend = "Install Go from https://go.dev/dl, if official downloads cannot be reached.";
  return program("go", ["version"], building, mend, env);
}

function program(name: string, args: readonly string[], needed: boolean, mend: string, env: Variables): Check {
  const [path] = onPath(name, env);
  if (!path) return { name, ok: false, needed, text: "not on PATH", mend };
  const found = verify(path, args, env);
  if ("version" in found) return { name, ok: true, needed, text: `${found.version}, ${path}` };
  return { name, ok: false, needed, text: found.reason, mend };
}
