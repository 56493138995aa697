// The model's world: dummies, pins, the guard and what may happen to them on their own. Small on purpose: a test walks through all of it.

/** A set of dummies or of upstreams: bit n is number n. */
export type Bits = number;

/** A dummy, its role file on its host, and what upstreams let in of it. */
export interface Dummy {
  /** Its role file says attached. */
  readonly file: boolean;
  /** Its running config says attached: it dials every upstream that does not list it. */
  readonly dials: boolean;
  readonly process: "runs" | "frozen" | "dead";
  /** Upstreams that list its link. */
  readonly links: Bits;
  /** Handshakes that were under way when a reload detached it: each may still end in a link (facts-nats B6, P13). */
  readonly late: Bits;
  /** Upstreams whose pins file names it. */
  readonly admitted: Bits;
  /** Upstreams whose running config names it. */
  readonly pinned: Bits;
}

/** What the stack's config asks for. A run takes it along when it begins. */
export interface Config {
  readonly active: number;
  readonly epoch: number;
  readonly fenced: Bits;
}

/** One cutover under way. It may be killed at any moment, or sleep for as long as it likes: nothing makes it go on. */
export interface Run {
  readonly step: string;
  readonly config: Config;
  /** No later ticket was taken: the host accepts its writes. */
  readonly newest: boolean;
  /** Upstreams that it has a connection with: one that dies is never asked again by this run, though it comes back. */
  readonly asks: Bits;
  /** What the step has still to do, and what it has written and not had read. */
  readonly todo: Bits;
  readonly unread: Bits;
  /** What OBSERVE saw: dummies not proved detached, those that a reload takes off, the only linked one (-1: none). */
  readonly attached: Bits;
  readonly settled: Bits;
  readonly from: number;
  /** The target was linked at the start; it was all that is asked for. */
  readonly stays: boolean;
  readonly wanted: boolean;
  /** Dummies whose process this run ended, and those that PINS IN found detached. */
  readonly stopped: Bits;
  readonly letIn: Bits;
  readonly placed: boolean;
}

export interface World {
  readonly upstreams: number;
  /** Those that run. */
  readonly up: Bits;
  readonly dummies: readonly Dummy[];
  readonly config: Config;
  readonly guard: { readonly epoch: number; readonly fenced: Bits };
  readonly runs: readonly Run[];
  /** Whom faults befall. */
  readonly fragile: "dummies" | "upstreams" | "all";
  /** How many faults and typed commands may still come: without a bound there is no end. */
  readonly faults: number;
  readonly commands: number;
  /** Fenced dummies whose fence a run has proved. */
  readonly proved: Bits;
  /** False only after an edit by hand, until a run has proved quiet. */
  readonly clean: boolean;
}

/** Something that can happen next. */
export interface Event {
  readonly says: string;
  readonly world: World;
  /** A bound that ran out: in a run that nothing disturbs it comes only where nothing else can. */
  readonly gaveUp?: boolean;
}

export const has = (bits: Bits, index: number): boolean => (bits & (1 << index)) !== 0;
export const add = (bits: Bits, index: number): Bits => bits | (1 << index);
export const remove = (bits: Bits, index: number): Bits => bits & ~(1 << index);
export const everyUpstream = ({ upstreams }: World): Bits => (1 << upstreams) - 1;
export const indices = (bits: Bits): readonly number[] => [0, 1, 2].filter((index) => has(bits, index));
export const which = (world: World, is: (dummy: Dummy, index: number) => boolean): Bits =>
  world.dummies.reduce((bits, dummy, index) => (is(dummy, index) ? add(bits, index) : bits), 0);
export const linked = (world: World): Bits => which(world, ({ links }) => links !== 0);

/** The world with one dummy changed. */
export function change(world: World, index: number, to: (dummy: Dummy) => Dummy): World {
  return { ...world, dummies: world.dummies.map((dummy, at) => (at === index ? to(dummy) : dummy)) };
}

/** Reads its role file. A frozen or dead one reads nothing. What is being dialled when the routes go away is dialled on. */
export function reload(dummy: Dummy, up: Bits): Dummy {
  if (dummy.process !== "runs") return dummy;
  if (dummy.file) return { ...dummy, dials: true, late: 0 };
  return dummy.dials ? { ...dummy, dials: false, links: 0, late: up & ~dummy.links } : dummy;
}

/** Ends its process. Every run loses its connection to it: a reload over that connection reaches no other process. */
export function kill(world: World, index: number): World {
  const runs = world.runs.map((run) => ({ ...run, settled: remove(run.settled, index) }));
  const dead = change(world, index, (one) => ({ ...one, process: "dead", dials: false, links: 0, late: 0 }));
  return { ...dead, runs };
}

/** Whoever starts it starts it in the role that its file says. */
export const start = (dummy: Dummy): Dummy =>
  dummy.process === "dead" ? { ...dummy, process: "runs", dials: dummy.file } : dummy;

/** An upstream ends, and every link and handshake with it; what runs have asked of it is never answered. */
const endUpstream = (world: World, upstream: number): World => ({
  ...world,
  up: remove(world.up, upstream),
  runs: world.runs.map((run) => ({ ...run, asks: remove(run.asks, upstream) })),
  dummies: world.dummies.map((one) => ({
    ...one,
    links: remove(one.links, upstream),
    late: remove(one.late, upstream),
  })),
});

