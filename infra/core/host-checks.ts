// Whether a host has what a stack needs of it, judged from what it says of itself. Pure.

import { archOf } from "./nats-server-release.ts";

/** Something about a machine or host that is right or not. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Whether natsby cannot work without it; else it is only good to know. */
  readonly needed: boolean;
  readonly text: string;
  /** What to do about it; absent where it is right. */
  readonly mend?: string;
}

/** What a host says of itself. */
export interface HostFacts {
  readonly system: string;
  readonly architecture: string;
  readonly isRoot: boolean;
  /** Null where systemd does not run it. */
  readonly systemd: number | null;
  /** Below the stack's folder; null where it cannot be told. */
  readonly freeKilobytes: number | null;
  /** How far its clock is ahead of this machine's, and by how much that may be wrong. */
  readonly clockAheadMs: number;
  readonly clockMarginMs: number;
  readonly roundTripMs: number;
  /** Of the nats-server on its PATH; null where there is none. */
  readonly natsServer: string | null;
}

/** A port that a server of the stack will listen on, and who has it now: null where it is free or that server's own. */
export interface WantedPort {
  readonly server: string;
  readonly port: number;
  readonly takenBy: string | null;
}

const architectures: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };
/** The first with `Type=exec` and `StandardOutput=append:`. */
const oldestSystemd = 240;
const wantedGigabytes = 1;
/** More would not be told from messages that are late. */
const mostClockMs = 500;

/** Every check. `here` is this machine's architecture in the same words: its nats-server is brought there. */
export function checkHost(facts: HostFacts, ports: readonly WantedPort[], here: string): readonly Check[] {
  return [
    system(facts, here),
    rights(facts),
    manager(facts),
    clock(facts),
    disk(facts),
    portsFree(ports),
    server(facts),
  ];
}

function check(name: string, ok: boolean, text: string, mend: string, needed = true): Check {
  return { name, ok, needed, text, ...(ok ? {} : { mend }) };
}

function system({ system, architecture }: HostFacts, here: string): Check {
  const text = `${system} ${architecture}`;
  const ok = system === "Linux" && (architectures[architecture] ?? architecture) === here;
  if (ok || archOf(text) === null)
    return check("system", ok, text, "There is no nats-server for it: natsby's hosts run Linux, on amd64 or arm64.");
  const mend = `This machine's nats-server, for ${here}, does not run there: it downloads its own, by curl or wget, from the vendor or natsServer.downloadUrl.`;
  return check("system", false, text, mend, false);
}

function rights({ isRoot }: HostFacts): Check {
  const mend =
    "As this user natsby makes no units: root, or sudo as in docs/ssh.md, starts servers again after a reboot.";
  return check("rights", isRoot, isRoot ? "root" : "a user without root's rights", mend, false);
}

function manager({ systemd }: HostFacts): Check {
  if (systemd === null) {
    return check(
      "systemd",
      false,
      "does not run it",
      "Nothing starts again by itself there, nor after a reboot.",
      false,
    );
  }
  return check(
    "systemd",
    systemd >= oldestSystemd,
    String(systemd),
    `systemd ${oldestSystemd} or newer is needed for units.`,
  );
}

function clock({ clockAheadMs, clockMarginMs }: HostFacts): Check {
  const ok = Math.abs(clockAheadMs) - clockMarginMs < mostClockMs;
  const text = `${Math.abs(clockAheadMs)} ms ${clockAheadMs < 0 ? "behind" : "ahead of"} this machine's, ± ${clockMarginMs} ms`;
  return check("clock", ok, text, "Set the clocks by NTP: apt install chrony.", false);
}

function disk({ freeKilobytes }: HostFacts): Check {
  if (freeKilobytes === null) return check("free disk", false, "cannot be told", "df there", false);
  const gigabytes = freeKilobytes / 1024 ** 2;
  return check(
    "free disk",
    gigabytes >= wantedGigabytes,
    `${gigabytes.toFixed(1)} GB`,
    `Make room: ${wantedGigabytes} GB are wanted.`,
    false,
  );
}

function portsFree(ports: readonly WantedPort[]): Check {
  const taken = ports.filter(({ takenBy }) => takenBy !== null);
  const words = taken.map(({ server, port, takenBy }) => `${port} of ${server} is taken by ${takenBy}`);
  const text = taken.length > 0 ? words.join("; ") : ports.map(({ port }) => port).join(", ") || "none are wanted";
  return check("ports", taken.length === 0, text, "Stop that program, or give the server another port in the config.");
}

function server({ natsServer }: HostFacts): Check {
  const text =
    natsServer === null
      ? "no nats-server on PATH: natsby brings its own"
      : `nats-server ${natsServer} on PATH; natsby brings its own`;
  return check("version", true, text, "");
}
