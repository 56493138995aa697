// Staging before the gap, the journal around it, and what is left to do after it.

import { setTimeout as sleep } from "node:timers/promises";
import type { QuietEntry } from "../../infra/core/history.ts";
import { dummyPlan } from "../../infra/core/plan.ts";
import { writeJournal } from "../../infra/hosts/journal.ts";
import { placeServerFiles } from "../apply/server-files.ts";
import { runServer } from "../apply/server-process.ts";
import { differs, isWanted } from "./attach.ts";
import type { Context } from "./context.ts";
import { toDetach } from "./detach.ts";
import type { Peer } from "./peer.ts";
import { stageRole, testStagedRole, wantedText, writeRole } from "./role.ts";

/** Late doubles would come within this time. */
const lateMs = 30;

/** Stages and tests what the gap will put in place. @throws UserError in nats-server's words. */
export async function stage(context: Context): Promise<string> {
  const changing = [...toDetach(context), ...(willAttach(context) ? [context.target] : [])];
  await Promise.all(
    changing.map(async (dummy) => {
      await stageRole(context, dummy, wantedText(context, dummy));
      await testStagedRole(context, dummy);
      context.staged.add(dummy);
    }),
  );
  return changing.length === 0 ? "nothing to change" : changing.map(({ name }) => name).join(", ");
}

/** Notes what is about to happen, before anything is detached: the next run and `natsby history` will know. */
export async function journalBegun(context: Context): Promise<string> {
  if (toDetach(context).length === 0 && !willAttach(context)) return "nothing to note";
  await writeJournal(context.host, context.topology.dataDir, { ...entryOf(context), state: "begun" });
  return "begun";
}

/** Notes the last stamps, without waiting for the disk: a rerun that lacks them settles or asks the old dummy. */
export function journalQuiet(context: Context): void {
  if (context.stamps.size === 0) return;
  const entry: QuietEntry = { ...entryOf(context), state: "quiet", stamps: Object.fromEntries(context.stamps) };
  writeJournal(context.host, context.topology.dataDir, entry).catch(() => undefined);
}

/** After the proof: dummies that were stopped come back detached, files that differ in epoch only are written. */
export async function finish(context: Context): Promise<string> {
  const restarted = await Promise.all([...context.stopped].map((dummy) => restart(context, dummy)));
  const stale = context.dummies.filter(
    (dummy) =>
      dummy !== context.target &&
      dummy.answers &&
      differs(context, dummy, context.seen.dummies.get(dummy.name)?.roleText ?? ""),
  );
  const rewrite = stale.filter((dummy) => !toDetach(context).includes(dummy) && inConfig(context, dummy));
  for (const dummy of rewrite) await writeRole(context, dummy, wantedText(context, dummy));
  if (context.attachedAt !== null) await sleep(lateMs);
  return [...restarted, ...rewrite.map(({ name }) => `${name} rewritten`)].join(", ") || "nothing left to do";
}

/** Starts a stopped dummy, detached, and connects to it again. */
export async function comeBack(context: Context, dummy: Peer): Promise<void> {
  await restart(context, dummy);
  context.stopped.delete(dummy);
  await dummy.open();
}

async function restart(context: Context, dummy: Peer): Promise<string> {
  const publisher = context.topology.publishers.find((one) => one.dummy.name === dummy.name);
  if (publisher === undefined) return `${dummy.name} left stopped`;
  const { clusterSecret, natsServer } = context;
  const plan = dummyPlan(context.topology, publisher);
  const { digest } = await placeServerFiles(plan, clusterSecret, { lists: "grow", resetRole: false, natsServer });
  return `${dummy.name} ${await runServer(plan, clusterSecret, { digest, natsServer })}`;
}

const willAttach = (context: Context): boolean => !isWanted(context, context.target, context.seen);
const inConfig = ({ plan }: Context, dummy: Peer): boolean => plan.roles[dummy.name] !== undefined;

function entryOf({ claim, from, topology }: Context) {
  return {
    ticket: claim.ticket,
    epoch: claim.epoch,
    at: new Date().toISOString(),
    from: from?.plan.publisher ?? null,
    to: topology.activePublisher,
  };
}
