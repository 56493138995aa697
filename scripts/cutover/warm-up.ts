// Runs what the gap will run, before it, changing nothing: code that runs for the first time is slow (docs/benchmarks.md, "afresh").

import { thisMachine } from "../../infra/hosts/host.ts";
import type { Context } from "./context.ts";
import { linksNow } from "./look.ts";
import type { Peer } from "./peer.ts";

/** Enough for Node to have compiled it; each takes about 2 ms. */
const rounds = 8;

/** Polls the upstreams and takes the host's lock a few times. @throws UserError exit 7 when a newer run took over. */
export async function warmUp({ upstreams, dummies, claim, claimed, topology }: Context): Promise<void> {
  await Promise.all(dummies.filter(({ answers }) => answers).map(findProcess));
  // Over SSH a lock is a process of its own, which would still be ending in the gap: once tells whether a newer run took over.
  const overSsh = topology.hosts !== undefined;
  if (overSsh) await Promise.all(claimed.map((host) => host.guarded(claim, async () => undefined)));
  for (let round = 0; round < rounds; round++) {
    const locks = (overSsh ? [] : claimed).map((host) => host.guarded(claim, async () => undefined));
    const [links] = await Promise.all([linksNow(upstreams), ...locks]);
    // One that does not answer costs a whole bound each time: QUIET will say so.
    if ([...links.values()].includes(null)) return;
  }
}

/** Whom a signal is to reach. One that cannot be told apart is asked to reload. */
async function findProcess(dummy: Peer): Promise<void> {
  if (dummy.host.name === thisMachine) return;
  const found = (await dummy.host.processes()).get(dummy.name) ?? [];
  dummy.process = found.length === 1 ? (found[0] ?? null) : null;
}
