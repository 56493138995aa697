// Who was heard before a roll that is to end with a flip back: known to the command that goes on with it after a kill.

import { stackFiles } from "../core/layout.ts";
import { writeGuarded } from "./guarded-file.ts";
import { askAll, type Hosts } from "./hosts.ts";

/** The publisher's name; null where no such roll is under way. */
export async function readRoll({ all, dataDir }: Hosts): Promise<string | null> {
  const texts = await askAll(all, (host) => host.read(`${dataDir}/${stackFiles.roll}`));
  const names = texts.map((text) => /^\{"first":"([\w-]+)"\}\n$/.exec(text ?? "")?.[1]);
  return names.find((name) => name !== undefined) ?? null;
}

/** Writes it, or takes it away. @throws UserError exit 7 when a newer run came in between. */
export const writeRoll = (hosts: Hosts, first: string | null): Promise<void> =>
  writeGuarded(hosts, stackFiles.roll, first === null ? null : `${JSON.stringify({ first })}\n`);