/** It comes back with the pins that stand in its file. */
export const startUpstream = (world: World, upstream: number): World =>
  readPins({ ...world, up: add(world.up, upstream) }, upstream);

/** An upstream reads its pins file: who is not in it is cut at once, frozen or not. One that does not run reads nothing. */
export function readPins(world: World, upstream: number): World {
  if (!has(world.up, upstream)) return world;
  const dummies = world.dummies.map((dummy): Dummy => {
    if (has(dummy.admitted, upstream)) return { ...dummy, pinned: add(dummy.pinned, upstream) };
    return { ...dummy, pinned: remove(dummy.pinned, upstream), links: remove(dummy.links, upstream) };
  });
  return { ...world, dummies };
}

/** Handshakes end, in a link or not: what goes on without anybody's doing. */
export function handshakes(world: World): readonly Event[] {
  return world.dummies.flatMap((dummy, index) =>
    indices(world.up).flatMap((upstream): Event[] => {
      if (has(dummy.links, upstream)) return [];
      const isLate = has(dummy.late, upstream);
      const over = (links: Bits) =>
        change(world, index, (one) => ({ ...one, links, late: remove(one.late, upstream) }));
      const events: Event[] = [];
      if (dummy.process === "runs" && has(dummy.pinned, upstream) && (dummy.dials || isLate)) {
        events.push({
          says: `dummy ${index} is linked at upstream ${upstream}`,
          world: over(add(dummy.links, upstream)),
        });
      }
      if (isLate)
        events.push({ says: `a handshake of dummy ${index} with upstream ${upstream} ends`, world: over(dummy.links) });
      return events;
    }),
  );
}

/** Freezing, thawing, dying, starting again; and a reload that somebody asked for long ago. */
export function accidents(world: World): readonly Event[] {
  const ofDummies = world.dummies.flatMap((dummy, index): Event[] => {
    const happens = (says: string, to: (dummy: Dummy) => Dummy, faults = 0): Event => ({
      says: `dummy ${index} ${says}`,
      world: { ...change(world, index, to), faults: world.faults - faults },
    });
    const thawed = (one: Dummy): Dummy => ({ ...one, process: "runs" });
    if (dummy.process === "dead") return [happens("starts again", start)];
    if (dummy.process === "frozen") {
      return [happens("thaws", thawed), happens("thaws and reloads", (one) => reload(thawed(one), world.up))];
    }
    if (world.faults === 0 || world.fragile === "upstreams") return [];
    const dies = { says: `dummy ${index} dies`, world: { ...kill(world, index), faults: world.faults - 1 } };
    return [happens("freezes", (one) => ({ ...one, process: "frozen" }), 1), dies];
  });
  return [...ofDummies, ...indices(everyUpstream(world)).flatMap((upstream) => ofUpstream(world, upstream))];
}

function ofUpstream(world: World, upstream: number): readonly Event[] {
  if (!has(world.up, upstream))
    return [{ says: `upstream ${upstream} starts again`, world: startUpstream(world, upstream) }];
  // Upstreams are alike: where one alone can die, what comes of another's death is the same with their numbers changed.
  const isFragile = world.fragile === "all" || (world.fragile === "upstreams" && (upstream === 0 || world.faults > 1));
  const isUnread = world.dummies.some(({ admitted, pinned }) => has(admitted ^ pinned, upstream));
  const dead = { ...endUpstream(world, upstream), faults: world.faults - 1 };
  return [
    ...(isUnread ? [{ says: `upstream ${upstream} reloads`, world: readPins(world, upstream) }] : []),
    ...(world.faults > 0 && isFragile ? [{ says: `upstream ${upstream} dies`, world: dead }] : []),
  ];
}

/** The same world has the same text. Runs have no names, so their order says nothing. */
export function keyOf(world: World, steps: readonly string[]): string {
  const { config, guard, faults, commands, proved, clean } = world;
  const dummies = world.dummies.map((one) => {
    const process = one.process === "runs" ? 0 : one.process === "frozen" ? 1 : 2;
    const flags = (Number(one.file) << 3) | (Number(one.dials) << 2) | process;
    return (one.links << 10) | (one.late << 8) | (one.admitted << 6) | (one.pinned << 4) | flags;
  });
  const runs = world.runs.map((run) => {
    const flags = [run.newest, run.stays, run.wanted, run.placed].reduce((bits, is) => (bits << 1) | Number(is), 0);
    return String.fromCharCode(
      (steps.indexOf(run.step) << 10) | (codeOf(run.config) << 3) | run.todo,
      (run.asks << 14) | (run.unread << 12) | (run.attached << 9) | (run.settled << 6) | ((run.from + 1) << 4) | flags,
      (run.stopped << 3) | run.letIn,
    );
  });
  if (runs.length === 2 && (runs[0] ?? "") > (runs[1] ?? "")) runs.reverse();
  const rest = (world.up << 10) | (faults << 8) | (commands << 5) | (proved << 2) | Number(clean);
  return String.fromCharCode(...dummies, codeOf(config), (guard.epoch << 3) | guard.fenced, rest) + runs.join("");
}

const codeOf = ({ active, epoch, fenced }: Config): number => (active << 5) | (epoch << 3) | fenced;
