// ATTACH and PROVE: a reload that was asked for is no attach. Every upstream must list the whole link, and a message must be heard.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../infra/core/errors.ts";
import { fileNames, folderOf } from "../../infra/core/layout.ts";
import { withoutTicket } from "../../infra/core/role-file.ts";
import { testConfig } from "../apply/server-files.ts";
import { accepts, type Context, wantedUpstreams } from "./context.ts";
import { journalAtTarget } from "./journal.ts";
import { isAttached, linksNow } from "./look.ts";
import type { Peer } from "./peer.ts";
import { enforceRole, stageRole, wantedText } from "./role.ts";

const pollMs = 1;
/** More than a healthy attach takes. */
const undisturbedMs = 100;

/** Whether a file differs from what is asked for in more than its ticket. */
export const differs = (context: Context, dummy: Peer, text: string): boolean =>
  withoutTicket(text) !== withoutTicket(wantedText(context, dummy));

/** Puts the target's staged role file in place and has it read. */
export async function attach(context: Context): Promise<string> {
  const { target } = context;
  // A target that was detached first used up what was staged for it.
  if (!context.staged.has(target)) await stageRole(context, target, wantedText(context, target));
  // The link may come up before the reload is answered: from here on everything heard is the target's.
  context.attachedAt = performance.now();
  await enforceRole(context, target);
  return `${target.name} told to link to ${namesOf(context)}`;
}

/** Waits until every upstream lists the dummy's whole link. @throws UserError when `timeouts.attach` ran out. */
export async function proveLinked(context: Context, dummy: Peer): Promise<void> {
  const withinMs = context.topology.timeouts.attach;
  const deadline = performance.now() + withinMs;
  const upstreams = wantedUpstreams(context);
  for (;;) {
    const links = await linksNow(upstreams);
    if (isAttached(dummy, links, upstreams)) return;
    if (performance.now() > deadline) {
      const missing = upstreams.filter((upstream) => !isAttached(dummy, links, [upstream])).map(({ name }) => name);
      throw new UserError(
        `gave up after ${withinMs / 1000} s waiting until ${missing.join(", ")} has the whole link from ${dummy.name}`,
        { code: "not-attached", hint: `\`natsby logs ${missing[0] ?? dummy.name}\` says why a link is refused` },
      );
    }
    await sleep(pollMs);
  }
}

/** PROVE: linked, heard at every upstream, and running what its files say. */
export async function prove(context: Context): Promise<string> {
  const { target } = context;
  const since = context.attachedAt;
  // Asking servers that are at their handshakes makes the gap longer: the first message says that they are done.
  if (since !== null) await silentAt(context, since, undisturbedMs);
  journalAtTarget(context);
  await proveLinked(context, target);
  const mayBeSilent = accepts(context, "accept-silent");
  if (since !== null && !mayBeSilent) await proveHeard(context, since);
  await proveDigest(target);
  return `linked${since === null || mayBeSilent ? "" : " and heard"} at ${namesOf(context)}`;
}

const namesOf = (context: Context): string =>
  wantedUpstreams(context)
    .map(({ name }) => name)
    .join(", ");

async function proveHeard(context: Context, since: number): Promise<void> {
  const { topology } = context;
  const { heard } = topology.timeouts;
  const missing = await silentAt(context, since, heard);
  if (missing.length === 0) return;
  throw new UserError(
    `${topology.activePublisher} is linked and was not heard at ${missing.join(", ")} in ${heard / 1000} s`,
    {
      code: "not-heard",
      hint: `\`natsby logs ${topology.activePublisher}\``,
    },
  );
}

/** Names of the upstreams at which nothing was heard since then, in time. */
async function silentAt(context: Context, since: number, withinMs: number): Promise<readonly string[]> {
  const silent = await Promise.all(
    wantedUpstreams(context).map(async ({ name, tap }) => {
      const ok = await tap?.until(() => (tap.heard.at(-1)?.at ?? 0) > since, withinMs);
      return ok === true ? null : name;
    }),
  );
  return silent.filter((name) => name !== null);
}

/** The running config must be the file's, read back: a reload answers before somebody else's edit, not after. */
async function proveDigest(dummy: Peer): Promise<void> {
  const [{ digest }, onDisk] = await Promise.all([
    dummy.state(),
    testConfig(dummy.host, folderOf(dummy.plan.dataDir, dummy.name), fileNames.base, dummy.natsServer),
  ]);
  if (digest === onDisk) return;
  throw new UserError(`${dummy.name} runs ${digest}, its files are ${onDisk}`, { code: "digest" });
}
