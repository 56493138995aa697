// The hosts of a stack, by what is placed on them. On the platform `local` all is on this machine.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/errors.ts";
import type { Guard, Host } from "./host.ts";
import { localHost } from "./local.ts";

/** A server or publisher, by where it is placed. */
export interface Placed {
  /** Name in `hosts` of the config; absent on a platform that has one host only. */
  readonly host?: string;
}

/** Every host of a stack on which not all was given up. */
export interface Hosts extends AsyncDisposable {
  /** The stack's folder: the same path on every host. */
  readonly dataDir: string;
  readonly all: readonly Host[];
  /** Those of the dummies: they keep the journal. */
  readonly journaling: readonly Host[];
  /** Where this is placed: also where it was given up. */
  of(placed: Placed): Host;
  /** The same hosts, over the same connections, with these servers and publishers given up. */
  without(givenUp: readonly string[]): Hosts;
}

/** A stack that is on this machine whole. */
export function localHosts(dataDir: string): Hosts {
  const host = localHost(dataDir);
  const hosts: Hosts = {
    dataDir,
    all: [host],
    journaling: [host],
    of: () => host,
    without: () => hosts,
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
  return hosts;
}

/** What leaves a host unknown: nobody answers there, somebody else does, or natsby is not let in. */
const unknownCodes: readonly string[] = ["host-unreachable", "host-key", "host-login", "host-sudo"];

/** Whether nothing is known of a host because it cannot be reached. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof UserError && unknownCodes.includes(error.code);

/**
 * What those hosts answer that can be reached. @throws where none can be, and whatever else went wrong at one.
 * @param graceMs how long the others are still waited for once one has answered. @default until each has, or cannot be reached
 */
export async function askAll<T>(
  hosts: readonly Host[],
  ask: (host: Host) => Promise<T>,
  graceMs?: number,
): Promise<readonly T[]> {
  const asked = hosts.map(ask);
  const all = await Promise.allSettled(graceMs === undefined ? asked : asked.map(lateAfter(asked, graceMs)));
  const failed = all.filter((one) => one.status === "rejected").map(({ reason }) => reason as unknown);
  const answers = all.filter((one) => one.status === "fulfilled").map(({ value }) => value);
  const bad = failed.find((error) => !isUnreachable(error)) ?? (answers.length === 0 ? failed[0] : undefined);
  if (bad !== undefined) throw bad;
  return answers;
}

/** Gives up a wait some time after the first of all of them ended well. */
function lateAfter(all: readonly Promise<unknown>[], graceMs: number) {
  const late = Promise.any(all).then(
    () => sleep(graceMs, undefined, { ref: false }).then(() => Promise.reject(tooLate)),
    () => Promise.reject(tooLate),
  );
  late.catch(() => undefined);
  return <T>(one: Promise<T>): Promise<T> => Promise.race([one, late]);
}

const tooLate = new UserError("it does not answer as soon as others do", { code: "host-unreachable" });

/** The highest guard of the hosts that can be reached. */
export async function highestGuard({ all }: Pick<Hosts, "all">): Promise<Guard> {
  const guards = await askAll(all, (host) => host.guard());
  return guards.reduce((one, other) =>
    other.epoch > one.epoch || (other.epoch === one.epoch && other.ticket > one.ticket) ? other : one,
  );
}
