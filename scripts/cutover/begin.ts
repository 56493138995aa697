// The first steps: connect, claim, observe. They change nothing but the ticket.

import { UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import type { Context } from "./context.ts";
import { isAttached, look } from "./look.ts";

/** Opens all connections at once, so that nothing has to start inside the gap. */
export async function connect(context: Context): Promise<string> {
  const peers = [...context.upstreams, ...context.dummies];
  await Promise.all(peers.map((peer) => peer.open()));
  const failed = peers.filter(({ answers }) => !answers).map(({ name, problem }) => `${name}: ${problem}`);
  return failed.length === 0 ? `${peers.length} servers` : failed.join(", ");
}

/** Takes a ticket higher than any seen: from now on an older run's writes are refused. */
export async function claim(context: Context): Promise<string> {
  const { host, topology } = context;
  const seen = await host.guard();
  if (seen.epoch > topology.epoch) {
    throw new UserError(
      `this config has epoch ${topology.epoch}, host ${host.name} has seen epoch ${seen.epoch}: it is stale`,
      {
        code: "stale-epoch",
        exitCode: exitCodes.refused,
        hint: "take the newer config: `git pull`, or put the epoch that `natsby status` shows into the stack's config",
      },
    );
  }
  context.claim = { epoch: topology.epoch, fenced: topology.fenced, ticket: seen.ticket + 1 };
  await host.claim(context.claim);
  return `ticket ${context.claim.ticket}`;
}

/** Looks at everything and finds who is attached. */
export async function observe(context: Context): Promise<string> {
  context.seen = await look(context.upstreams, context.dummies, context.host);
  const attached = context.dummies.filter((dummy) => isAttached(dummy, context.seen.links));
  context.from = attached.length === 1 ? (attached[0] ?? null) : null;
  if (attached.length === 0) return "nobody is attached";
  return `${attached.map(({ name }) => name).join(" and ")} attached`;
}
