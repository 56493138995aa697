// QUIET: every upstream lists no link but those of upstreams (and of whoever may stay). Only what upstreams show counts.

import { setTimeout as sleep } from "node:timers/promises";
import type { LinkSeen } from "../../infra/core/observation.ts";
import { isOf, linksNow, strangers } from "./look.ts";
import type { Peer } from "./peer.ts";

/** A link that should not be there, or an upstream that cannot be asked (`link` null). */
export interface Unquiet {
  readonly upstream: string;
  readonly link: LinkSeen | null;
}

const pollMs = 1;

/** Polls until nobody but `mayStay` is linked. Returns what was still there when `withinMs` ran out; nothing when it is quiet. */
export async function untilQuiet(
  upstreams: readonly Peer[],
  mayStay: readonly Peer[],
  withinMs: number,
): Promise<readonly Unquiet[]> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await unquiet(upstreams, mayStay);
    if (found.length === 0 || performance.now() >= deadline) return found;
    await sleep(pollMs);
  }
}

/** What is not quiet now. */
async function unquiet(upstreams: readonly Peer[], mayStay: readonly Peer[]): Promise<readonly Unquiet[]> {
  const links = await linksNow(upstreams);
  return [...links].flatMap(([upstream, at]): Unquiet[] => {
    if (at === null) return [{ upstream, link: null }];
    const others = strangers(at, upstreams).filter((link) => !mayStay.some((peer) => isOf(link, peer)));
    return others.map((link) => ({ upstream, link }));
  });
}

/** In words: `server1 still has a route from dummy-nats0`. */
export function describeUnquiet(found: readonly Unquiet[]): string {
  return found
    .map(({ upstream, link }) =>
      link === null
        ? `${upstream} does not answer`
        : `${upstream} still has a ${link.kind} from ${link.name || link.id}`,
    )
    .join(", ");
}
