// The events of a long run, by kind, with how often each kind is drawn.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { cutOver, type Event, expected, happen } from "./event.ts";
import { dummyOf, type Model, publisherOf } from "./model.ts";
import { cutsOf, heal } from "./network-events.ts";
import type { World } from "./world.ts";

/** The flip, as a change of the config and an `up`. */
const flip = (to: string): Event => ({
  name: `flip to ${to}`,
  may: (model) => !model.fenced.has(to),
  act: (model, world) => {
    model.wanted = to;
    return cutOver(model, world);
  },
});

/** While it is under way the clock of one of the two is stepped; afterwards it is right again. */
const stepped = (to: string, whose: "old" | "new", ms: number): Event => ({
  name: `flip to ${to} while the clock of the ${whose} one steps by ${ms} ms`,
  may: (model) => {
    const { heard, network, wanted } = model;
    if (heard === null || heard === to || heard !== wanted || !network.isWhole || model.fenced.has(to)) return false;
    return model.allUpstreamsUp && model.isUp(to) && model.isUp(dummyOf(to));
  },
  act: async (model, world) => {
    const { stack } = world.watched;
    const publisher = whose === "new" ? to : (model.heard ?? "");
    model.wanted = to;
    const code = await cutOver(model, world, async () => stack.setClock(publisher, ms));
    stack.setClock(publisher, 0);
    // A clock that went back makes it wait: it never repeats a number.
    await sleep(Math.abs(ms));
    return code;
  },
});

/** Whoever is linked is given up, or whom the config names. */
const failover = (to: string): Event => ({
  name: `failover to ${to}`,
  may: (model) => !model.fenced.has(to) && (model.linked ?? model.wanted) !== to,
  act: (model, world) => {
    model.fenced.add(model.linked ?? model.wanted);
    model.epoch++;
    model.wanted = to;
    return cutOver(model, world);
  },
});

const rejoin = (publisher: string): Event => ({
  name: `rejoin ${publisher}`,
  may: (model) => model.fenced.has(publisher),
  act: (model, world) => {
    model.fenced.delete(publisher);
    model.epoch++;
    return cutOver(model, world);
  },
});

const kill = (name: string): Event => ({
  name: `kill ${name}`,
  may: (model) => model.life.get(name) !== "down",
  act: async (model, { watched }) => {
    await watched.stack.kill(name);
    model.life.set(name, "down");
    if (model.network.parts(name, model.upstreams)) model.ghosts = true;
    return null;
  },
});

const freeze = (name: string): Event => ({
  name: `freeze ${name}`,
  may: (model) => model.isUp(name),
  act: async (model, { watched }) => {
    watched.stack.signal(name, "SIGSTOP");
    model.life.set(name, "frozen");
    return null;
  },
});

const thaw = (name: string): Event => ({
  name: `thaw ${name}`,
  may: (model) => model.life.get(name) === "frozen",
  act: async (model, { watched }) => {
    watched.stack.signal(name, "SIGCONT");
    model.life.set(name, "up");
    return null;
  },
});

/** As long as a cut is waited out: TCP, which tries again ever more rarely, then takes about as long once more. */
const longCutMs = 20_000;

/** What is frozen or cut stays so for long; once in a run of a stack, for it is the one event that only waits. */
const wait: Event = {
  name: "let time pass",
  may: (model) => !model.waited && (!model.network.isWhole || [...model.life.values()].includes("frozen")),
  act: async (model, world) => {
    model.waited = true;
    await sleep(model.network.isWhole ? world.longFreezeMs : Math.min(world.longFreezeMs, longCutMs));
    return null;
  },
};

/** A host that comes back by itself: it starts what its files say, whoever is active. */
const reboot = (publisher: string): Event => ({
  name: `reboot the host of ${publisher}`,
  may: (model) => model.allUpstreamsUp && model.network.isWhole,
  act: async (model, { watched: { stack } }) => {
    for (const name of [publisher, dummyOf(publisher)]) if (model.life.get(name) !== "down") await stack.kill(name);
    await stack.startServer(dummyOf(publisher));
    await stack.startPublisher(publisher);
    for (const name of [publisher, dummyOf(publisher)]) model.life.set(name, "up");
    return null;
  },
});

/** Pulumi's command for one resource; those of fenced hosts are left alone. */
const apply = (name: string): Event => ({
  name: `apply ${name}`,
  may: (model) => !model.fenced.has(publisherOf(name)) && model.network.isWhole,
  act: async (model, world) => {
    const wasUp = model.isUp(name);
    const certain = model.allUpstreamsUp && model.life.get(name) !== "frozen" && model.linked === publisherOf(name);
    const ran = await world.apply(name);
    expected(ran, model.upstreams.every((one) => one === name || model.isUp(one)) ? [0] : [0, 3]);
    if (ran.code === 0) model.life.set(name, "up");
    const publisher = publisherOf(name);
    const isActive = name.startsWith("dummy") && model.attached.has(publisher);
    // Where an upstream does not say whether another is attached, it is started detached: unknown is not nobody.
    if (isActive && !wasUp && !world.isAttachedOnDisk(name)) {
      assert.ok(!certain, `${name} was alone, and was started detached`);
      model.attached.delete(publisher);
    }
    return ran.code;
  },
});

const publishers = ["publisher0", "publisher1", "publisher2"];
const upstreams = ["server0", "server1"];
const dummies = publishers.map(dummyOf);
const names = [...upstreams, ...publishers, ...dummies];
const steps = publishers.flatMap((to) =>
  (["old", "new"] as const).flatMap((whose) => [-200, 200].map((ms) => stepped(to, whose, ms))),
);

/** How often each kind is drawn. Flips and repairs often enough that a stack is not ill all the time. */
export const kinds: readonly (readonly [often: number, events: readonly Event[]])[] = [
  [6, publishers.map(flip)],
  [3, steps],
  [2, publishers.map(failover)],
  [4, publishers.map(rejoin)],
  [2, names.map(kill)],
  [2, names.map(freeze)],
  [6, names.map(thaw)],
  [2, cutsOf(upstreams, dummies)],
  [3, [heal]],
  [6, names.map(apply)],
  [2, publishers.map(reboot)],
  [1, [wait]],
];

/** Ends what is cut or frozen, starts what is down, takes back who is fenced: from any state the same few commands lead to a healthy one. */
export async function mend(model: Model, world: World): Promise<void> {
  const run = async (event: Event) => {
    if (event.may(model)) await happen(event, model, world);
  };
  await run(heal);
  for (const name of names) await run(thaw(name));
  for (const name of upstreams) if (!model.isUp(name)) await run(apply(name));
  for (const publisher of publishers) {
    if (model.fenced.has(publisher) && !(model.isUp(publisher) && model.isUp(dummyOf(publisher))))
      await run(reboot(publisher));
  }
  for (const name of names) if (!model.isUp(name)) await run(apply(name));
  for (const publisher of publishers) await run(rejoin(publisher));
  await run(flip(model.wanted));
}
