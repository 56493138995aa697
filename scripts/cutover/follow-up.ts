// Staging before the gap, and what is left to do after it.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, UserError } from "../../infra/core/errors.ts";
import { exitCodes } from "../../infra/core/exit-codes.ts";
import type { FinishedEntry } from "../../infra/core/history.ts";
import { folderOf } from "../../infra/core/layout.ts";
import { dummyPlan } from "../../infra/core/plan.ts";
import { placeServerFiles } from "../apply/server-files.ts";
import { runServer } from "../apply/server-process.ts";
import { differs } from "./attach.ts";
import type { Context } from "./context.ts";
import { toDetach } from "./detach.ts";
import type { Peer } from "./peer.ts";
import { detachOnDisk, stageRole, testStagedRole, wantedText, writeRole } from "./role.ts";
import { willAttach } from "./settled.ts";

/** Late doubles would come within this time. */
const lateMs = 30;

/** Stages and tests what the gap will put in place. @throws UserError in nats-server's words. */
export async function stage(context: Context): Promise<string> {
  const changing = [...new Set([...toDetach(context), ...(willAttach(context) ? [context.target] : [])])];
  await Promise.all(
    changing.map(async (dummy) => {
      await stageRole(context, dummy, wantedText(context, dummy)).catch((error) => {
        throw dummy === context.target ? error : offeringFence(context, dummy, error);
      });
      await testStagedRole(context, dummy);
      context.staged.add(dummy);
    }),
  );
  return changing.length === 0 ? "nothing to change" : changing.map(({ name }) => name).join(", ");
}

/** Whoever cannot be told to detach can be fenced: that writes nothing on its host. */
export function offeringFence({ topology }: Context, dummy: Peer, error: unknown): unknown {
  if (!(error instanceof UserError) || error.exitCode !== exitCodes.refused) return error;
  const hint = `${error.hint}; or give ${dummy.plan.publisher} up, which writes nothing there: \`natsby failover --to ${topology.activePublisher} --reason "…"\``;
  return new UserError(error.message, { code: error.code, hint, cause: error });
}

/** After the proof: files that differ in epoch only are written. @throws UserError exit 7 when a newer run took over meanwhile. */
export async function finish(context: Context): Promise<string> {
  const { claim, claimed, dummies, target, stopped, attachedAt, seen } = context;
  await Promise.all(claimed.map((host) => host.guarded(claim, async () => undefined)));
  const taken = toDetach(context);
  const rewrite = dummies.filter(
    (dummy) =>
      (dummy !== target || attachedAt === null) &&
      dummy.answers &&
      !stopped.has(dummy) &&
      !taken.includes(dummy) &&
      context.plan.roles[dummy.name] !== undefined &&
      differs(context, dummy, seen.dummies.get(dummy.name)?.roleText ?? ""),
  );
  for (const dummy of rewrite) await writeRole(context, dummy, wantedText(context, dummy));
  if (attachedAt !== null) await sleep(lateMs);
  return rewrite.map(({ name }) => `${name} rewritten`).join(", ") || "nothing left to do";
}

/** However it ended: dummies that were stopped come back detached, nothing staged is left. What cannot be done is noted. */
export async function tidyUp(context: Context, result: FinishedEntry["result"]): Promise<void> {
  const { claim, notes, stopped, topology } = context;
  // A run that was overtaken has an old config: the newer one sees to what does not run.
  for (const dummy of result === "superseded" ? [] : stopped) {
    await restart(context, dummy).then(
      (done) => notes.push(done),
      (error) => notes.push(`${dummy.name} stays stopped: ${messageOf(error)}`),
    );
  }
  const servers = [...context.upstreams, ...context.dummies];
  // A disk that turned read-only leaves a file behind. The journal must not be missing for it.
  const leave = (error: unknown) => void notes.push(`a staged file is left: ${messageOf(error)}`);
  await Promise.all(servers.map(({ host, name }) => host.tidy(folderOf(topology.dataDir, name), claim).catch(leave)));
}

/** Starts a stopped dummy, detached, and connects to it again. */
export async function comeBack(context: Context, dummy: Peer): Promise<void> {
  await restart(context, dummy);
  context.stopped.delete(dummy);
  await dummy.open();
}

async function restart(context: Context, dummy: Peer): Promise<string> {
  const publisher = context.topology.publishers.find((one) => one.dummy.name === dummy.name);
  if (publisher === undefined) return `${dummy.name} left stopped: the config has no such dummy`;
  const { clusterSecret } = context;
  const { natsServer } = dummy;
  const plan = dummyPlan(context.topology, publisher);
  // Its role file may be the very thing that could not be written: then it must not start.
  await detachOnDisk(context, dummy);
  const { digest } = await placeServerFiles(dummy.host, plan, clusterSecret, {
    lists: "grow",
    resetRole: false,
    natsServer,
  });
  return `${dummy.name} ${await runServer(dummy.host, plan, clusterSecret, { digest, natsServer })}`;
}
