// The journal around the gap: what is about to happen, and what was heard last before it.

import { setTimeout as sleep } from "node:timers/promises";
import type { QuietEntry } from "../../infra/core/history.ts";
import type { Host } from "../../infra/hosts/host.ts";
import { writeJournal } from "../../infra/hosts/journal.ts";
import type { Context } from "./context.ts";
import { toDetach } from "./detach.ts";
import { isLinked } from "./look.ts";
import { willAttach } from "./settled.ts";
import { warmUp } from "./warm-up.ts";

/** Where servers and natsby share a machine, what was done up to here is still felt: messages that wait for it lengthen the gap. */
const restMs = 20;

/** Notes what is about to happen, before anything is detached: the next run and `natsby history` will know. */
export async function journalBegun(context: Context): Promise<string> {
  const cuts = context.fenced.some((server) => isLinked(server, context.seen.links));
  if (toDetach(context).length === 0 && !willAttach(context) && !cuts) return "nothing to note";
  await warmUp(context);
  await writeJournal(context.hosts, { ...entryOf(context), state: "begun" });
  if (context.from !== null) await sleep(restMs);
  return "begun";
}

/**
 * Notes the last stamps, without waiting for the disk: a rerun that lacks them settles or asks the old dummy. A host does one thing
 * after the other: the target's, whose role file comes next, notes them after that, unless it is the only one.
 */
export function journalQuiet(context: Context): void {
  const { stamps, hosts } = context;
  if (stamps.size === 0) return;
  const newest = Object.fromEntries([...stamps].map(([subject, { stamp }]) => [subject, stamp]));
  context.quiet = { ...entryOf(context), state: "quiet", stamps: newest };
  const others = besideTarget(context);
  note(context, context.quiet, others.length > 0 ? others : hosts.journaling);
}

/** The same on the target's host, once the gap is over. */
export function journalAtTarget(context: Context): void {
  const { hosts, quiet } = context;
  const others = besideTarget(context);
  if (quiet === null || others.length === 0) return;
  note(
    context,
    quiet,
    hosts.journaling.filter((host) => !others.includes(host)),
  );
}

const besideTarget = ({ hosts, target }: Context): readonly Host[] =>
  hosts.journaling.filter((host) => host !== target.host);

function note(context: Context, entry: QuietEntry, journaling: readonly Host[]): void {
  const { dataDir } = context.hosts;
  const written = writeJournal({ dataDir, journaling }, entry).catch(() => undefined);
  context.journaling = Promise.all([context.journaling, written]);
}

function entryOf({ before, claim, topology }: Context) {
  return {
    ticket: claim.ticket,
    epoch: claim.epoch,
    at: new Date().toISOString(),
    from: before,
    to: topology.activePublisher,
  };
}
