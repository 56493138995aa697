// Whom a run leaves exactly as they are: hosts that were given up, and a publisher that is held back for a later run. Pure.

import { UserError } from "./errors.ts";
import type { Topology } from "./topology.ts";

/** Why a run leaves somebody alone. */
export type WhyLeft = "given up" | "held back";

/** Names of servers and publishers, a publisher's dummy with it. */
export type LeftAlone = ReadonlyMap<string, WhyLeft>;

/** The variable that tells a command to do nothing. No healthy resource has it: where it goes, the command runs. */
export const leftAloneVariable = "NATSBY_LEFT_ALONE";

/**
 * @param held a publisher whose change comes in a later run, as `natsby roll` does it. @default nobody
 * @throws UserError where the stack has no publisher of that name.
 */
export function leftAlone({ fenced, publishers, stack }: Topology, held?: string): LeftAlone {
  if (held !== undefined && !publishers.some(({ name }) => name === held)) {
    throw new UserError(`NATSBY_HOLD names ${held}, which is no publisher of stack ${stack}`, {
      code: "no-such-name",
      hint: `unset NATSBY_HOLD; there are ${publishers.map(({ name }) => name).join(", ")}`,
    });
  }
  const named = new Map<string, WhyLeft>(held === undefined ? [] : [[held, "held back"]]);
  for (const name of fenced) named.set(name, "given up");
  const dummies = publishers.flatMap(({ name, dummy }): [string, WhyLeft][] => {
    const why = named.get(name);
    return why === undefined ? [] : [[dummy.name, why]];
  });
  return new Map([...named, ...dummies]);
}

/** Whose resource it is, by the resource's name; null for one of the whole stack. */
export const ownerOf = (resource: string): string | null =>
  /^(.+)-(?:server|process|files|container|image|folder|dummy-network)$/.exec(resource)?.[1] ?? null;
