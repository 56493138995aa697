// CLAIM: a ticket higher than any seen, on every host that was not given up. Who is on a host that cannot be reached is kept out.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import { nextTicket } from "../../infra/core/history.ts";
import type { Guard, Host } from "../../infra/hosts/host.ts";
import { askAll } from "../../infra/hosts/hosts.ts";
import type { Context } from "./context.ts";
import { offeringFence } from "./follow-up.ts";
import type { Peer } from "./peer.ts";

/** Takes the ticket: from now on an older run's writes are refused. */
export async function claim(context: Context): Promise<string> {
  const { hosts, topology } = context;
  const guards = await askAll(hosts.all, async (host) => ({ host: host.name, ...(await host.guard()) }));
  refuseStale(context, guards);
  const ticket = nextTicket(Math.max(...guards.map((seen) => seen.ticket)), context.journal);
  const claim = { epoch: topology.epoch, fenced: topology.fenced, ticket };
  context.claim = claim;
  context.claimed = await askAll(hosts.all, (host) => claimAt(context, host));
  takeOnce(context);
  const away = hosts.all.filter((host) => !context.claimed.includes(host)).map(({ name }) => name);
  return `ticket ${ticket}${away.length === 0 ? "" : `, and nobody reaches ${away.join(", ")}`}`;
}

async function claimAt(context: Context, host: Host): Promise<Host> {
  const { claim, dummies, target, upstreams } = context;
  try {
    await host.claim(claim);
    return host;
  } catch (error) {
    const others = [target, ...upstreams].every((peer) => peer.host !== host);
    const dummy = others ? dummies.find((one) => one.host === host) : undefined;
    throw dummy === undefined ? error : offeringFence(context, dummy, error);
  }
}

/**
 * Dummies on a host that has not taken the claim: an older run may still write there. They are kept out of the mesh in this
 * very run, as whoever was given up is.
 */
export const unclaimed = ({ claimed, dummies }: Context): readonly Peer[] =>
  dummies.filter(({ host }) => !claimed.includes(host));

/** @throws UserError exit 3 where any host has seen a later epoch than the config's. */
function refuseStale({ topology }: Context, guards: readonly (Guard & { readonly host: string })[]): void {
  const newer = guards.find(({ epoch }) => epoch > topology.epoch);
  if (newer === undefined) return;
  throw new UserError(
    `this config has epoch ${topology.epoch}, host ${newer.host} has seen epoch ${newer.epoch}: it is stale`,
    {
      code: "stale-epoch",
      exitCode: exitCodes.refused,
      hint: "take the newer config: `git pull`, or put the epoch that `natsby status` shows into the stack's config",
    },
  );
}

/** A risk is accepted for one run: the config may still say so when the next one comes. */
function takeOnce(context: Context): void {
  const { claim, notes, once } = context;
  if (once === null || once.ticket === claim.ticket) return;
  notes.push(
    `${once.flag} ignored: it was accepted for ticket ${once.ticket}, and this run has ticket ${claim.ticket}`,
  );
  context.once = null;
}
