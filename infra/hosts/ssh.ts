// Driver `ssh`: a machine that is reached over SSH. All that it needs there is sshd and a POSIX shell; nothing of natsby's stays.

import type { Host, StartOptions } from "./host.ts";
import { filesThere } from "./ssh/files.ts";
import { guardedThere } from "./ssh/guarded.ts";
import { portOwnerThere } from "./ssh/port-owner.ts";
import { type Boots, processesThere } from "./ssh/processes.ts";
import { word } from "./ssh/quote.ts";
import { runThere } from "./ssh/run.ts";
import { Session, type SessionOptions } from "./ssh/session.ts";
import type { SshTarget } from "./ssh/target.ts";
import { Tunnels } from "./ssh/tunnel.ts";
import { forgetUnit, hasSystemd, startDetached, startUnit, unitName } from "./ssh/units.ts";

export { jumpHosts } from "./ssh/connection.ts";

/** What a host is to the stack. */
export interface SshHostOptions extends SessionOptions {
  /** The stack's name: units are named after it. */
  readonly stack: string;
  /** The stack's folder there. */
  readonly dataDir: string;
  /** Who keeps processes running. @default systemd where it runs the host and natsby is root there */
  readonly serviceManager?: "systemd" | "none";
}

/** Systemd may have much to do. */
const startMs = 30_000;

/** A machine as the host of the stack. Connects when it is first asked something. */
export function sshHost(target: SshTarget, options: SshHostOptions): Host {
  const { dataDir, stack } = options;
  const session = new Session(target, options);
  const tunnels = new Tunnels(session);
  const files = filesThere(session);
  const boots: Boots = new Map();
  const unitOf = (name: string): string => unitName(stack, name);
  const ifSystemd = { systemd: "true", none: "false", undefined: hasSystemd }[String(options.serviceManager)];
  return {
    name: target.name,
    ...files,
    ...guardedThere(session, files, dataDir, boots),
    ...processesThere(session, dataDir, unitOf, boots),
    async remove(path) {
      // A unit between two starts has no process that could be stopped: it goes with its folder.
      const [, name] = path.startsWith(`${dataDir}/`) ? path.split(`${dataDir}/`) : [];
      if (name !== undefined && /^[\w.-]+$/.test(name))
        await session.script(forgetUnit(unitOf(name)), `removes ${path}`);
      await files.remove(path);
    },
    run: (argv, how) => runThere(session, argv, how),
    async start(start: StartOptions) {
      const script = `if ${ifSystemd}; then\n${startUnit(unitOf(start.name), start, dataDir)}\nelse\n${startDetached(unitOf(start.name), start, dataDir)}\nfi`;
      const { code, stdout, stderr } = await session.script(script, `starts ${start.name}`, startMs);
      if (code !== 0)
        throw new Error(`${target.name}: ${start.name} cannot be started: ${stderr.trim() || word(start.argv[0])}`);
      return Number(stdout);
    },
    portOwner: (address, port) => portOwnerThere(session, address, port),
    reach: (port, address = "127.0.0.1") => tunnels.reach(port, address),
    async [Symbol.asyncDispose]() {
      tunnels.close();
      await session.close();
    },
  };
}
