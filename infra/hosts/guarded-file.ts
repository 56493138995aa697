// A record of the whole stack, the same on every host, written under each host's guard.

import { askAll, type Hosts } from "./hosts.ts";

/** Writes it, or takes it away (null), on every host that can be reached. @throws UserError exit 7 when a newer run came in between. */
export async function writeGuarded({ all, dataDir }: Hosts, file: string, text: string | null): Promise<void> {
  const path = `${dataDir}/${file}`;
  await askAll(all, async (host) => {
    const claim = await host.guard();
    if (text === null) return host.guarded(claim, () => host.remove(path));
    await host.stage(path, text, 0o600, claim);
    await host.commit(path, claim);
  });
}
