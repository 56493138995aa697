// What a dummy's links are worth, by what was seen of them: which may stay, which a reload takes off, which only the end of the process does.

import { parseRoleFile, routeUrl } from "../../infra/core/role-file.ts";
import { type Context, wantedUpstreams } from "./context.ts";
import { isAttached, isComplete, isLinked, isOf, type Look } from "./look.ts";
import type { Peer } from "./peer.ts";
import { wantedText } from "./role.ts";

/** Whether this dummy runs exactly the role file that is asked for, and every upstream lists its whole link. */
export function isWanted(context: Context, dummy: Peer, seen: Look): boolean {
  const looked = seen.dummies.get(dummy.name);
  return (
    isAttached(dummy, seen.links, wantedUpstreams(context)) &&
    looked?.state?.dials === true &&
    hasWantedRoutes(context, dummy, looked.roleText)
  );
}

/** Whether this run has to attach the target. */
export const willAttach = (context: Context): boolean => !isWanted(context, context.target, context.seen);

/** Whether the target may keep its links: it is linked already, so it is heard, and nobody else will be. */
export const mayStay = ({ target, seen }: Context): boolean => isLinked(target, seen.links);

/** Whether this dummy is proved detached: its file, its running config, and every upstream say so. */
export function isDetached(dummy: Peer, seen: Look): boolean {
  const looked = seen.dummies.get(dummy.name);
  const unknown = [...seen.links.values()].includes(null);
  if (looked === undefined || unknown || isLinked(dummy, seen.links)) return false;
  return looked.roleFile.state === "detached" && !mayDial(dummy, seen);
}

/**
 * Whether a reload takes this dummy off for good. It does where every link is whole and named by the role file, and where
 * there is neither a link nor a wish for one. It does not where a link is being made: a handshake that ends after the reload
 * leaves a live route (facts-nats B6, P13); nor where a link is not in the role file: such stay (an upstream that joined later);
 * nor where a pins file has lost it: the upstream cuts it when it reads that, and it dials again.
 */
export function isSettled({ pinned, seen, unasked, upstreams }: Context, dummy: Peer): boolean {
  // Nobody can say whether it is about to link where nobody was asked.
  if (unasked.length > 0) return false;
  const looked = seen.dummies.get(dummy.name);
  if (!dummy.answers || looked === undefined || looked.state === null) return false;
  const { roleFile } = looked;
  if (!isLinked(dummy, seen.links)) return !looked.state.dials && roleFile.state !== "attached";
  if (roleFile.state !== "attached" || !looked.state.dials) return false;
  if (![...pinned.values()].every((at) => at?.includes(dummy.name))) return false;
  return upstreams.every((upstream) => {
    const link = seen.links.get(upstream.name)?.find((one) => isOf(one, dummy));
    return roleFile.routes.includes(urlOf(upstream)) ? link !== undefined && isComplete(link) : link === undefined;
  });
}

/** Same routes: an epoch or ticket that differs is written later, outside the gap. */
function hasWantedRoutes(context: Context, dummy: Peer, text: string): boolean {
  const routes = (role: string) => {
    const file = parseRoleFile(role);
    return file.state === "broken" ? null : file.routes.join();
  };
  return routes(text) === routes(wantedText(context, dummy));
}

/** Nobody who is not there dials; whoever does not say is taken to. */
const mayDial = (dummy: Peer, { dummies }: Look): boolean =>
  !dummy.absent && (dummies.get(dummy.name)?.state?.dials ?? true);

function urlOf({ plan }: Peer): string {
  return routeUrl({ address: plan.address, clusterPort: plan.clusterPort ?? 0 });
}
