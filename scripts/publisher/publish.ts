// The reference publisher: publishes for ever, over one connection after another. Knows nothing of roles, and buffers nothing.

import { setTimeout as sleep } from "node:timers/promises";
import { connectNats, type NatsConnection, natsProblem } from "../../infra/observe/nats.ts";
import type { PublisherOptions } from "./environment.ts";
import { type Progress, Session } from "./session.ts";
import { slotAt } from "./slots.ts";
import { unlessStopped } from "./stopped.ts";

/** Bound of one try to connect. */
const connectMs = 2_000;
/** Pause between two tries. */
const retryMs = 50;
/** Bound of the last goodbye to the server. */
const goodbyeMs = 500;

/** Publishes until `stop`. Begins with the next slot, so that a restart cannot repeat the one under way. */
export async function publish(
  options: PublisherOptions,
  stop: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  const begin = slotAt(Date.now(), options.rate);
  const progress: Progress = { sent: begin, missed: 0 };
  while (!stop.aborted) {
    const nats = await connected(options, stop, log);
    if (nats === null) break;
    log(`connected to ${options.url}`);
    const session = new Session(nats, options, progress, log);
    const reason = await session.run(stop);
    if (stop.aborted) await goodbye(nats);
    else log(`disconnected: ${reason}; ${session.unconfirmed} messages a subject may be lost`);
  }
  const { sent, missed } = progress;
  log(`stopped after ${sent - begin - missed} messages a subject, ${missed} never sent`);
}

/** Tries until it is connected, or null when it was stopped first. A reason is logged when it is a new one. */
async function connected(
  { url, user, password, name }: PublisherOptions,
  stop: AbortSignal,
  log: (line: string) => void,
): Promise<NatsConnection | null> {
  let said = "";
  while (!stop.aborted) {
    try {
      return await unlessStopped(stop, connectNats({ url, user, password, name, timeoutMs: connectMs }));
    } catch (error) {
      const reason = natsProblem(error);
      if (reason !== said) log(`cannot connect to ${url}: ${reason}; trying again`);
      said = reason;
      await sleep(retryMs, undefined, { signal: stop }).catch(() => {});
    }
  }
  return null;
}

/** Sends what is under way, if the server takes it in time. */
async function goodbye(nats: NatsConnection): Promise<void> {
  await Promise.race([nats.drain().catch(() => {}), sleep(goodbyeMs, undefined, { ref: false })]);
}
