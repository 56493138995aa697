// Events of the network: machines that no longer hear each other, both ways or one way, and that it heals.

import { operator } from "../support/machines.ts";
import type { Event } from "./event.ts";
import type { Cut } from "./network.ts";

/** As many as may be there at a time: more of them, and nothing goes on any more. */
const mostCuts = 2;

const cut = ({ one, other, how }: Cut): Event => ({
  name: how === "both ways" ? `cut ${one} off from ${other}` : `lose what ${one} sends to ${other}`,
  may: ({ network: { cuts } }) =>
    cuts.length < mostCuts &&
    !cuts.some((before) => [before.one, before.other].toSorted().join() === [one, other].toSorted().join()),
  act: async ({ network }, world) => {
    if (how === "both ways") world.machines?.cut(one, other);
    else world.machines?.deafen(one, other);
    network.cuts.push({ one, other, how });
    return null;
  },
});

/** Whatever was sent meanwhile arrives, or its connection ends: only then it is known again who is linked. */
export const heal: Event = {
  name: "heal the network",
  may: ({ network }) => !network.isWhole,
  act: async (model, world) => {
    world.machines?.heal();
    model.network.cuts.length = 0;
    model.ghosts = false;
    await world.settles(model);
    return null;
  },
};

/** Every cut that a stack of these servers can have. */
export function cutsOf(upstreams: readonly string[], dummies: readonly string[]): readonly Event[] {
  const pairs = dummies.flatMap((dummy) => upstreams.map((upstream) => ({ one: dummy, other: upstream })));
  const oneWay = [...pairs, ...pairs.map(({ one, other }) => ({ one: other, other: one }))];
  const among = upstreams.slice(1).map((other) => ({ one: upstreams[0] ?? "", other }));
  const operators = [...upstreams, ...dummies].map((other) => ({ one: operator, other }));
  return [
    ...[...pairs, ...among, ...operators].map((pair) => cut({ ...pair, how: "both ways" })),
    ...oneWay.map((pair) => cut({ ...pair, how: "one way" })),
  ];
}
