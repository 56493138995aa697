// The journal around the gap: what is about to happen, and what was heard last before it.

import { setTimeout as sleep } from "node:timers/promises";
import type { QuietEntry } from "../../infra/core/history.ts";
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
  await sleep(restMs);
  return "begun";
}

/**
 * Notes the last stamps, once, without waiting for the disk: a rerun that lacks them settles or asks the old dummy. A host does one
 * thing after the other, so this comes where the target's role file does not wait for it.
 */
export function journalQuiet(context: Context): void {
  if (context.stamps.size === 0 || context.journaling !== null) return;
  const stamps = Object.fromEntries([...context.stamps].map(([subject, { stamp }]) => [subject, stamp]));
  const entry: QuietEntry = { ...entryOf(context), state: "quiet", stamps };
  context.journaling = writeJournal(context.hosts, entry).catch(() => undefined);
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
