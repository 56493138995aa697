// The pause record of a stack on a host, `paused.json`: read by whoever may change who is heard, written under the guard.

import { stackFiles } from "../core/layout.ts";
import { type Pause, parsePause } from "../core/pause.ts";
import { writeGuarded } from "./guarded-file.ts";
import { askAll, type Hosts } from "./hosts.ts";

/** The pause on the hosts, whether or not its time is over; null where there is none. */
export async function readPause({ all, dataDir }: Hosts, graceMs?: number): Promise<Pause | null> {
  const texts = await askAll(all, (host) => host.read(`${dataDir}/${stackFiles.pause}`), graceMs);
  const text = texts.find((one) => one !== null) ?? null;
  return text === null ? null : parsePause(text);
}

/** Writes it, or takes it away. @throws UserError exit 7 when a newer run came in between. */
export const writePause = (hosts: Hosts, pause: Pause | null): Promise<void> =>
  writeGuarded(hosts, stackFiles.pause, pause === null ? null : `${JSON.stringify(pause)}\n`);
