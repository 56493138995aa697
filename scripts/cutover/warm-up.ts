// Runs what the gap will run, before it, changing nothing: code that runs for the first time is slow (docs/benchmarks.md, "afresh").

import type { Context } from "./context.ts";
import { linksNow } from "./look.ts";

/** Enough for Node to have compiled it; each takes about 2 ms. */
const rounds = 8;

/** Polls the upstreams and takes the host's lock a few times. @throws UserError exit 7 when a newer run took over. */
export async function warmUp({ upstreams, host, claim }: Context): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const [links] = await Promise.all([linksNow(upstreams), host.guarded(claim, async () => undefined)]);
    // One that does not answer costs a whole bound each time: QUIET will say so.
    if ([...links.values()].includes(null)) return;
  }
}
