// The worlds from which the exploration begins, and how much may happen in each: small enough to walk through all that can come.

import type { Bits, Dummy, World } from "./world.ts";

const upstreams = 2;
const all: Bits = (1 << upstreams) - 1;
const detached: Dummy = { file: false, dials: false, process: "runs", links: 0, late: 0, admitted: all, pinned: all };
const attached: Dummy = { ...detached, file: true, dials: true, links: all };

/** How many faults may come, and how many commands may be typed. */
interface Allowed {
  readonly faults: number;
  readonly commands: number;
  /** Whom faults befall. @default all */
  readonly fragile?: World["fragile"];
}

/** As a first `up` leaves it: dummy 0 is linked everywhere. */
export const healthy = (publishers: number, allowed: Allowed): World =>
  world([attached, ...Array<Dummy>(publishers - 1).fill(detached)], allowed);

/** Somebody edited the role file of dummy 1 by hand and had it read: two are linked. */
export const editedByHand = (allowed: Allowed): World => ({ ...world([attached, attached], allowed), clean: false });

/** As nobody ever was: all detached, none let in. */
export const nobodyYet = (publishers: number, allowed: Allowed): World =>
  world(Array<Dummy>(publishers).fill({ ...detached, admitted: 0, pinned: 0 }), allowed);

function world(dummies: readonly Dummy[], allowed: Allowed): World {
  const config = { active: 0, epoch: 0, fenced: 0 };
  return {
    upstreams,
    up: all,
    dummies,
    config,
    guard: { epoch: 0, fenced: 0 },
    runs: [],
    proved: 0,
    clean: true,
    fragile: "all",
    ...allowed,
  };
}
